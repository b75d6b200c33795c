"""Axes: what all charts share. Colours of text and grid come from the style sheet."""

from typing import Any
from zoneinfo import ZoneInfo

from dashboard.theme import FONT
from monitor.domain.windows import Window, moment

Figure = dict[str, Any]


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
    said = {**layout, **hidden, "annotations": [words | {"showarrow": False}]}
    return {"data": [], "layout": said}


def time_range(window: Window, zone: ZoneInfo) -> dict[str, Any]:
    """A time axis over the whole window, also where nothing was measured.

    Not a fixed range: it would move with the time, and take a reader's zoom along.
    """
    ends = [wall(window.from_ms, zone), wall(window.to_ms, zone)]
    return {"autorangeoptions": {"include": ends}}
