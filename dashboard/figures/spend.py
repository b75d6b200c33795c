"""Spend: dollars of each day, by whose they are.

What is not known is drawn: a day with calls of no price or no usage has a mark that says how many,
an owner who lacks much of a day a pattern, and a day of which no cost is known is shaded.
"""

from collections.abc import Sequence
from datetime import date
from html import escape
from typing import Any, NamedTuple
from zoneinfo import ZoneInfo

from dashboard import theme
from dashboard.figures.axes import BLIND, Figure, drill, figure, has_values, say
from monitor.domain.money import usd_from_nano
from monitor.domain.windows import day_window
from monitor.storage.queries.totals import Totals, add_up
from monitor.storage.queries.usage import DayTotals

MARK = theme.SERIES[4]
#: Patterns of an owner's days of which much is not known: of so many percent of the calls.
UNPRICED, NO_USAGE = "/", "."
MUCH = 5
_LONGEST = 36
_DOLLARS = "$%{y:,.6~f}"


class Series(NamedTuple):
    """One owner's days, and their colour."""

    name: str
    colour: str
    days: Sequence[DayTotals]


def plain(name: str) -> str:
    """A name as Plotly shows it and nothing else: no tags, no more of it than there is room for."""
    short = name if len(name) <= _LONGEST else f"{name[: _LONGEST - 1]}…"
    return escape(short, quote=False)


def per_day(series: Sequence[Series], zone: ZoneInfo, *, href: str) -> Figure:
    """Dollars of each day, each series on top of the one before; a click lists the day's calls."""
    whole = together(series)
    starts = [day_window(each.day, zone).from_ms for each in whole]
    shape = drill(starts, href)
    traces = [_bars(each, starts) for each in series]
    drawn = figure(
        [*traces, *_marks(whole, starts)],
        barmode="stack",
        bargap=0.25,
        yaxis={"tickprefix": "$"},
        meta=shape["meta"],
        shapes=[_shade(each.day) for each in whole if each.totals.spend_nano_usd is None],
    )
    return drawn if has_values({"data": traces}) else say(nothing(whole), drawn)


def together(series: Sequence[Series]) -> list[DayTotals]:
    """All series of each day as one."""
    columns = zip(*(each.days for each in series), strict=True)
    return [DayTotals(days[0].day, add_up(each.totals for each in days)) for days in columns]


def lacking(totals: Totals) -> tuple[int, int]:
    """(unpriced calls, good calls without usage): one that failed seldom has any."""
    failed = totals.n - totals.n_good
    return totals.n_unpriced, max(0, totals.n_no_usage - failed)


def pattern(totals: Totals) -> str:
    """What marks an owner's day of which much is not known; "" where it is known."""
    unpriced, no_usage = lacking(totals)
    if 100 * (unpriced + no_usage) < MUCH * totals.n or not totals.n:
        return ""
    return UNPRICED if unpriced >= no_usage else NO_USAGE


def _bars(series: Series, starts: Sequence[int]) -> dict[str, Any]:
    shapes = [pattern(each.totals) for each in series.days]
    style = {"fillmode": "overlay", "fgcolor": "#fff", "fgopacity": 0.55, "size": 6}
    return {
        "type": "bar",
        "name": plain(series.name),
        "x": [day_label(each.day) for each in series.days],
        "y": [_dollars(each.totals) for each in series.days],
        "customdata": list(starts),
        "marker": {
            "color": series.colour,
            "line": {"width": 0},
            "pattern": style | {"shape": shapes},
        },
        "hovertemplate": _DOLLARS,
    }


def _marks(whole: Sequence[DayTotals], starts: Sequence[int]) -> list[dict[str, Any]]:
    """A mark under each day of which some is not known, and how much of it."""
    told = [_tell(each.totals) for each in whole]
    if not any(told):
        return []
    return [
        {
            "type": "scatter",
            "mode": "markers",
            "name": "not counted",
            "x": [day_label(each.day) for each in whole],
            "y": [0 if words else None for words in told],
            "text": told,
            "customdata": list(starts),
            "marker": {"symbol": "triangle-up", "size": 8, "color": MARK},
            "hovertemplate": "%{text}",
            "cliponaxis": False,
        }
    ]


def _tell(totals: Totals) -> str:
    unpriced, no_usage = lacking(totals)
    parts = [f"{unpriced:,} unpriced"] if unpriced else []
    parts += [f"{no_usage:,} without usage"] if no_usage else []
    return ", ".join(parts)


def nothing(whole: Sequence[DayTotals]) -> str:
    """Why there is no money to draw."""
    found = add_up(each.totals for each in whole)
    if not found.n:
        return "No calls on these days"
    if found.n_unpriced:
        return "No price is known of these calls"
    if found.spend_nano_usd is None:
        return "No usage was reported, so no cost is known"
    return "All calls were free"


def day_label(day: int) -> str:
    """A day as Plotly's axes take it."""
    return date.fromordinal(day).isoformat()


def _dollars(totals: Totals) -> float | None:
    spend = totals.spend_nano_usd
    return float(usd_from_nano(spend)) if spend is not None and totals.n else None


def _shade(day: int) -> dict[str, Any]:
    return {
        "type": "rect",
        "layer": "below",
        "xref": "x",
        "yref": "paper",
        "x0": f"{day_label(day - 1)}T12:00:00",
        "x1": f"{day_label(day)}T12:00:00",
        "y0": 0,
        "y1": 1,
        "fillcolor": BLIND,
        "line": {"width": 0},
    }
