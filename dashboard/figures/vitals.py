"""Vitals: how the monitor itself fared. Time in which it took no look is shaded, and no zero."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any, NamedTuple
from zoneinfo import ZoneInfo

from dashboard.figures.axes import (
    Figure,
    blind_spans,
    count_axis,
    figure,
    has_values,
    say,
    time_range,
    wall,
)
from dashboard.theme import SERIES
from monitor.domain.windows import Window
from monitor.storage.queries.vitals import Step

NEVER = "The monitor took no look at itself in this window"


class Line(NamedTuple):
    """One series: its name and colour, and its value in a step that has looks."""

    name: str
    colour: str
    value_of: Callable[[Step], float | None]


LAG = (Line("Worst lag", SERIES[0], lambda step: step.lag_s),)
QUEUE = (
    Line("Waiting for the writer, at most", SERIES[0], lambda step: step.queued),
    Line("On the spool, at most", SERIES[6], lambda step: step.spooled),
)
SIZE = (
    Line("Database", SERIES[0], lambda step: step.database_bytes),
    Line("Write-ahead log", SERIES[5], lambda step: step.wal_bytes),
)
#: Why probe runs were not made; a reason that is new here is drawn in grey.
GAPS = {
    "missed": SERIES[1],
    "skipped": SERIES[3],
    "capped": SERIES[4],
    "offline": SERIES[6],
    "unpriced": SERIES[5],
}
_OTHER = SERIES[7]


def lines(
    chosen: Sequence[Line],
    steps: Sequence[Step],
    window: Window,
    zone: ZoneInfo,
    **yaxis: Any,
) -> Figure:
    """These lines over a window."""
    traces = [_trace(line, steps, zone) for line in chosen]
    starts = [step.from_ms for step in steps]
    unknown = [step.from_ms for step in steps if not step.looks]
    drawn = figure(
        traces,
        xaxis=time_range(window, zone) | {"nticks": 5},
        yaxis=yaxis,
        shapes=blind_spans(unknown, starts, window, zone),
    )
    return say(NEVER, drawn) if len(unknown) == len(steps) else drawn


def calls_axis(steps: Sequence[Step]) -> dict[str, Any]:
    """The axis of the queue and the spool."""
    return count_axis(max((max(step.queued, step.spooled) for step in steps), default=0))


def _trace(line: Line, steps: Sequence[Step], zone: ZoneInfo) -> dict[str, Any]:
    return {
        "type": "scatter",
        "mode": "lines+markers",
        "name": line.name,
        "x": [wall(step.from_ms, zone) for step in steps],
        "y": [line.value_of(step) if step.looks else None for step in steps],
        "line": {"color": line.colour, "width": 2},
        "marker": {"size": 4},
        "connectgaps": False,
    }


def colour_of(reason: str) -> str:
    """The colour of a reason for a probe that was not sent."""
    return GAPS.get(reason, _OTHER)


def gaps(steps: Sequence[tuple[int, Mapping[str, int]]], window: Window, zone: ZoneInfo) -> Figure:
    """Probe runs that were not made, stacked by reason."""
    reasons = sorted({reason for _, by_reason in steps for reason in by_reason})
    traces = [
        {
            "type": "bar",
            "name": reason,
            "x": [wall(from_ms, zone) for from_ms, _ in steps],
            "y": [by_reason.get(reason, 0) for _, by_reason in steps],
            "marker": {"color": colour_of(reason), "line": {"width": 0}},
            "hovertemplate": "%{y:,} runs",
        }
        for reason in reasons
    ]
    drawn = figure(
        traces,
        barmode="stack",
        bargap=0.08,
        xaxis=time_range(window, zone) | {"nticks": 5},
        yaxis=count_axis(max((sum(made.values()) for _, made in steps), default=0)),
    )
    return drawn if has_values(drawn) else say("No probe is known to have been left out", drawn)
