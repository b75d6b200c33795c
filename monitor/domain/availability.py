"""Availability: the share of the watched time in which an endpoint was not down.

Computed by time, so that checks at mixed intervals cannot bend it (docs/semantics.md, 4). Shares
are whole thousandths of a percent, rounded down: 100,000 stands for 100 % and means no down time
at all. `None` means that nothing was watched. The success rate of calls stands beside it.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from math import sqrt

from monitor.domain.health import Span, State
from monitor.domain.maintenance import cut, join
from monitor.domain.windows import Window

#: 100 %, in thousandths of a percent.
WHOLE_MILLI = 100_000

#: How many calls a success rate needs to be shown.
MIN_PROBES = 20
MIN_TRAFFIC = 100

#: The two-sided 95 % quantile of the normal distribution.
_Z = 1.959963984540054

Milliseconds = dict[tuple[State, bool], int]


@dataclass(frozen=True, slots=True)
class Availability:
    """How a window went, in milliseconds.

    `covered_ms` is the time known to be up, degraded or down, `down_ms` the down part of it,
    both without `maintenance_ms`.
    """

    window_ms: int
    covered_ms: int
    down_ms: int
    maintenance_ms: int = 0

    @property
    def percent_milli(self) -> int | None:
        """Thousandths of a percent of the covered time that were not down; `None` without any."""
        return _share(self.covered_ms - self.down_ms, self.covered_ms)

    @property
    def coverage_milli(self) -> int | None:
        """Thousandths of a percent of the window that were covered or in maintenance."""
        return _share(self.covered_ms + self.maintenance_ms, self.window_ms)


def _share(part_ms: int, whole_ms: int) -> int | None:
    return WHOLE_MILLI * part_ms // whole_ms if whole_ms else None


def judge(milliseconds: Mapping[tuple[State, bool], int], window_ms: int) -> Availability:
    """The availability of milliseconds by (state, whether in maintenance).

    `window_ms` is the length of the window clipped to [creation, settled).
    """
    known = {s: milliseconds.get((s, False), 0) for s in State if s is not State.UNKNOWN}
    return Availability(
        window_ms=window_ms,
        covered_ms=sum(known.values()),
        down_ms=known[State.DOWN],
        maintenance_ms=sum(ms for (_, is_held), ms in milliseconds.items() if is_held),
    )


def sum_by_state(
    spans: Iterable[Span], window: Window, maintenance: Iterable[Window] = ()
) -> Milliseconds:
    """The milliseconds of a window by (state, whether in maintenance); windows may overlap."""
    held = join(maintenance)
    sums: Milliseconds = {}
    for span in spans:
        inside = window.clip(span.from_ms, span.to_ms)
        for part, is_held in cut(inside, held):
            key = span.state, is_held
            sums[key] = sums.get(key, 0) + part.length_ms
    return sums


@dataclass(frozen=True, slots=True)
class SuccessRate:
    """The share of good calls among `n` good and bad ones, and its 95 % interval, from 0 to 1."""

    n: int
    rate: float
    low: float
    high: float


def success_rate(good: int, bad: int, min_calls: int) -> SuccessRate | None:
    """The success rate with its Wilson score interval (E. B. Wilson, 1927).

    `None` under `min_calls` (`MIN_PROBES`, `MIN_TRAFFIC`): that few calls tell nothing.
    """
    n = good + bad
    if n < max(min_calls, 1):
        return None
    rate = good / n
    widening = 1 + _Z**2 / n
    middle = (rate + _Z**2 / (2 * n)) / widening
    half = _Z / widening * sqrt(rate * (1 - rate) / n + _Z**2 / (4 * n**2))
    # Rounding must not push the rate itself out of its interval.
    return SuccessRate(
        n, rate, max(0.0, min(rate, middle - half)), min(1.0, max(rate, middle + half))
    )
