"""Calls: the ledger, newest first. Filters are in the URL; a scan is bounded, and can go on."""

import re
from collections.abc import Mapping
from enum import StrEnum
from typing import TypeVar
from urllib.parse import parse_qsl, urlencode

import dash_mantine_components as dmc
from dash import Dash, Input, Output, State, html
from dash.development.base_component import Component

from dashboard import format as fmt
from dashboard import ids
from dashboard.choices import BadChoice, Choice
from dashboard.components import cells, parts
from dashboard.components.cells import Row
from dashboard.components.outcomes import outcome_cell
from dashboard.components.table import rows_json, table
from dashboard.reads import Reads
from monitor.domain.calls import Kind, Origin
from monitor.domain.outcomes import RULINGS, Group
from monitor.domain.prices import CostState
from monitor.storage.engine import Session
from monitor.storage.queries import calls, endpoints
from monitor.storage.queries.call_lines import CallLine
from monitor.storage.queries.calls import CallFilter, Cursor

PATH = re.compile(r"/calls")
_LIMIT = 50
_EMPTY = "No call in this window matches. Choose another window, or fewer filters."
_COLUMNS: list[cells.Column] = [
    {"h": "Started"},
    {"h": "Endpoint", "grow": True},
    {"h": "Outcome"},
    {"h": "TTFT", "num": True},
    {"h": "Total", "num": True},
    {"h": "Tokens in", "num": True},
    {"h": "Tokens out", "num": True},
    {"h": "Cost", "num": True},
]
_FILTERS: dict[str, tuple[str, list[str]]] = {
    "endpoint": (ids.CALLS_ENDPOINT, []),
    "origin": (ids.CALLS_ORIGIN, list(Origin)),
    "kind": (ids.CALLS_KIND, list(Kind)),
    "outcome": (ids.CALLS_GROUP, list(Group)),
}
E_ = TypeVar("E_", bound=StrEnum)


def layout(reads: Reads, choice: Choice) -> Component:
    """The ledger, drawn."""
    slugs, rows, more = reads.drawn(draw, choice)
    return _frame(choice, slugs, rows, more)


def blank() -> Component:
    """The ledger without calls."""
    return _frame(None, [], "[]", None)


def register(app: Dash, reads: Reads) -> None:
    """New calls appear in place; a chosen filter changes the URL."""

    @app.callback(
        Output(ids.CALLS_TABLE, "data-rows"),
        Output(ids.CALLS_MORE, "children"),
        Input(ids.TOKEN, "data"),
        State(ids.LOCATION, "search"),
        prevent_initial_call=True,
    )
    async def refresh(_token: str, search: str | None) -> object:
        _, rows, more = await reads.redrawn(draw, search)
        return rows, more

    @app.callback(
        Output(ids.LOCATION, "search", allow_duplicate=True),
        *(Input(component_id, "value") for component_id, _ in _FILTERS.values()),
        State(ids.LOCATION, "search"),
        prevent_initial_call=True,
    )
    def choose(*values: str | None) -> str:
        return _search(values[-1], dict(zip(_FILTERS, values, strict=False)))


def _search(search: str | None, chosen: Mapping[str, str | None]) -> str:
    query = dict(parse_qsl((search or "").removeprefix("?")))
    kept = {key: value for key, value in query.items() if key not in {*chosen, "before"}}
    wanted = kept | {key: value for key, value in chosen.items() if value}
    return f"?{urlencode(wanted)}" if wanted else ""


def _frame(choice: Choice | None, slugs: list[str], rows: str, more: parts.Children) -> Component:
    query = {} if choice is None else choice.query
    window = "" if choice is None else choice.label()
    filters = [
        _filter(name, component_id, values or slugs, query.get(name))
        for name, (component_id, values) in _FILTERS.items()
    ]
    return parts.page(
        "Calls · inferwatch",
        html.Div([html.H1("Calls"), html.P(window)], className="iw-headline is-plain"),
        html.Div(filters, className="iw-filters"),
        table(ids.CALLS_TABLE, "Calls", _COLUMNS, rows, empty=_EMPTY),
        html.Div(more, id=ids.CALLS_MORE, className="iw-more"),
    )


