"""Traffic: what a team's own calls say of an endpoint, minute by minute of UTC.

Where probes are made, failing traffic only brings the next one forward. Where none are, minutes
of traffic take their place: each is one tick, failing when too large a share of its calls failed.
Calls that are neither good nor charged do not count; a call belongs to the minute of its end.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import NamedTuple

from monitor.domain.health import Rule, Tick, Verdict
from monitor.domain.windows import MINUTE_MS


class Said(NamedTuple):
    """A team's call that was good or charged."""

    started_ms: int
    ended_ms: int
    gap_ms: int
    is_good: bool


@dataclass(frozen=True, slots=True)
class Meter:
    """The calls of one endpoint in its newest minute, as far as they are in.

    `started_ms` is the earliest start and `ended_ms` the latest end of any of them,
    `first_failed_ms` the earliest start and `last_failed_ms` the latest end of those that failed.
    """

    minute: int | None = None
    good: int = 0
    failed: int = 0
    started_ms: int = 0
    ended_ms: int = 0
    gap_ms: int = 0
    first_failed_ms: int | None = None
    last_failed_ms: int | None = None


def minute_of(instant_ms: int) -> int:
    """The minute of UTC that an instant lies in."""
    return instant_ms // MINUTE_MS


def is_failing(good: int, failed: int, rule: Rule) -> bool:
    """Whether so many calls of one minute failed that it is worth a look."""
    calls = good + failed
    return calls >= rule.traffic_calls and 100 * failed >= rule.traffic_percent * calls


def advance(meter: Meter, heard: Iterable[Said | Tick], rule: Rule) -> tuple[Meter, list[Tick]]:
    """Count calls, where nothing is probed, and the ticks that follow; ticks pass as they are.

    While none of its minute has failed, a good call vouches at once. From the first failure on,
    the minute speaks as a whole, when the next one begins. A call of a minute that has spoken
    says nothing any more.
    """
    ticks: list[Tick] = []
    minute = _Minute(meter)
    for each in heard:
        if isinstance(each, Tick):
            ticks.append(each)
            continue
        number = each.ended_ms // MINUTE_MS
        if minute.number is None or number > minute.number:
            ticks += _close(minute.freeze(), rule)
            minute = _Minute(Meter(number, started_ms=each.started_ms))
        elif number < minute.number:
            continue
        if each.is_good and not minute.failed:
            ticks.append(Tick(each.started_ms, each.ended_ms, Verdict.PASS, False, each.gap_ms))  # noqa: FBT003 -- no probe; by position, for each call of a batch
        minute.count(each)
    return minute.freeze(), ticks


class _Minute:
    """A meter on its way: the fields of `Meter`, open to change."""

    __slots__ = (
        "ended_ms",
        "failed",
        "first_failed_ms",
        "gap_ms",
        "good",
        "last_failed_ms",
        "number",
        "started_ms",
    )

    def __init__(self, meter: Meter) -> None:
        self.number, self.good, self.failed = meter.minute, meter.good, meter.failed
        self.started_ms, self.ended_ms, self.gap_ms = meter.started_ms, meter.ended_ms, meter.gap_ms
        self.first_failed_ms = meter.first_failed_ms
        self.last_failed_ms = meter.last_failed_ms

    def freeze(self) -> Meter:
        return Meter(
            minute=self.number,
            good=self.good,
            failed=self.failed,
            started_ms=self.started_ms,
            ended_ms=self.ended_ms,
            gap_ms=self.gap_ms,
            first_failed_ms=self.first_failed_ms,
            last_failed_ms=self.last_failed_ms,
        )

    def count(self, said: Said) -> None:
        started_ms, ended_ms, self.gap_ms, is_good = said
        self.started_ms = min(self.started_ms, started_ms)
        self.ended_ms = max(self.ended_ms, ended_ms)
        if is_good:
            self.good += 1
        else:
            self._count_failure(started_ms, ended_ms)

    def _count_failure(self, started_ms: int, ended_ms: int) -> None:
        first_ms, last_ms = self.first_failed_ms, self.last_failed_ms
        self.failed += 1
        self.first_failed_ms = started_ms if first_ms is None else min(started_ms, first_ms)
        self.last_failed_ms = ended_ms if last_ms is None else max(ended_ms, last_ms)


def _close(meter: Meter, rule: Rule) -> tuple[Tick, ...]:
    """What a whole minute says: failing or not, where it has calls enough; else it vouches."""
    first_ms, last_ms = meter.first_failed_ms, meter.last_failed_ms
    calls, gap_ms = meter.good + meter.failed, meter.gap_ms
    if first_ms is not None and last_ms is not None and is_failing(meter.good, meter.failed, rule):
        return (Tick(first_ms, last_ms, Verdict.FAIL, is_probe=True, gap_ms=gap_ms),)
    if calls >= rule.traffic_calls or (meter.good and meter.failed):
        is_enough = calls >= rule.traffic_calls
        return (Tick(meter.started_ms, meter.ended_ms, Verdict.PASS, is_enough, gap_ms),)
    return ()
