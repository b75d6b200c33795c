"""Usage: tokens and spend per day. A day with calls of unknown usage or cost is no zero."""

from collections.abc import Callable, Mapping, Sequence
from datetime import date
from functools import partial
from typing import Any

from dashboard import theme
from dashboard.figures.axes import Figure, figure
from monitor.domain.money import usd_from_nano
from monitor.storage.queries.totals import Totals
from monitor.storage.queries.usage import DayTotals

_CACHE = ("cache_read", "cache_write", "cache_write_5m", "cache_write_1h", "cache_read_audio")
_PROMPT = ("input", "input_audio", "input_image")
_COMPLETION = ("output", "output_audio", "output_image")

#: What a day's tokens are made of, in the order they are stacked: name → (colour, leaves).
PARTS: dict[str, tuple[str, tuple[str, ...]]] = {
    "Prompt": (theme.PROMPT, _PROMPT),
    "Cached": (theme.CACHED, _CACHE),
    "Reasoning": (theme.REASONING, ("reasoning",)),
    "Completion": (theme.COMPLETION, _COMPLETION),
}


def tokens_per_day(days: Sequence[DayTotals]) -> Figure:
    """Stacked tokens of each day; a day of which no usage is known is a gap."""
    traces = [
        _bars(name, colour, days, partial(_sum, leaves)) | {"hovertemplate": "%{y:,} tokens"}
        for name, (colour, leaves) in PARTS.items()
    ]
    return figure(traces, barmode="stack", bargap=0.25, yaxis={"tickformat": "~s"})


def spend_per_day(series: Mapping[str, tuple[str, Sequence[DayTotals]]]) -> Figure:
    """Dollars of each day, each series (name → (colour, days)) on top of the one before."""
    traces = [
        _bars(name, colour, days, _spend) | {"hovertemplate": "$%{y:,.6~f}"}
        for name, (colour, days) in series.items()
    ]
    return figure(traces, barmode="stack", bargap=0.25, yaxis={"tickprefix": "$"})


def _bars(
    name: str,
    colour: str,
    days: Sequence[DayTotals],
    value_of: Callable[[Totals], float | None],
) -> dict[str, Any]:
    return {
        "type": "bar",
        "name": name,
        "x": [date.fromordinal(each.day).isoformat() for each in days],
        "y": [value_of(each.totals) for each in days],
        "marker": {"color": colour, "line": {"width": 0}},
    }


def _sum(leaves: Sequence[str], totals: Totals) -> int | None:
    if not totals.n_measured + totals.n_estimated:
        return None
    counts: list[int] = [getattr(totals, leaf) for leaf in leaves]
    return sum(counts)


def _spend(totals: Totals) -> float | None:
    spend = totals.spend_nano_usd
    return float(usd_from_nano(spend)) if spend is not None and totals.n else None
