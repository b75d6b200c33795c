"""Axes: what all charts share. Colours of text and grid come from the style sheet."""

from collections.abc import Collection, Sequence
from itertools import pairwise
from typing import Any
from zoneinfo import ZoneInfo

from dashboard.theme import FONT
from monitor.domain.windows import BUCKET_MS, DAY_MS, Window, moment

Figure = dict[str, Any]
#: Short enough for a chart on a telephone; the year stands in the window's name.
_TICKS = [
    {"dtickrange": [None, DAY_MS - 1], "value": "%H:%M\n%-d %b"},
    {"dtickrange": [DAY_MS, None], "value": "%-d %b"},
]
_FEW = 6
#: The shade of time of which nothing is known; grey on light and on dark.
BLIND = "rgba(128, 136, 152, 0.16)"


def wall(instant_ms: int, zone: ZoneInfo) -> str:
    """An instant as plotly takes it: the wall clock of the zone."""
    return f"{moment(instant_ms, zone):%Y-%m-%dT%H:%M:%S}"


def figure(traces: list[dict[str, Any]], **layout: Any) -> Figure:
    """A chart with our frame round it; `uirevision` keeps a reader's zoom over updates."""
    frame: dict[str, Any] = {
        "autosize": True,
        "margin": {"l": 52, "r": 8, "t": 8, "b": 38},
        "font": {"family": FONT, "size": 12},
        "showlegend": False,
        "hovermode": "x unified",
        "paper_bgcolor": "rgba(0,0,0,0)",
        "plot_bgcolor": "rgba(0,0,0,0)",
        "uirevision": "kept",
        "xaxis": {
            "showgrid": False,
            "zeroline": False,
            "type": "date",
            "nticks": 7,
            "tickangle": 0,
            "tickformatstops": _TICKS,
        },
        "yaxis": {"rangemode": "tozero", "zeroline": False, "nticks": 5, "automargin": False},
    }
    for key, value in layout.items():
        old = frame.get(key)
        frame[key] = old | value if isinstance(old, dict) else value
    return {"data": traces, "layout": frame}


def has_values(drawn: Figure) -> bool:
    """Whether any value of a chart is known and not zero."""
    return any(value for trace in drawn["data"] for value in trace["y"])


def say(sentence: str, drawn: Figure) -> Figure:
    """The same chart with a sentence instead of its axes, where there is nothing to draw."""
    words = {"text": sentence, "xref": "paper", "yref": "paper", "x": 0.5, "y": 0.5}
    layout = drawn["layout"]
    hidden = {axis: layout[axis] | {"visible": False} for axis in ("xaxis", "yaxis")}
    said = {**layout, **hidden, "shapes": [], "annotations": [words | {"showarrow": False}]}
    return {"data": [], "layout": said}


def count_axis(most: int) -> dict[str, Any]:
    """An axis of whole numbers up to `most`: a few of them are not cut into halves."""
    return {"tickformat": ",d", "dtick": 1 if most < _FEW else None}


def time_range(window: Window, zone: ZoneInfo) -> dict[str, Any]:
    """A time axis over the whole window, also where nothing was measured.

    Not a fixed range: it would move with the time, and take a reader's zoom along.
    """
    ends = [wall(window.from_ms, zone), wall(window.to_ms, zone)]
    return {"autorangeoptions": {"include": ends}}


def drill(starts: Sequence[int], href: str) -> dict[str, Any]:
    """What a chart needs so that a click leads down (assets/charts.js): `customdata`, `meta`.

    `href` lists the calls; the step that was clicked is added to it as its window.
    """
    last = starts[-1] - starts[-2] if len(starts) > 1 else BUCKET_MS
    return {"customdata": list(starts), "meta": {"href": href, "last_step_ms": last}}


def blind_spans(
    unknown: Collection[int], starts: Sequence[int], window: Window, zone: ZoneInfo
) -> list[dict[str, Any]]:
    """Shades for the steps that start at `unknown`; neighbours are one shade."""
    spans: list[tuple[int, int]] = []
    for start, end in pairwise([*starts, window.to_ms]):
        if start not in unknown or start >= end:
            continue
        if spans and spans[-1][1] == start:
            spans[-1] = (spans[-1][0], end)
        else:
            spans.append((start, end))
    return [_shade(*span, zone) for span in spans]


def _shade(from_ms: int, to_ms: int, zone: ZoneInfo) -> dict[str, Any]:
    return {
        "type": "rect",
        "layer": "below",
        "xref": "x",
        "yref": "paper",
        "x0": wall(from_ms, zone),
        "x1": wall(to_ms, zone),
        "y0": 0,
        "y1": 1,
        "fillcolor": BLIND,
        "line": {"width": 0},
    }
