"""Traffic: what a team's own calls say of an endpoint, minute by minute of UTC.

Where probes are made, failing traffic only brings the next one forward. Where none are, minutes
of traffic take their place: each is one tick, failing when too large a share of its calls failed.
Calls that are neither good nor charged do not count; a call belongs to the minute of its end.
"""

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


def meter(meter: Meter, said: Said, rule: Rule) -> tuple[Meter, tuple[Tick, ...]]:
    """Count a call, where nothing is probed, and the ticks that follow from it.

    While none of its minute has failed, a good call vouches at once. From the first failure on,
    the minute speaks as a whole, when the next one begins. A call of a minute that has spoken
    says nothing any more.
    """
    minute = minute_of(said.ended_ms)
    ticks: tuple[Tick, ...] = ()
    if meter.minute is None or minute > meter.minute:
        ticks = _close(meter, rule)
        meter = Meter(minute, started_ms=said.started_ms)
    elif minute < meter.minute:
        return meter, ()
    if said.is_good and not meter.failed:
        word = Tick(
            said.started_ms, said.ended_ms, Verdict.PASS, is_probe=False, gap_ms=said.gap_ms
        )
        ticks = (*ticks, word)
    return _count(meter, said), ticks


def _count(meter: Meter, said: Said) -> Meter:
    first_failed_ms, last_failed_ms = meter.first_failed_ms, meter.last_failed_ms
    if not said.is_good:
        first_failed_ms = min(said.started_ms, first_failed_ms or said.started_ms)
        last_failed_ms = max(said.ended_ms, last_failed_ms or 0)
    return Meter(
        minute=meter.minute,
        good=meter.good + said.is_good,
        failed=meter.failed + (not said.is_good),
        started_ms=min(meter.started_ms, said.started_ms),
        ended_ms=max(meter.ended_ms, said.ended_ms),
        gap_ms=said.gap_ms,
        first_failed_ms=first_failed_ms,
        last_failed_ms=last_failed_ms,
    )


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
