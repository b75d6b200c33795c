"""Deliveries: how soon alerts arrive, channel by channel. A step without any is a gap."""

from collections.abc import Mapping, Sequence
from typing import Any
from zoneinfo import ZoneInfo

from dashboard.figures.axes import Figure, figure, say, time_range, wall
from monitor.domain.promptness import Promptness
from monitor.domain.windows import Window

NEVER = "No alert was delivered in this window"
_LINES = (("p50", "solid", 2.0), ("p95", "dot", 1.3))

#: What arrived in a step, by the step's start.
Course = Sequence[tuple[int, Promptness | None]]


def promptness(courses: Mapping[str, tuple[str, Course]], window: Window, zone: ZoneInfo) -> Figure:
    """p50 (solid) and p95 (dotted) in seconds, of each channel: name → (colour, course)."""
    traces = [
        _trace(name, colour, course, line, zone)
        for name, (colour, course) in courses.items()
        for line in _LINES
    ]
    drawn = figure(
        traces, xaxis=time_range(window, zone), yaxis={"ticksuffix": " s"}, hovermode="closest"
    )
    return drawn if traces else say(NEVER, drawn)


def _trace(
    name: str, colour: str, course: Course, line: tuple[str, str, float], zone: ZoneInfo
) -> dict[str, Any]:
    which, dash, width = line
    return {
        "type": "scatter",
        "mode": "lines+markers",
        "name": f"{name} {which}",
        "x": [wall(at_ms, zone) for at_ms, _ in course],
        "y": [None if it is None else getattr(it, f"{which}_ms") / 1000 for _, it in course],
        "text": ["" if it is None else f"{it.n:,} messages" for _, it in course],
        "line": {"color": colour, "width": width, "dash": dash},
        "marker": {"size": 4},
        "connectgaps": False,
        "hovertemplate": "%{y:.1f} s · %{text}",
    }
