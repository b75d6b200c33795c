"""Incidents: confirmed failures of a window, open and closed. Filters are in the URL."""

import re
from collections.abc import Mapping, Sequence
from enum import StrEnum

import dash_mantine_components as dmc
from dash import Dash, Input, Output, State, html
from dash.development.base_component import Component

from dashboard import format as fmt
from dashboard import ids
from dashboard.choices import BadChoice, Choice, replaced
from dashboard.components import parts
from dashboard.components.incident_rows import COLUMNS, incident_row, kind_name, stage_name
from dashboard.components.table import rows_json, table
from dashboard.reads import Reads
from monitor.domain.alerts import Severity
from monitor.domain.health import Policy
from monitor.domain.incidents import Stage
from monitor.domain.windows import Window
from monitor.services import histories
from monitor.storage.engine import Session
from monitor.storage.incidents import IncidentKind
from monitor.storage.queries import endpoints, evidence, incidents
from monitor.storage.queries.endpoints import EndpointFacts
from monitor.storage.queries.incidents import Incident

PATH = re.compile(r"/incidents/?")
_LOOKED_AT = 1_000
_SHOWN = 200
_EMPTY = "No incident in this window matches. That is good news, or a filter too many."
_FILTERS = {
    "stage": ids.INCIDENTS_STAGE,
    "severity": ids.INCIDENTS_SEVERITY,
    "kind": ids.INCIDENTS_KIND,
    "provider": ids.INCIDENTS_PROVIDER,
}


def layout(reads: Reads, choice: Choice) -> Component:
    """The incidents of the window, drawn. Raises BadChoice."""
    return _frame(choice, *reads.drawn(draw, choice))


def blank() -> Component:
    """The list without incidents."""
    return _frame(None, [], "[]", "")


def register(app: Dash, reads: Reads) -> None:
    """New incidents appear in place; a chosen filter changes the URL."""

    @app.callback(
        Output(ids.INCIDENTS_TABLE, "data-rows"),
        Output(ids.INCIDENTS_NOTE, "children"),
        Input(ids.TOKEN, "data"),
        State(ids.LOCATION, "search"),
        prevent_initial_call=True,
    )
    async def refresh(_token: str, search: str | None) -> object:
        _, rows, note = await reads.redrawn(draw, search)
        return rows, note

    @app.callback(
        Output(ids.LOCATION, "search", allow_duplicate=True),
        *(Input(component_id, "value") for component_id in _FILTERS.values()),
        State(ids.LOCATION, "search"),
        prevent_initial_call=True,
    )
    def choose(*values: str | None) -> str:
        return replaced(values[-1], dict(zip(_FILTERS, values, strict=False)))


def _frame(choice: Choice | None, providers: Sequence[str], rows: str, note: str) -> Component:
    query: Mapping[str, str] = {} if choice is None else choice.query
    window = "" if choice is None else choice.label()
    kinds = {kind.value: kind_name(kind) for kind in IncidentKind}
    offered = {
        "stage": {stage.value: stage_name(stage) for stage in Stage},
        "severity": {each.value: each.value for each in Severity},
        "kind": kinds,
        "provider": {each: each for each in providers},
    }
    filters = [
        _filter(key, _FILTERS[key], values, query.get(key)) for key, values in offered.items()
    ]
    return parts.page(
        "Incidents · inferwatch",
        html.Div([html.H1("Incidents"), html.P(window)], className="iw-headline is-plain"),
        html.Div(filters, className="iw-filters"),
        table(ids.INCIDENTS_TABLE, "Incidents", COLUMNS, rows, empty=_EMPTY, is_searchable=True),
        html.Div(note, id=ids.INCIDENTS_NOTE, className="iw-more"),
    )


def _filter(key: str, component_id: str, values: Mapping[str, str], value: str | None) -> Component:
    select: Component = dmc.Select(
        id=component_id,
        label=key.capitalize(),
        data=[{"value": each, "label": label} for each, label in values.items()],
        value=value,
        placeholder="all",
        clearable=True,
        searchable=key == "provider",
        size="xs",
    )
    return select


