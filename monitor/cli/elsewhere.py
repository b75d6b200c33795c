"""Elsewhere: what calls would cost at other endpoints, spelt for a terminal."""

import json
import time
from collections.abc import Iterator, Mapping, Sequence
from typing import Any
from urllib.parse import urlencode

import typer
from rich.table import Table
from rich.text import Text

from dashboard.choices import BadChoice, choose
from dashboard.grouping import filters
from monitor.cli.reading import open_ledger
from monitor.cli.refusal import Refusal
from monitor.cli.starting import read_settings
from monitor.cli.verdicts import make_console
from monitor.domain.amounts import dollars
from monitor.domain.what_if import Elsewhere
from monitor.services import what_if
from monitor.services.what_if import Unpriced, WhatIf

_HEADS = ("at the prices of", "would cost", "did cost", "change", "calls", "not carried over")


def show(slugs: Sequence[str], query: Mapping[str, str | None], *, as_json: bool) -> None:
    """Print what a window's calls would cost elsewhere. Raises Refusal and SettingsError."""
    found = _read(slugs, {key: value for key, value in query.items() if value is not None})
    if as_json:
        typer.echo(json.dumps(_describe(found), indent=2))
    elif not found.calls:
        typer.echo("No team call of known usage in this window.")
    else:
        make_console().print(_table(found))


def _read(slugs: Sequence[str], query: Mapping[str, str]) -> WhatIf:
    settings, now_ms = read_settings(), time.time_ns() // 1_000_000
    try:
        choice = choose(urlencode(query), settings.zone, now_ms)
        chosen = filters(choice)
    except BadChoice as error:
        raise Refusal(str(error)) from None
    with open_ledger(settings.database_url) as database, database.reading() as session:
        asked = slugs or what_if.candidates(session, now_ms)
        try:
            return what_if.what_if(session, choice.window, chosen, asked, now_ms)
        except Unpriced as error:
            raise Refusal(str(error)) from None


def _table(found: WhatIf) -> Table:
    lacking = f"; {found.no_usage:,} without usage left out" if found.no_usage else ""
    table = Table(caption=f"{found.calls:,} calls of the team, at the prices of now{lacking}")
    for name in _HEADS:
        table.add_column(name, justify="left" if name in {_HEADS[0], _HEADS[-1]} else "right")
    for slug, cost in sorted(found.others, key=lambda each: each.cost.there_nano_usd):
        known = cost.n > 0
        table.add_row(
            Text(slug),
            dollars(cost.there_nano_usd) if known else "–",
            dollars(cost.here_nano_usd) if known else "–",
            f"{100 * cost.change_nano_usd / cost.here_nano_usd:+.0f} %"
            if cost.here_nano_usd
            else "–",
            f"{cost.n:,}",
            "; ".join(_lost(cost)) or "–",
        )
    return table


def _lost(cost: Elsewhere) -> Iterator[str]:
    cached = sum(n for leaf, n in cost.fallen_back.items() if leaf.startswith("cache_"))
    if cached:
        yield f"{cached:,} cached tokens as fresh input"
    for tier, n in cost.tiers.items():
        yield f"{n:,} calls served as {tier.value} at standard prices"
    for leaf, n in cost.lacking.items():
        yield f"{n:,} calls left out: no price for {leaf.replace('_', ' ')}"
    if cost.unpriced_here:
        yield f"{cost.unpriced_here:,} calls left out: cost here not known"


def _describe(found: WhatIf) -> dict[str, Any]:
    """All figures, for scripts: money in nano-dollars."""
    return {
        "since_ms": found.since_ms,
        "calls": found.calls,
        "no_usage": found.no_usage,
        "others": [{"endpoint": slug} | _figures(cost) for slug, cost in found.others],
    }


def _figures(cost: Elsewhere) -> dict[str, Any]:
    return {
        "compared_calls": cost.n,
        "did_cost_nano_usd": cost.here_nano_usd,
        "would_cost_nano_usd": cost.there_nano_usd,
        "unpriced_here": cost.unpriced_here,
        "tokens_at_other_rates": dict(cost.fallen_back),
        "calls_without_a_price_for": dict(cost.lacking),
        "calls_of_missing_tiers": {tier.value: n for tier, n in cost.tiers.items()},
    }
