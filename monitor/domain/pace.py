"""Pace: how fast, and how rightly, an endpoint's last probes were answered.

What counts is the time to the first token of good infer probes, in whole microseconds: they all
ask the same little. Performance and capability probes ask other things, and a team's calls
anything at all. Percentiles are nearest-rank, so that all of it is exact.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from statistics import median_low
from typing import NamedTuple

from monitor.domain.health import Rule
from monitor.domain.windows import DAY_MS, HOUR_MS, Window

#: How many probes are looked at, how many are needed to say anything, and of how many days.
RECENT, LEAST, DAYS = 20, 10, 7
#: How many probes at that hour tell what is usual.
LEAST_USUAL = 5


class Sample(NamedTuple):
    """A good infer probe, and what was usual at its hour; `None` where it is not known."""

    started_ms: int
    ended_ms: int
    gap_ms: int
    ttft_us: int | None
    is_wrong: bool
    usual_us: int | None


@dataclass(frozen=True, slots=True)
class Pace:
    """One endpoint's last probes, oldest first, and what they say.

    `ttfts_us` and `wrongs` (1 for a wrong answer) are of the last probes. `usual_us` is what was
    usual at `hour` (hours of UTC since 1970) when the first probe of that hour came in; it holds
    for the whole hour. `last_ms` is the end of the newest probe, `gap_ms` the gap stored with it.
    """

    ttfts_us: tuple[int, ...] = ()
    wrongs: tuple[int, ...] = ()
    hour: int | None = None
    usual_us: int | None = None
    last_ms: int | None = None
    gap_ms: int = 0
    is_slow: bool = False
    is_poor: bool = False

    @property
    def is_degraded(self) -> bool:
        """Whether the endpoint answers too slowly, or too often wrongly."""
        return self.is_slow or self.is_poor


def hour_of(instant_ms: int) -> int:
    """The hour of UTC that an instant lies in."""
    return instant_ms // HOUR_MS


def same_hours(hour: int) -> list[Window]:
    """The same hour of the day on each of the days before."""
    starts = (hour * HOUR_MS - day * DAY_MS for day in range(DAYS, 0, -1))
    return [Window(start, start + HOUR_MS) for start in starts]


def usual(ttfts_us: Sequence[int]) -> int | None:
    """The median of what was measured at an hour; `None` where that is too little."""
    return median_low(ttfts_us) if len(ttfts_us) >= LEAST_USUAL else None


def advance(pace: Pace, samples: Iterable[Sample], rule: Rule) -> tuple[Pace, list[bool]]:
    """Move a row forward by probes in their order of recording; and what each left it saying.

    A probe that ends no later than the newest one changes nothing.
    """
    said: list[bool] = []
    for sample in samples:
        if pace.last_ms is None or sample.ended_ms > pace.last_ms:
            pace = _take(pace, sample, rule)
        said.append(pace.is_degraded)
    return pace, said


def _take(pace: Pace, sample: Sample, rule: Rule) -> Pace:
    if pace.last_ms is not None and sample.started_ms - pace.last_ms > 2 * pace.gap_ms:
        pace = Pace(hour=pace.hour, usual_us=pace.usual_us)  # it says nothing of now
    wrongs = (*pace.wrongs, int(sample.is_wrong))[-RECENT:]
    ttfts_us = pace.ttfts_us
    if sample.ttft_us is not None:
        ttfts_us = (*ttfts_us, sample.ttft_us)[-RECENT:]
    return replace(
        pace,
        ttfts_us=ttfts_us,
        wrongs=wrongs,
        hour=max(hour_of(sample.started_ms), pace.hour or 0),
        usual_us=sample.usual_us,
        last_ms=sample.ended_ms,
        gap_ms=sample.gap_ms,
        is_slow=_is_slow(ttfts_us, sample.usual_us, rule, was_slow=pace.is_slow),
        is_poor=_is_poor(wrongs, rule, was_poor=pace.is_poor),
    )


def _is_slow(ttfts_us: Sequence[int], usual_us: int | None, rule: Rule, *, was_slow: bool) -> bool:
    if usual_us is None or len(ttfts_us) < LEAST:
        return False
    factor = rule.slow_factor_to_leave if was_slow else rule.slow_factor
    return p95(ttfts_us) > max(rule.slow_cap_us, factor * usual_us)


def _is_poor(wrongs: Sequence[int], rule: Rule, *, was_poor: bool) -> bool:
    if len(wrongs) < LEAST:
        return False
    percent = rule.wrong_percent_to_leave if was_poor else rule.wrong_percent
    return 100 * sum(wrongs) > percent * len(wrongs)


def p95(values: Sequence[int]) -> int:
    """The smallest of the values that 95 % of them do not exceed."""
    return sorted(values)[(95 * len(values) + 99) // 100 - 1]
