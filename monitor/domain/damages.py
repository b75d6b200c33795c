"""Damages: what an incident cost, as far as the ledger can tell. Money is integer nano-dollars.

No call says that it is a retry. What can be told is which calls of the same team, project, app and
key began soon after one of them had failed: at most these are retries, and the true number may be
any smaller one.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from monitor.domain.windows import DAY_MS, MINUTE_MS, Window

#: So long after a failed call another one may be its retry.
SOON_MS = MINUTE_MS


class Known(NamedTuple):
    """So many calls, the cost of some of which is not known, and what the others cost."""

    calls: int = 0
    unknown: int = 0
    nano_usd: int = 0

    def __add__(self, other: object) -> "Known":
        if not isinstance(other, Known):
            return NotImplemented
        return Known(*(a + b for a, b in zip(self, other, strict=True)))


class TeamDamage(NamedTuple):
    """Failed calls of a team ("": none was told), and the tokens that are known to be used."""

    team: str
    failed: Known
    tokens: int


class Made(NamedTuple):
    """A call of somebody (the number of his attribution) who may have tried again."""

    whose: int
    started_ms: int
    nano_usd: int | None


class Gone(NamedTuple):
    """A call of somebody that failed, and when."""

    whose: int
    ended_ms: int


class ProbeDamage(NamedTuple):
    """What probes cost in the time, and at their usual pace would have; `None`: not known."""

    made: Known
    usual_nano_usd: int | None

    @property
    def above_nano_usd(self) -> int | None:
        """What they cost above their usual pace."""
        if self.usual_nano_usd is None:
            return None
        return max(0, self.made.nano_usd - self.usual_nano_usd)


@dataclass(frozen=True, slots=True)
class Damage:
    """What an incident cost. Single calls were looked at in `looked_at`, its end.

    `retries` are at most so many; `None` where there are too many calls to tell. Of `nobodys`
    failed calls nobody was told, so that nothing is known of their retries.
    """

    looked_at: Window
    teams: tuple[TeamDamage, ...]
    retries: Known | None
    nobodys: int
    probes: ProbeDamage

    @property
    def failed(self) -> Known:
        """All failed calls of teams."""
        return sum((each.failed for each in self.teams), Known())

    @property
    def tokens(self) -> int:
        """The tokens that failed calls are known to have used."""
        return sum(each.tokens for each in self.teams)


def follow_ups(failed: Iterable[Gone], made: Iterable[Made]) -> Known:
    """The calls that may be retries: each failed one has at most one, the next of its own.

    Taking the earliest that is left gives as many pairs as any choice would.
    """
    tries: dict[int, list[Made]] = {}
    for call in sorted(made, key=lambda each: each.started_ms):
        tries.setdefault(call.whose, []).append(call)
    gone: dict[int, list[int]] = {}
    for each in failed:
        gone.setdefault(each.whose, []).append(each.ended_ms)
    found = (_match(sorted(ends), tries.get(whose, ())) for whose, ends in gone.items())
    return sum(found, Known())


def _match(ends_ms: Sequence[int], tries: Sequence[Made]) -> Known:
    found, place = Known(), 0
    for ended_ms in ends_ms:
        while place < len(tries) and tries[place].started_ms < ended_ms:
            place += 1
        if place < len(tries) and tries[place].started_ms < ended_ms + SOON_MS:
            found += known(tries[place].nano_usd)
            place += 1
    return found


def known(nano_usd: int | None) -> Known:
    """One call of that cost."""
    return Known(1, 1, 0) if nano_usd is None else Known(1, 0, nano_usd)


def usual_pace(day_nano_usd: int | None, length_ms: int) -> int | None:
    """What a day's probes come to in a time, rounded down; `None` where the day is not known."""
    return None if day_nano_usd is None else day_nano_usd * length_ms // DAY_MS


def describe(damage: Damage) -> Mapping[str, object]:
    """The same as JSON; null is not known."""
    retries, probes = damage.retries, damage.probes
    return {
        "from_ms": damage.looked_at.from_ms,
        "to_ms": damage.looked_at.to_ms,
        "teams": [
            {"team": each.team or None, "tokens": each.tokens, **each.failed._asdict()}
            for each in damage.teams
        ],
        "retries_at_most": None if retries is None else retries._asdict(),
        "failed_of_nobody": damage.nobodys,
        "probes": probes.made._asdict(),
        "probes_usual_nano_usd": probes.usual_nano_usd,
        "probes_above_nano_usd": probes.above_nano_usd,
    }
