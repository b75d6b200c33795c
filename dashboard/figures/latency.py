"""Latency: percentiles over time. A step without calls is a gap in the line."""

from collections.abc import Mapping, Sequence
from typing import Any
from zoneinfo import ZoneInfo

from dashboard import format as fmt
from dashboard.figures.axes import Figure, drill, figure, has_values, say, time_range, wall
from monitor.domain.histogram import quantile_s
from monitor.domain.windows import Window
from monitor.storage.queries.latency import Point

_DASHES = ((0.5, "solid", 2), (0.95, "dot", 1.3))


def percentiles(
    series: Mapping[str, tuple[str, Sequence[Point]]],
    window: Window,
    zone: ZoneInfo,
    *,
    href: str,
) -> Figure:
    """p50 (solid) and p95 (dotted) in seconds, of each series: name → (colour, points).

    A click leads to the calls of the step, listed at `href`; to nothing where that is empty.
    """
    traces = [
        _trace(name, colour, points, quantile, zone)
        for name, (colour, points) in series.items()
        for quantile in _DASHES
    ]
    starts = [point.from_ms for _, points in [*series.values()][:1] for point in points]
    drawn = figure(
        traces,
        xaxis=time_range(window, zone),
        yaxis={"ticksuffix": " s"},
        meta=drill(starts, href)["meta"],
    )
    return drawn if has_values(drawn) else say("No good call was measured in this window", drawn)


def _trace(
    name: str,
    colour: str,
    points: Sequence[Point],
    quantile: tuple[float, str, float],
    zone: ZoneInfo,
) -> dict[str, Any]:
    share, dash, width = quantile
    values = [quantile_s(point.histogram, share) for point in points]
    return {
        "type": "scatter",
        "mode": "lines+markers",
        "name": f"{name} p{share * 100:.0f}",
        "x": [wall(point.from_ms, zone) for point in points],
        "customdata": [point.from_ms for point in points],
        "y": [None if value is None else round(value, 4) for value in values],
        "line": {"color": colour, "width": width, "dash": dash},
        "marker": {"size": [4 if is_alone else 0 for is_alone in _alone(values)]},
        "connectgaps": False,
        "hovertemplate": "%{y:.3f} s",
    }


def _alone(values: Sequence[float | None]) -> list[bool]:
    """Which values have no neighbour to draw a line to."""
    padded = [None, *values, None]
    return [
        value is not None and before is None and after is None
        for before, value, after in zip(padded, values, padded[2:], strict=False)
    ]


def spark(points: Sequence[Point], share: float = 0.5) -> str:
    """The medians of a line without axes, in seconds; a step without calls is empty."""
    values = [quantile_s(point.histogram, share) for point in points]
    return ",".join("" if value is None else f"{value:.3g}" for value in values)


def describe(points: Sequence[Point]) -> str:
    """The range of the medians, in words."""
    found = [quantile_s(point.histogram, 0.5) for point in points]
    known = [value for value in found if value is not None]
    if not known:
        return "no measured call"
    return f"median between {fmt.seconds(min(known))} and {fmt.seconds(max(known))}"