def draw(session: Session, choice: Choice) -> tuple[list[str], str, str]:
    """The providers to choose from, the rows, and how many were looked at."""
    known = {each.id: each for each in endpoints.every(session)}
    found = incidents.recent(session, choice.window, _numbers(choice, known), _LOOKED_AT)
    wanted = _wanted(session, choice, found)
    rows = incident_rows(session, wanted[:_SHOWN], known, choice)
    return sorted({each.provider for each in known.values()}), rows, _note(wanted, found)


def incident_rows(
    session: Session,
    listed: Sequence[Incident],
    known: Mapping[int, EndpointFacts],
    choice: Choice,
) -> str:
    """The rows of a table of incidents."""
    unseen = unobserved(session, listed, choice.now_ms)
    standings = histories.standings(session, listed)
    return rows_json(
        [
            incident_row(each, _place(each, known), standings[each.id], unseen[each.id], choice)
            for each in listed
        ]
    )


def _place(incident: Incident, known: Mapping[int, EndpointFacts]) -> EndpointFacts | None:
    return None if incident.endpoint_id is None else known.get(incident.endpoint_id)


def unobserved(session: Session, listed: Sequence[Incident], now_ms: int) -> dict[int, int]:
    """For how many milliseconds of each incident nobody knew the state."""
    found: dict[int, int] = {}
    for policy in Policy:
        own = [each for each in listed if policy_of(each) is policy]
        unknown = evidence.unknown_spans(session, policy, [each.id for each in own])
        found |= {each.id: _unseen(each, unknown.get(each.id, []), now_ms) for each in own}
    return found


def policy_of(incident: Incident) -> Policy:
    """Whose question the incident answers. An account that is shut leaves the provider unknown."""
    is_account = incident.kind == IncidentKind.ACCOUNT
    return Policy.USABLE if is_account else Policy.PROVIDER


def _unseen(incident: Incident, unknown: Sequence[Window], now_ms: int) -> int:
    """Settled spans, and the time since an open one is out of sight, which is not settled yet."""
    ends = (incident.ended_ms, incident.unobserved_ms, now_ms)
    end_ms = next(at for at in ends if at is not None)
    whole = Window(incident.started_ms, end_ms)
    pending_ms = now_ms - end_ms if incident.is_open else 0
    return pending_ms + sum(whole.clip(each.from_ms, each.to_ms).length_ms for each in unknown)


def _numbers(choice: Choice, known: Mapping[int, EndpointFacts]) -> list[int] | None:
    provider = choice.query.get("provider")
    if provider is None:
        return None
    numbers = [each.id for each in known.values() if each.provider == provider]
    if not numbers:
        raise BadChoice(f"provider={provider!r} was never watched; choose one from the list")
    return numbers


def _wanted(session: Session, choice: Choice, found: Sequence[Incident]) -> list[Incident]:
    stage = _chosen(choice, "stage", Stage)
    severity, kind = _chosen(choice, "severity", Severity), _chosen(choice, "kind", IncidentKind)
    kept = [
        each
        for each in found
        if kind in {None, each.kind} and severity in {None, histories.severity(each)}
    ]
    if stage is None:
        return kept
    standings = histories.standings(session, kept)
    return [each for each in kept if standings[each.id].stage == stage]


def _chosen(choice: Choice, key: str, known: type[StrEnum]) -> str | None:
    value = choice.query.get(key)
    if value is not None and value not in set(known):
        raise BadChoice(f"{key}={value!r} is not known; use one of {', '.join(known)}")
    return value


def _note(wanted: Sequence[Incident], found: Sequence[Incident]) -> str:
    if not found:
        return ""
    shown = min(len(wanted), _SHOWN)
    said = f"{shown} shown of {fmt.plural(len(found), 'incident')} in this window"
    if len(found) == _LOOKED_AT or shown < len(wanted):
        said += ", the newest ones; choose a shorter window to see the others"
    return said
