"""Courses: how money adds up over a period, what it may come to, and what it may be."""

from collections.abc import Sequence
from itertools import accumulate
from typing import Any

from dashboard import theme
from dashboard.figures.axes import Figure, figure, has_values, say
from dashboard.figures.spend import day_label, nothing
from monitor.domain.forecasts import Band
from monitor.domain.money import usd_from_nano
from monitor.storage.queries.usage import DayTotals

BEFORE, SO_FAR, BUDGET = theme.SERIES[7], theme.SERIES[0], theme.SERIES[6]


def cumulative(
    days: Sequence[DayTotals],
    before: Sequence[DayTotals],
    period: range,
    *,
    projected_nano_usd: int | None = None,
    bands: Sequence[Band] = (),
    limit_nano_usd: int | None = None,
) -> Figure:
    """Dollars of a period as they add up; the period before dotted, on the same days of it.

    Beside them what it may come to (dashed, and shaded from the tenth to nine tenths of the ways
    ahead, `bands` by the end of today and of each day to come), and the budget.
    """
    so_far = _added(days)
    traces = [
        _line("The period before", BEFORE, period, _added(before), dash="dot", width=1.4),
        _line("So far", SO_FAR, period, so_far, width=2.4),
    ]
    if bands and so_far:
        traces += _shade(period, len(so_far) - 1, bands)
    elif projected_nano_usd is not None and so_far:
        traces.append(_projected(period, len(so_far), so_far[-1], projected_nano_usd))
    if limit_nano_usd is not None:
        traces.append(_limit(period, limit_nano_usd))
    drawn = figure(traces, yaxis={"tickprefix": "$"})
    if has_values(drawn):
        return drawn
    return say(nothing(days) if any(each.totals.n for each in days) else "No calls yet", drawn)


def _added(days: Sequence[DayTotals]) -> list[int]:
    return list(accumulate(each.totals.cost_nano_usd for each in days))


def _line(
    name: str, colour: str, period: range, amounts: Sequence[int], *, width: float, dash: str = ""
) -> dict[str, Any]:
    shown = list(zip(period, amounts, strict=False))
    return {
        "type": "scatter",
        "mode": "lines" if len(shown) > 1 else "markers",
        "name": name,
        "x": [day_label(day) for day, _ in shown],
        "y": [float(usd_from_nano(amount)) for _, amount in shown],
        "line": {"color": colour, "width": width} | ({"dash": dash} if dash else {}),
        "marker": {"color": colour, "size": 7},
        "hovertemplate": "$%{y:,.2f}",
    }


def _projected(period: range, passed: int, spent: int, projected: int) -> dict[str, Any]:
    ends = [(period[passed - 1], spent), (period[-1], projected)]
    line = _line("Projected", SO_FAR, period, [], width=1.6, dash="dash")
    return line | {
        "mode": "lines",
        "x": [day_label(day) for day, _ in ends],
        "y": [float(usd_from_nano(amount)) for _, amount in ends],
    }


def _shade(period: range, today: int, bands: Sequence[Band]) -> list[dict[str, Any]]:
    """Lines at the ends of days, from today on; a spent amount stands at its day, as in `_line`."""
    days = period[today : today + len(bands)]
    edges = [_line("", SO_FAR, days, [each[at] for each in bands], width=0) for at in (0, 2)]
    hidden = {"mode": "lines", "hoverinfo": "skip", "showlegend": False}
    low, high = (edge | hidden for edge in edges)
    middles = [each.middle for each in bands]
    middle = _line("Forecast", SO_FAR, days, middles, width=1.6, dash="dash")
    ranges = [[float(usd_from_nano(each)) for each in (band.low, band.high)] for band in bands]
    told = "$%{y:,.2f} ($%{customdata[0]:,.2f} to $%{customdata[1]:,.2f})"
    said = {"customdata": ranges, "hovertemplate": told}
    shaded = {"fill": "tonexty", "fillcolor": theme.fade(SO_FAR)}
    return [low, high | shaded, middle | said | {"mode": "lines"}]


def _limit(period: range, limit_nano_usd: int) -> dict[str, Any]:
    line = _line("Budget", BUDGET, period, [], width=1.4, dash="longdash")
    amount = float(usd_from_nano(limit_nano_usd))
    return line | {
        "mode": "lines",
        "x": [day_label(period[0]), day_label(period[-1])],
        "y": [amount, amount],
    }
