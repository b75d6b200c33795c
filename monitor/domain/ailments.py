"""Ailments: what is wrong with the monitor itself, by its own looks of the last minutes.

Each opens when something held at every look for a while, and is over when it did not hold at any
for as long; in between it stays as it is. Too few looks say nothing. A machine that is asleep
makes no looks, and so neither opens nor closes anything.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from monitor.domain.vitals import Vitals
from monitor.domain.windows import MINUTE_MS

#: A look is due every minute; so much of a while has to be seen at least.
_SEEN = 0.7
_MIB = 1024**2
#: A limit is left only so far below it, in percent: what swings about it is told once.
_SLACK = 20
_WHOLE = 100
#: Of fewer runs no share is told.
_FEWEST_RUNS = 10


@dataclass(frozen=True, slots=True)
class LagLimit:
    """How late the event loop may be, in ms, and for how many minutes it may be later."""

    limit_ms: int = 1_000
    minutes: int = 5


@dataclass(frozen=True, slots=True)
class QueueLimit:
    """How many calls may wait for the writer, and for how many minutes more of them may."""

    calls: int = 10_000
    minutes: int = 5


@dataclass(frozen=True, slots=True)
class DiskLimit:
    """How much of a volume has to be free, in MiB and in percent: below either is too little."""

    free_mib: int = 1_024
    free_percent: int = 5


@dataclass(frozen=True, slots=True)
class RunsLimit:
    """What share of probe runs may be missed or skipped, in percent, over so many minutes."""

    percent: int = 10
    minutes: int = 15


@dataclass(frozen=True, slots=True)
class Patience:
    """For how many hours beyond the time that it is due in something may fail."""

    hours: int = 6


class Judged(NamedTuple):
    """Whether something is wrong after a look, and since when that is so."""

    is_firing: bool
    since_ms: int


class Runs(NamedTuple):
    """Probe runs of a time: those that were made, and those that fell due and were not."""

    made: int
    lost: int

    @property
    def percent(self) -> int | None:
        """What share was not made; `None` where too few fell due to say."""
        due = self.made + self.lost
        return None if due < _FEWEST_RUNS else _WHOLE * self.lost // due


class Volume(NamedTuple):
    """A volume that files lie on, by what it is for; bytes."""

    name: str
    free_bytes: int
    total_bytes: int


def judge(
    looks: Sequence[tuple[int, bool, bool]], minutes: int, now_ms: int, *, is_firing: bool
) -> Judged | None:
    """What becomes of a condition; `None` where it stays as it is.

    A look is an instant, whether it was bad then, and whether it was good; one between the two
    limits is neither.
    """
    since_ms = now_ms - minutes * MINUTE_MS
    seen = [look for look in looks if since_ms < look[0] <= now_ms]
    if len(seen) < max(1, round(minutes * _SEEN)):
        return None
    wanted = 2 if is_firing else 1
    if not all(look[wanted] for look in seen):
        return None
    return Judged(not is_firing, seen[0][0])


def above(
    looks: Sequence[Vitals], value: Callable[[Vitals], float | None], limit: float
) -> list[tuple[int, bool, bool]]:
    """Looks as `judge` takes them: bad at the limit and above, good well below it."""
    found = ((look.at_ms, value(look)) for look in looks)
    return [
        (at_ms, each >= limit, each < limit * (_WHOLE - _SLACK) / _WHOLE)
        for at_ms, each in found
        if each is not None
    ]


def is_scarce(volume: Volume, limit: DiskLimit, *, is_firing: bool) -> bool:
    """Whether a volume has too little room; once it had, it needs a fifth more to be well again."""
    percent = _WHOLE + _SLACK if is_firing else _WHOLE
    least = limit.free_mib * _MIB * percent
    share = limit.free_percent * volume.total_bytes * percent
    free = volume.free_bytes * _WHOLE
    return free < least or free * _WHOLE < share


def is_lossy(runs: Runs, limit: RunsLimit, *, is_firing: bool) -> bool:
    """Whether too many runs were not made; once so, until a fifth fewer are."""
    percent = runs.percent
    if percent is None:
        return is_firing
    return percent * _WHOLE >= limit.percent * (_WHOLE - _SLACK if is_firing else _WHOLE)
