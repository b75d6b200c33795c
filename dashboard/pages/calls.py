"""Calls: the ledger, newest first. Filters are in the URL; a scan is bounded, and can go on."""

import re
from collections.abc import Mapping
from enum import StrEnum
from typing import TypeVar
from urllib.parse import urlencode

import dash_mantine_components as dmc
from dash import Dash, Input, Output, State, html
from dash.development.base_component import Component

from dashboard import format as fmt
from dashboard import ids
from dashboard.choices import BadChoice, Choice, replaced
from dashboard.components import parts
from dashboard.components.call_rows import COLUMNS, call_row
from dashboard.components.picks import chips
from dashboard.components.table import rows_json, table
from dashboard.grouping import filters as whose
from dashboard.grouping import link, shown
from dashboard.reads import Reads
from monitor.domain.calls import Kind, Origin
from monitor.domain.outcomes import RULINGS, Group, Result
from monitor.storage.apps import known as known_apps
from monitor.storage.engine import Session
from monitor.storage.queries import calls, endpoints
from monitor.storage.queries.calls import CallFilter, Cursor

PATH = re.compile(r"/calls")
_LIMIT = 50
#: All that is not good: bad, excluded and on our own side.
FAILED = "failed"
_EMPTY = "No call in this window matches. Choose another window, or fewer filters."
_FILTERS: dict[str, tuple[str, list[str]]] = {
    "provider": (ids.CALLS_PROVIDER, []),
    "endpoint": (ids.CALLS_ENDPOINT, []),
    "origin": (ids.CALLS_ORIGIN, list(Origin)),
    "kind": (ids.CALLS_KIND, list(Kind)),
    "outcome": (ids.CALLS_GROUP, [FAILED, *Group, *RULINGS]),
}
E_ = TypeVar("E_", bound=StrEnum)


def layout(reads: Reads, choice: Choice) -> Component:
    """The ledger, drawn."""
    known, rows, more = reads.drawn(draw, choice)
    return _frame(choice, known, rows, more)


def blank() -> Component:
    """The ledger without calls."""
    return _frame(None, {}, "[]", None)


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
        return replaced(values[-1], dict(zip(_FILTERS, values, strict=False)))


def _frame(
    choice: Choice | None, known: Mapping[str, list[str]], rows: str, more: parts.Children
) -> Component:
    query = {} if choice is None else choice.query
    window = "" if choice is None else choice.label()
    filters = [
        _filter(name, component_id, values or known.get(name, []), query.get(name))
        for name, (component_id, values) in _FILTERS.items()
    ]
    return parts.page(
        "Calls · inferwatch",
        html.Div([html.H1("Calls"), html.P(window)], className="iw-headline is-plain"),
        html.Div(filters, className="iw-filters"),
        *([] if choice is None else _whose(choice)),
        table(ids.CALLS_TABLE, "Calls", COLUMNS, rows, empty=_EMPTY),
        html.Div(more, id=ids.CALLS_MORE, className="iw-more"),
    )


def _whose(choice: Choice) -> list[Component]:
    """What else was asked for, on the way here: each can be taken away."""
    given = [
        (str(by), shown(by, name), link(choice, "/calls", **{by: None}))
        for by, name in whose(choice).given()
        if by not in _FILTERS
    ]
    return [chips(given)] if given else []


def _filter(name: str, component_id: str, values: list[str], value: str | None) -> Component:
    select: Component = dmc.Select(
        id=component_id,
        label=name.capitalize(),
        data=[{"value": each, "label": each.replace("_", " ")} for each in values],
        value=value,
        placeholder="all",
        clearable=True,
        searchable=name in {"endpoint", "outcome", "provider"},
        size="xs",
    )
    return select


def draw(session: Session, choice: Choice) -> tuple[Mapping[str, list[str]], str, list[Component]]:
    """What there is to choose from, the rows, and where to go on."""
    known = endpoints.every(session)
    before = _cursor(choice.query.get("before"))
    page = calls.page(session, _wanted(session, choice, known), before, _LIMIT)
    rows = rows_json([call_row(line, choice) for line in page.lines])
    names = {
        "endpoint": [each.slug for each in known],
        "provider": sorted({each.provider for each in known}),
    }
    return names, rows, _more(page, choice, before)


def _wanted(session: Session, choice: Choice, known: list[endpoints.EndpointFacts]) -> CallFilter:
    query = choice.query
    origin = _one(Origin, "origin", query.get("origin"))
    kind = _one(Kind, "kind", query.get("kind"))
    team = whose(choice)
    apps = None if team.app is None else known_apps(session).identities(team.app)
    return CallFilter(
        endpoint_ids=_endpoint_ids(query, known),
        window=choice.window,
        origins=None if origin is None else [origin],
        kinds=None if kind is None else [kind],
        outcomes=_outcomes(query.get("outcome")),
        teams=_only(team.team),
        projects=_only(team.project),
        apps=apps,
        keys=_only(team.key),
        user=team.user,
        tag=team.tag,
    )


def _only(name: str | None) -> list[str] | None:
    return None if name is None else [name]


def _one(members: type[E_], key: str, value: str | None) -> E_ | None:
    if value is None:
        return None
    try:
        return members(value)
    except ValueError as error:
        remedy = f"use one of {', '.join(members)}"
        raise BadChoice(f"{key}={value!r} is not known; {remedy}") from error


def _outcomes(value: str | None) -> list[Result] | None:
    """The classes that a word stands for: itself, or all of its group."""
    if value is None:
        return None
    if value == FAILED:
        return [r for r in RULINGS if RULINGS[r].group is not Group.GOOD]
    meant = [r for r in RULINGS if value in {r.value, RULINGS[r].group.value}]
    if not meant:
        remedy = f"use one of {', '.join((FAILED, *Group, *RULINGS))}"
        raise BadChoice(f"outcome={value!r} is not known; {remedy}")
    return meant


def _endpoint_ids(
    query: Mapping[str, str], known: list[endpoints.EndpointFacts]
) -> list[int] | None:
    slug, provider, model = query.get("endpoint"), query.get("provider"), query.get("model")
    if slug is None and provider is None and model is None:
        return None
    if slug is not None and slug not in {each.slug for each in known}:
        raise BadChoice(f"endpoint={slug!r} was never watched; choose one from the list")
    if provider is not None and provider not in {each.provider for each in known}:
        raise BadChoice(f"provider={provider!r} was never watched; choose one from the list")
    chosen = [e for e in known if slug in {None, e.slug} and provider in {None, e.provider}]
    if model is not None:
        return [each.id for each in chosen if each.model == model]
    return [each.id for each in chosen] if slug else endpoints.with_targets(chosen)


def _cursor(text: str | None) -> Cursor | None:
    if text is None:
        return None
    found = re.fullmatch(r"(\d{1,15})-(\d{1,18})", text)
    if found is None:
        raise BadChoice(f"before={text!r} is no place in the ledger; leave it out")
    return int(found[1]), int(found[2])


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
