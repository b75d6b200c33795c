"""Usage: tokens and spend per day. A day with calls of unknown usage or cost is no zero."""

from collections.abc import Callable, Mapping, Sequence
from datetime import date
from functools import partial
from typing import Any

from dashboard import theme
from dashboard.figures.axes import Figure, figure, has_values, say
from monitor.domain.money import usd_from_nano
from monitor.storage.queries.totals import Totals, add_up
from monitor.storage.queries.usage import DayTotals

_CACHE = ("cache_read", "cache_write", "cache_write_5m", "cache_write_1h", "cache_read_audio")
_PROMPT = ("input", "input_audio", "input_image")
_COMPLETION = ("output", "output_audio", "output_image")
_NO_CALLS = "No calls on these days"

#: What a day's tokens are made of, in the order they are stacked: name → (colour, leaves).
PARTS: dict[str, tuple[str, tuple[str, ...]]] = {
    "Prompt": (theme.PROMPT, _PROMPT),
    "Cached": (theme.CACHED, _CACHE),
    "Reasoning": (theme.REASONING, ("reasoning",)),
    "Completion": (theme.COMPLETION, _COMPLETION),
}


def tokens_per_day(team: Sequence[DayTotals], probes: Sequence[DayTotals]) -> Figure:
    """The team's tokens of each day by what they are, those of probes on top.

    A day of which no usage is known is a gap; one of which some is missing is hatched.
    """
    bars = [
        _bars(name, colour, team, partial(_sum, leaves)) for name, (colour, leaves) in PARTS.items()
    ]
    bars.append(_bars("Probes", theme.PROBES, probes, _all_tokens))
    traces = [each | {"hovertemplate": "%{y:,} tokens"} for each in bars]
    drawn = figure(traces, barmode="stack", bargap=0.25, yaxis={"tickformat": "~s"})
    if has_values(drawn):
        return drawn
    has_calls = any(each.totals.n for each in (*team, *probes))
    return say("No usage was reported on these days" if has_calls else _NO_CALLS, drawn)


def spend_per_day(series: Mapping[str, tuple[str, Sequence[DayTotals]]]) -> Figure:
    """Dollars of each day, each series (name → (colour, days)) on top of the one before."""
    traces = [
        _bars(name, colour, days, _spend) | {"hovertemplate": "$%{y:,.6~f}"}
        for name, (colour, days) in series.items()
    ]
    drawn = figure(traces, barmode="stack", bargap=0.25, yaxis={"tickprefix": "$"})
    return drawn if has_values(drawn) else say(_unspent(series), drawn)


def _unspent(series: Mapping[str, tuple[str, Sequence[DayTotals]]]) -> str:
    sums = {name: add_up(each.totals for each in days) for name, (_, days) in series.items()}
    whole = add_up(sums.values())
    if not whole.n:
        return _NO_CALLS
    if whole.n_unpriced:
        return "No price is known of these calls"
    if whole.spend_nano_usd is None:
        return "No usage was reported, so no cost is known"
    is_probes_only = whole.n == sums.get("Probes", Totals()).n
    return "Probes are free here, no team usage yet" if is_probes_only else "All calls were free"


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
        "marker": {"color": colour, "line": {"width": 0}, "pattern": _hatch(days)},
    }


def _hatch(days: Sequence[DayTotals]) -> dict[str, Any]:
    shapes = ["/" if _lacks_usage(each.totals) else "" for each in days]
    return {"shape": shapes, "fillmode": "overlay", "fgcolor": "#fff", "fgopacity": 0.5, "size": 6}


def _lacks_usage(totals: Totals) -> bool:
    """Whether a good call is without usage; one that failed seldom has any."""
    return totals.n_missing > totals.n - totals.n_good


def _sum(leaves: Sequence[str], totals: Totals) -> int | None:
    if not totals.n_measured + totals.n_estimated:
        return None
    counts: list[int] = [getattr(totals, leaf) for leaf in leaves]
    return sum(counts)


def _all_tokens(totals: Totals) -> int | None:
    return totals.tokens if totals.n_measured + totals.n_estimated else None


def _spend(totals: Totals) -> float | None:
    spend = totals.spend_nano_usd
    return float(usd_from_nano(spend)) if spend is not None and totals.n else None
