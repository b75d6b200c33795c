"""Prices: what everything costs, who says so, who says otherwise, and what nobody knows."""

import re
from typing import NamedTuple

from dash import Dash, Input, Output, State, html
from dash.development.base_component import Component

from dashboard import format as fmt
from dashboard import ids
from dashboard.choices import Choice
from dashboard.components import parts
from dashboard.components.table import rows_json, table
from dashboard.pages import price_rows, price_sources
from dashboard.reads import Reads
from monitor.services.proposals import Disagreement
from monitor.services.unpriced import remedy
from monitor.storage.engine import Session
from monitor.storage.facts import home_zone
from monitor.storage.queries.unpriced import Unpriced

PATH = re.compile(r"/prices/?")
_OUTPUTS = (
    Output(ids.PRICES_HEADLINE, "children"),
    Output(ids.PRICES_IN_FORCE, "data-rows"),
    Output(ids.PRICES_UNPRICED, "data-rows"),
    Output(ids.PRICES_REMEDY, "children"),
    Output(ids.PRICES_SAYS, "data-rows"),
    Output(ids.PRICES_DECIDE, "children"),
    Output(ids.PRICES_SOURCES, "data-rows"),
    Output(ids.PRICES_HISTORY, "data-rows"),
    Output(ids.PRICES_WHOSE, "children"),
)
_MOST_NUMBERS = 20
#: A command scrolls; it makes no page wider than the screen.
_NARROW = {"minWidth": "0"}


class Drawn(NamedTuple):
    """Everything on the page that changes, in the order of the outputs."""

    headline: parts.Children = None
    in_force: str = "[]"
    unpriced: str = "[]"
    remedy: parts.Children = None
    says: str = "[]"
    decide: parts.Children = None
    sources: str = "[]"
    history: str = "[]"
    whose: parts.Children = None


def layout(reads: Reads, choice: Choice) -> Component:
    """All prices, drawn."""
    return _frame(reads.drawn(draw, choice))


def blank() -> Component:
    """The page without prices."""
    return _frame(Drawn())


def register(app: Dash, reads: Reads) -> None:
    """New prices, proposals and calls appear in place."""

    @app.callback(
        *_OUTPUTS,
        Input(ids.TOKEN, "data"),
        State(ids.LOCATION, "search"),
        prevent_initial_call=True,
    )
    async def refresh(_token: str, search: str | None) -> object:
        return tuple(await reads.redrawn(draw, search))


def _frame(drawn: Drawn) -> Component:
    return parts.page(
        "Prices · inferwatch",
        html.Div(drawn.headline, id=ids.PRICES_HEADLINE),
        parts.section(
            "In force",
            table(
                ids.PRICES_IN_FORCE,
                "Prices in force",
                price_rows.IN_FORCE,
                drawn.in_force,
                empty="Nothing is watched yet, so nothing has a price. Add a model to "
                "inferwatch.yaml, or run inferwatch init.",
                is_searchable=True,
            ),
            note="USD per million tokens of a plain call now; choose one for its past",
        ),
        _unpriced(drawn),
        _says(drawn),
        _sources(drawn),
        _history(drawn),
    )


def _unpriced(drawn: Drawn) -> Component:
    listed = table(
        ids.PRICES_UNPRICED,
        "Unpriced",
        price_sources.UNPRICED,
        drawn.unpriced,
        empty="Every call of known usage has a price.",
    )
    return parts.section(
        "Unpriced",
        listed,
        html.Div(drawn.remedy, id=ids.PRICES_REMEDY, style=_NARROW),
        note="calls whose usage is known and whose price is not: in no sum of money, and not $0",
    )


def _says(drawn: Drawn) -> Component:
    listed = table(
        ids.PRICES_SAYS,
        "Disagreements",
        price_sources.SAYS,
        drawn.says,
        empty="No source says otherwise than what holds.",
    )
    return parts.section(
        "Who says otherwise",
        listed,
        html.Div(drawn.decide, id=ids.PRICES_DECIDE, style=_NARROW),
        note="the last word of each source; amounts are for the team's usage of the last 30 days, "
        "call by call where steps, hours or service tiers decide",
    )


def _sources(drawn: Drawn) -> Component:
    listed = table(
        ids.PRICES_SOURCES,
        "Sources",
        price_sources.SOURCES,
        drawn.sources,
        empty="No source on the network was asked: the settings name none. What is bundled, and "
        "what you say, holds. Name one under prices: feeds: to hear of changes.",
    )
    return parts.section("Sources on the network", listed, note="asked only where the settings say")


def _history(drawn: Drawn) -> Component:
    listed = table(
        ids.PRICES_HISTORY,
        "Price history",
        price_rows.HISTORY,
        drawn.history,
        empty="No price was ever known.",
    )
    return parts.section("Price history", listed, note=html.Span(drawn.whose, id=ids.PRICES_WHOSE))


def draw(session: Session, choice: Choice) -> Drawn:
    """Everything on the page that changes."""
    holding = price_rows.in_force(session, choice)
    queued, said = price_sources.queue(session), price_sources.said(session, choice)
    chosen = price_rows.chosen(session, choice)
    past = [] if chosen is None else price_rows.history(session, chosen, choice)
    whose = "of an endpoint that is not known here" if chosen is None else f"of {chosen.slug}"
    return Drawn(
        _headline(holding, queued, said),
        rows_json(holding.rows),
        rows_json(price_sources.unpriced_rows(queued, choice)),
        _remedy(session, queued),
        rows_json(price_sources.says(session, said, choice)),
        _decide(said),
        rows_json(price_sources.sources(session, choice)),
        rows_json(past),
        whose[:200] if holding.rows or chosen else "",
    )


def _headline(
    holding: price_rows.Holding, queued: list[Unpriced], said: list[Disagreement]
) -> Component:
    watched, unpriced = len(holding.rows), holding.unpriced
    if not watched:
        title, tone = "Nothing has a price yet", "unknown"
    elif unpriced:
        title, tone = f"{unpriced} of {fmt.plural(watched, 'endpoint')} without a price", "warn"
    else:
        title, tone = f"All {fmt.plural(watched, 'endpoint')} have a price", "up"
    waiting = sum(each.proposal.is_accepted is None for each in said)
    calls = sum(each.calls for each in queued)
    told = [
        f"{fmt.plural(calls, 'call')} unpriced" if calls else "no call unpriced",
        f"{fmt.plural(waiting, 'proposal')} waiting" if waiting else "no proposal waiting",
    ]
    return html.Div([html.H1(title), html.P(", ".join(told))], className=f"iw-headline is-{tone}")


def _remedy(session: Session, queued: list[Unpriced]) -> Component | None:
    if not queued:
        return None
    first = queued[0]
    lines = "\n".join(remedy(first, home_zone(session)))
    return parts.code(f"To price those of {first.endpoint[:100]}: set, look, apply", lines)


def _decide(said: list[Disagreement]) -> Component | None:
    waiting = [each.proposal for each in said if each.proposal.is_accepted is None]
    if not waiting:
        return None
    sane = [str(each.id) for each in waiting if not each.doubts][:_MOST_NUMBERS]
    doubted = [str(each.id) for each in waiting if each.doubts][:_MOST_NUMBERS]
    lines = [
        *([f"inferwatch prices accept {' '.join(sane)}"] if sane else []),
        *([f"inferwatch prices reject {' '.join(doubted)}"] if doubted else []),
    ]
    return parts.code("To accept what gives no doubts, and reject the rest", "\n".join(lines))
