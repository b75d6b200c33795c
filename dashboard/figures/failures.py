"""Failures: failed calls over time, stacked by what went wrong. Time without calls is shaded."""

from collections.abc import Iterator, Mapping, Sequence
from itertools import pairwise
from typing import Any
from zoneinfo import ZoneInfo

from dashboard.figures.axes import (
    Figure,
    blind_spans,
    count_axis,
    drill,
    figure,
    has_values,
    say,
    time_range,
    wall,
)
from dashboard.theme import SERIES
from monitor.domain.outcomes import RULINGS, Blame, Outcome, Result
from monitor.domain.windows import Window
from monitor.storage.queries.failures import Step

OURS, BROWN = "#5f6b80", "#9c6b4e"
_OVERLOADED, _SERVER, _TIMEOUT = "Overloaded", "Server error", "Timeout"
_NETWORK, _BROKEN, _LIMITED = "Network", "Broken answer", "Rate limited"
_ACCOUNT, _REQUEST, _OURS = "Account", "Request or unclear", "Our own side"

#: What failures are called in a chart, in the order they are stacked, and their colours.
FAMILIES = {
    _OVERLOADED: SERIES[1],
    _SERVER: SERIES[6],
    _TIMEOUT: SERIES[3],
    _NETWORK: SERIES[5],
    _BROKEN: BROWN,
    _LIMITED: SERIES[4],
    _ACCOUNT: SERIES[0],
    _REQUEST: SERIES[7],
    _OURS: OURS,
}
_BY_CLASS: dict[Result, str] = {
    Outcome.OVERLOADED: _OVERLOADED,
    Outcome.SERVER_ERROR: _SERVER,
    Outcome.TIMEOUT_CONNECT: _TIMEOUT,
    Outcome.TIMEOUT_FIRST_TOKEN: _TIMEOUT,
    Outcome.TIMEOUT_TOTAL: _TIMEOUT,
    Outcome.RATE_LIMITED: _LIMITED,
}
_BY_BLAME = {
    Blame.PROVIDER: _BROKEN,
    Blame.NETWORK: _NETWORK,
    Blame.ACCOUNT: _ACCOUNT,
    Blame.MONITOR: _OURS,
}


def family_of(result: Result) -> str:
    """What a class of failure is called in a chart."""
    return _BY_CLASS.get(result) or _BY_BLAME.get(RULINGS[result].blame, _REQUEST)


def families_in(steps: Sequence[Step]) -> list[str]:
    """Those that occur, in the order they are stacked."""
    found = {family_of(result) for step in steps for result in step.failed}
    return [family for family in FAMILIES if family in found]


def over_time(steps: Sequence[Step], window: Window, zone: ZoneInfo, *, href: str) -> Figure:
    """A bar for each step, of the families that occur; a click leads to the calls of it."""
    starts = [step.from_ms for step in steps]
    shape = drill(starts, href)
    traces = [_bars(family, steps, zone, shape) for family in families_in(steps)]
    unknown = [step.from_ms for step in steps if not step.calls]
    drawn = figure(
        traces,
        barmode="stack",
        bargap=0.08,
        xaxis=time_range(_widened(window), zone) | {"nticks": 5},
        yaxis=count_axis(max((sum(step.failed.values()) for step in steps), default=0)),
        shapes=blind_spans(unknown, starts, window, zone),
        meta=shape["meta"],
    )
    return drawn if has_values(drawn) else say(_nothing(steps), drawn)


def _widened(window: Window) -> Window:
    """A little earlier, so that the first bar and its label stand clear of the axis."""
    return Window(window.from_ms - window.length_ms // 40, window.to_ms)


def _nothing(steps: Sequence[Step]) -> str:
    made = sum(step.calls for step in steps)
    return f"None of {made:,} calls failed" if made else "No call in this window"


def _bars(
    family: str, steps: Sequence[Step], zone: ZoneInfo, shape: Mapping[str, Any]
) -> dict[str, Any]:
    return {
        "type": "bar",
        "name": family,
        "x": [wall(step.from_ms, zone) for step in steps],
        "y": [_count(step, family) if step.calls else None for step in steps],
        "customdata": shape["customdata"],
        "offset": 0,
        "width": list(_widths(steps)),
        "marker": {"color": FAMILIES[family], "line": {"width": 0}},
        "hovertemplate": "%{y:,}",
    }


def _count(step: Step, family: str) -> int:
    return sum(n for result, n in step.failed.items() if family_of(result) == family)


def _widths(steps: Sequence[Step]) -> Iterator[float]:
    starts = [step.from_ms for step in steps]
    lengths = [b - a for a, b in pairwise(starts)]
    for length in [*lengths, *(lengths[-1:] or [900_000])]:
        yield length * 0.92
