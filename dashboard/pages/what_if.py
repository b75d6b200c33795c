"""What if: what the calls of a window would cost at each other endpoint's prices of today."""

import re
from collections.abc import Iterator
from typing import NamedTuple

from dash import Dash, Input, Output, State, html
from dash.development.base_component import Component

from dashboard import format as fmt
from dashboard import ids
from dashboard.choices import Choice
from dashboard.components import cells, parts
from dashboard.components.cells import Row
from dashboard.components.table import rows_json, table
from dashboard.grouping import filters, link
from dashboard.pages import spend_picks
from dashboard.reads import Reads
from monitor.domain.what_if import Elsewhere
from monitor.services import what_if
from monitor.services.what_if import Other, WhatIf
from monitor.storage.engine import Session

PATH = re.compile(r"/spend/what-if/?")
#: So many calls are priced anew at each endpoint, so many endpoints are looked at.
_CALLS, _ENDPOINTS = 4_000, 24
_COLUMNS: list[cells.Column] = [
    {"h": "At the prices of", "grow": True},
    {"h": "Would cost", "num": True},
    {"h": "Did cost", "num": True},
    {"h": "Change", "num": True},
    {"h": "Calls", "num": True},
    {"h": "What is not carried over"},
]
_SENTENCE = (
    "The same tokens at other prices. Another model counts the same text in other tokens, and "
    "thinks and answers at other length: no ledger tells how."
)
_OUTPUTS = (
    Output(ids.WHAT_IF_HEADLINE, "children"),
    Output(ids.WHAT_IF_OTHERS, "data-rows"),
    Output(ids.WHAT_IF_NOTE, "children"),
)


class Drawn(NamedTuple):
    """Everything on the page that changes, in the order of the outputs."""

    headline: parts.Children = None
    others: str = "[]"
    note: str = ""


def layout(reads: Reads, choice: Choice) -> Component:
    """All endpoints with a price, drawn. Raises BadChoice."""
    chosen = spend_picks.chosen(choice, "/spend/what-if", filters(choice))
    back = html.A("← Spend", href=link(choice, "/spend"), className="iw-button")
    return _frame(reads.drawn(draw, choice), [back, *chosen])


def blank() -> Component:
    """The page without figures."""
    return _frame(Drawn(), [])


def register(app: Dash, reads: Reads) -> None:
    """New calls and prices appear in place."""

    @app.callback(
        *_OUTPUTS,
        Input(ids.TOKEN, "data"),
        State(ids.LOCATION, "search"),
        prevent_initial_call=True,
    )
    async def refresh(_token: str, search: str | None) -> object:
        return tuple(await reads.redrawn(draw, search))


def _frame(drawn: Drawn, picks: list[Component]) -> Component:
    return parts.page(
        "What if · inferwatch",
        html.Div(drawn.headline, id=ids.WHAT_IF_HEADLINE),
        html.Div(picks, className="iw-more"),
        parts.section(
            "Elsewhere",
            table(
                ids.WHAT_IF_OTHERS,
                "What if",
                _COLUMNS,
                drawn.others,
                empty="There is no team call of known usage in this window, or no price.",
                is_searchable=True,
            ),
            note=html.Span(drawn.note, id=ids.WHAT_IF_NOTE),
        ),
    )


def draw(session: Session, choice: Choice) -> Drawn:
    """Everything on the page that changes. Raises BadChoice."""
    slugs = what_if.candidates(session, choice.now_ms)[:_ENDPOINTS]
    found = what_if.what_if(
        session, choice.window, filters(choice), slugs, choice.now_ms, most=_CALLS
    )
    others = sorted(found.others, key=lambda each: (not each.cost.n, each.cost.there_nano_usd))
    listed = [_row(each, choice) for each in others] if found.calls else []
    return Drawn(_headline(choice), rows_json(listed), _note(found, choice))


def _headline(choice: Choice) -> Component:
    words = [html.H1("What if"), html.P(choice.label()), html.P(_SENTENCE)]
    return html.Div(words, className="iw-headline is-plain")


def _note(found: WhatIf, choice: Choice) -> str:
    whole = fmt.plural(found.calls, "call")
    part = "all" if found.since_ms <= choice.window.from_ms else "the newest"
    since = "" if part == "all" else f" since {fmt.stamp(found.since_ms, choice.zone)}"
    lacking = f", {found.no_usage:,} without usage left out" if found.no_usage else ""
    return f"{part} {whole} of the team{since}{lacking} · prices in force now"


def _row(other: Other, choice: Choice) -> Row:
    cost = other.cost
    name = cells.text(other.slug, href=choice.href("/prices"))
    if not cost.n:
        none = cells.text(fmt.DASH, tone="quiet")
        return {"k": other.slug, "c": [name, none, none, none, "0", "; ".join(_lost(cost))]}
    return {
        "k": other.slug,
        "c": [
            name,
            cells.text(fmt.money(cost.there_nano_usd), sort=cost.there_nano_usd / 1e9),
            cells.text(fmt.money(cost.here_nano_usd), sort=cost.here_nano_usd / 1e9),
            _change(cost),
            cells.text(fmt.count(cost.n), sort=cost.n),
            "; ".join(_lost(cost)) or "nothing",
        ],
    }


def _change(cost: Elsewhere) -> cells.Cell:
    by = cost.change_nano_usd
    share = fmt.share(100_000 * abs(by) // cost.here_nano_usd) if cost.here_nano_usd else ""
    below = f"{share} {'more' if by > 0 else 'less'}" if by and share else None
    return cells.text(fmt.signed(by), below=below, sort=by / 1e9)


def _lost(cost: Elsewhere) -> Iterator[str]:
    cached = sum(n for leaf, n in cost.fallen_back.items() if leaf.startswith("cache_"))
    if cached:
        yield f"caching: {fmt.tokens(cached)} cached tokens as fresh input"
    for tier, n in cost.tiers.items():
        yield f"{tier.value}: {fmt.plural(n, 'call')} at standard prices"
    for leaf, n in cost.lacking.items():
        yield f"{fmt.plural(n, 'call')} left out: no price for {leaf.replace('_', ' ')}"
    if cost.unpriced_here:
        yield f"{fmt.plural(cost.unpriced_here, 'call')} left out: cost here not known"