def _filter(name: str, component_id: str, values: list[str], value: str | None) -> Component:
    select: Component = dmc.Select(
        id=component_id,
        label=name.capitalize(),
        data=[{"value": each, "label": each.replace("_", " ")} for each in values],
        value=value,
        placeholder="all",
        clearable=True,
        searchable=name == "endpoint",
        size="xs",
    )
    return select


def draw(session: Session, choice: Choice) -> tuple[list[str], str, list[Component]]:
    """The endpoints to choose from, the rows, and where to go on."""
    known = endpoints.every(session)
    before = _cursor(choice.query.get("before"))
    page = calls.page(session, _wanted(choice, known), before, _LIMIT)
    rows = rows_json([_row(line, choice) for line in page.lines])
    return [each.slug for each in known], rows, _more(page, choice, before)


def _wanted(choice: Choice, known: list[endpoints.EndpointFacts]) -> CallFilter:
    query = choice.query
    group = _one(Group, "outcome", query.get("outcome"))
    origin = _one(Origin, "origin", query.get("origin"))
    kind = _one(Kind, "kind", query.get("kind"))
    return CallFilter(
        endpoint_ids=_endpoint_ids(query.get("endpoint"), known),
        window=choice.window,
        origins=None if origin is None else [origin],
        kinds=None if kind is None else [kind],
        outcomes=None if group is None else [r for r in RULINGS if RULINGS[r].group is group],
    )


def _one(members: type[E_], key: str, value: str | None) -> E_ | None:
    if value is None:
        return None
    try:
        return members(value)
    except ValueError as error:
        remedy = f"use one of {', '.join(members)}"
        raise BadChoice(f"{key}={value!r} is not known; {remedy}") from error


def _endpoint_ids(slug: str | None, known: list[endpoints.EndpointFacts]) -> list[int] | None:
    if slug is None:
        return None
    numbers = [each.id for each in known if each.slug == slug]
    if not numbers:
        raise BadChoice(f"endpoint={slug!r} was never watched; choose one from the list")
    return numbers


def _cursor(text: str | None) -> Cursor | None:
    if text is None:
        return None
    found = re.fullmatch(r"(\d{1,15})-(\d{1,18})", text)
    if found is None:
        raise BadChoice(f"before={text!r} is no place in the ledger; leave it out")
    return int(found[1]), int(found[2])


def _row(line: CallLine, choice: Choice) -> Row:
    href = choice.href(f"/calls/{line.id}")
    at = fmt.stamp(line.started_ms, choice.zone)
    whose = " · ".join(w for w in (line.origin, line.kind, line.team, line.app) if w)
    return {
        "k": str(line.id),
        "h": href,
        "c": [
            cells.text(at.rpartition(" ")[2], below=at.rpartition(" ")[0], href=href, sort=at),
            cells.text(line.endpoint, below=whose),
            outcome_cell(line.outcome, line.http_status),
            fmt.seconds(line.ttft_s),
            fmt.seconds(line.total_s),
            fmt.count(line.input_tokens),
            fmt.count(line.output_tokens),
            _cost_cell(line),
        ],
    }


def _cost_cell(line: CallLine) -> cells.Cell:
    match line.cost_state:
        case CostState.UNPRICED:
            return cells.text("unpriced", tone="warned")
        case CostState.NO_USAGE:
            return cells.text("no usage", tone="quiet")
        case _:
            money = line.cost_nano_usd
            return cells.text(fmt.money(money), sort=None if money is None else money / 1e9)


def _more(page: calls.Page, choice: Choice, before: Cursor | None) -> list[Component]:
    said = html.Span(f"{len(page.lines)} shown of {fmt.plural(page.scanned, 'call')} looked at")
    here = {key: value for key, value in choice.query.items() if key != "before"}
    links = [] if before is None else [_turn("Newest", here)]
    if page.next is not None:
        word = "Older" if len(page.lines) == _LIMIT else "Go on looking"
        links.append(_turn(word, here | {"before": f"{page.next[0]}-{page.next[1]}"}))
    return [*links, said]


def _turn(word: str, query: Mapping[str, str]) -> Component:
    return html.A(word, href=f"/calls?{urlencode(query)}", className="iw-button")
