"""Shares: bars over time, stacked by whose they are or what they are made of.

How much is known is drawn as well: a bar is struck through where usage is missing, the denser the
more of it, and dotted where it is estimated, so that no colour has to say it.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from html import escape
from typing import Any

from dashboard.figures.axes import Figure, drill, figure, has_values, say
from monitor.storage.queries.totals import Totals

MISSING, ESTIMATED = "/", "."
_NO_CALLS = "No team call in this window"


def tokens(totals: Totals) -> int | None:
    """All tokens; `None` where there were calls and the usage of none is known."""
    return totals.tokens if totals.n_measured + totals.n_estimated or not totals.n else None


def tokens_of(leaves: Sequence[str]) -> Callable[[Totals], int | None]:
    """The tokens of some leaves, as `tokens` counts them all."""

    def count(totals: Totals) -> int | None:
        return None if tokens(totals) is None else sum(getattr(totals, leaf) for leaf in leaves)

    return count


def calls(totals: Totals) -> int:
    """How many calls there were."""
    return totals.n


@dataclass(frozen=True, slots=True)
class Series:
    """One series: its totals at each place of the axis, and what of them is drawn.

    `href` lists its calls.
    """

    name: str
    colour: str
    totals: Sequence[Totals]
    href: str = ""
    value_of: Callable[[Totals], float | None] = tokens


@dataclass(frozen=True, slots=True)
class Axis:
    """Where bars stand, as plotly takes it, and at which instants they start.

    `is_so_far`: whether the last one is still growing.
    """

    at: Sequence[str]
    starts_ms: Sequence[int]
    is_so_far: bool = False


def stacked(
    series: Sequence[Series],
    axis: Axis,
    *,
    hover: str = "%{y:,} tokens",
    yaxis: dict[str, Any] | None = None,
    empty: str = _NO_CALLS,
) -> Figure:
    """Each series on top of the one before; a click on a bar leads to its calls."""
    shape = drill(axis.starts_ms, "")
    traces = [
        {
            "type": "bar",
            "name": escape(each.name, quote=False),  # plotly takes a name for HTML
            "x": list(axis.at),
            "y": [each.value_of(totals) for totals in each.totals],
            "customdata": shape["customdata"],
            "meta": {"href": each.href, "name": each.name},
            "marker": {
                "color": each.colour,
                "line": {"width": 0},
                "pattern": _pattern(each.totals),
            },
            "hovertemplate": hover,
        }
        for each in series
    ]
    drawn = figure(
        traces,
        barmode="stack",
        bargap=0.25,
        margin={"t": 20},
        yaxis={"tickformat": "~s"} | (yaxis or {}),
        meta=shape["meta"],
        annotations=[_so_far(axis)] if axis.is_so_far and len(axis.at) > 1 else [],
    )
    return drawn if has_values(drawn) else say(empty, drawn)


def states_in(series: Sequence[Series]) -> set[str]:
    """The patterns that are drawn."""
    return {_state(totals) for each in series for totals in each.totals} - {""}


def _so_far(axis: Axis) -> dict[str, Any]:
    return {
        "x": axis.at[-1],
        "y": 1,
        "yref": "paper",
        "yanchor": "bottom",
        "text": "so far",
        "showarrow": False,
        "font": {"size": 11},
    }


def _pattern(days: Sequence[Totals]) -> dict[str, Any]:
    """The more is missing, the denser the strokes."""
    return {
        "shape": [_state(totals) for totals in days],
        "solidity": [_density(totals) for totals in days],
        "fillmode": "overlay",
        "fgcolor": "#fff",
        "fgopacity": 0.6,
        "size": 7,
    }


def _density(totals: Totals) -> float:
    share = max(totals.n_missing, totals.n_estimated) / totals.n if totals.n else 0
    return round(0.1 + 0.5 * share, 2)


def _state(totals: Totals) -> str:
    """Struck through where a good call is without usage; one that failed seldom has any."""
    if totals.n_missing > totals.n - totals.n_good:
        return MISSING
    return ESTIMATED if totals.n_estimated else ""
