"""Incident: one confirmed failure, what it rests on, and the calls behind it."""

import re
from dataclasses import dataclass
from typing import NamedTuple
from urllib.parse import unquote

from dash import Dash, Input, Output, State, html
from dash.development.base_component import Component

from dashboard import format as fmt
from dashboard import ids
from dashboard.choices import Choice
from dashboard.components import call_rows, parts, timeline, tracks
from dashboard.components.incident_rows import kind_name, lasting_ms
from dashboard.components.outcomes import blame, name, why
from dashboard.components.table import rows_json, table
from dashboard.pages import failing, story
from dashboard.pages.incidents import unobserved
from dashboard.reads import NotHere, Reads
from monitor.domain.health import Policy
from monitor.domain.windows import MINUTE_MS, Window
from monitor.storage.engine import Session
from monitor.storage.queries import alerts, calls, endpoints, failures, incidents, slices, usage
from monitor.storage.queries.endpoints import EndpointFacts
from monitor.storage.queries.incidents import Incident
from monitor.storage.queries.owners import ALL

PATH = re.compile(r"/incidents/(\d{1,18})")
_LIMIT = 30
_POLICIES = {Policy.PROVIDER: "Provider availability", Policy.USABLE: "Usable by us"}
_OUTPUTS = (
    Output(ids.INCIDENT_HEADLINE, "children"),
    Output(ids.INCIDENT_FACTS, "children"),
    Output(ids.INCIDENT_TIMELINE, "children"),
    Output(ids.INCIDENT_TRACKS, "children"),
    Output(ids.INCIDENT_CLASSES, "data-rows"),
    Output(ids.INCIDENT_CALLS, "data-rows"),
    Output(ids.INCIDENT_MORE, "children"),
)


class Drawn(NamedTuple):
    """Everything on the page, in the order of the outputs."""

    headline: parts.Children = None
    facts: parts.Children = None
    timeline: parts.Children = None
    tracks: parts.Children = None
    classes: str = "[]"
    calls: str = "[]"
    more: parts.Children = None


@dataclass(frozen=True, slots=True)
class Case:
    """An incident with the endpoint that it befell, and the time that its calls are of."""

    incident: Incident
    endpoint: EndpointFacts
    numbers: list[int]
    window: Window


def layout(reads: Reads, choice: Choice, number: str) -> Component:
    """One incident, drawn. Raises NotHere."""
    return _frame(number, choice, reads.drawn(draw, choice, int(number)))


def blank() -> Component:
    """An incident's page without anything in it."""
    return _frame("", None, Drawn())


def register(app: Dash, reads: Reads) -> None:
    """An open incident goes on in place."""

    @app.callback(
        *_OUTPUTS,
        Input(ids.TOKEN, "data"),
        State(ids.LOCATION, "search"),
        State(ids.LOCATION, "pathname"),
        prevent_initial_call=True,
    )
    async def refresh(_token: str, search: str | None, path: str) -> object:
        return await reads.redrawn(draw, search, int(unquote(path).rpartition("/")[2]))


def _frame(number: str, choice: Choice | None, drawn: Drawn) -> Component:
    zone = "" if choice is None else fmt.zone_name(choice.zone)
    return parts.page(
        f"Incident {number} · inferwatch",
        html.Div(drawn.headline, id=ids.INCIDENT_HEADLINE),
        html.Div(
            [
                _panel("What happened", ids.INCIDENT_TIMELINE, drawn.timeline, zone),
                _panel("What it was", ids.INCIDENT_FACTS, drawn.facts, None),
            ],
            className="iw-pair",
        ),
        _panel("What was held true", ids.INCIDENT_TRACKS, drawn.tracks, zone),
        parts.section(
            "Why calls failed",
            table(
                ids.INCIDENT_CLASSES,
                "Classes of failure",
                failing.CLASSES[:-1],
                drawn.classes,
                empty="No call of this time is kept, or none failed.",
            ),
            note="all calls to the endpoint meanwhile",
        ),
        parts.section(
            "Calls meanwhile",
            table(
                ids.INCIDENT_CALLS,
                "Calls meanwhile",
                call_rows.COLUMNS,
                drawn.calls,
                empty="No call of this time is kept any more.",
            ),
            html.Div(drawn.more, id=ids.INCIDENT_MORE, className="iw-more"),
        ),
    )


def _panel(title: str, component_id: str, children: parts.Children, note: str | None) -> Component:
    panel = html.Div(children, id=component_id, className="iw-panel")
    return parts.section(title, panel, note=note)


def draw(session: Session, choice: Choice, number: int) -> Drawn:
    """Everything on the page. Raises NotHere."""
    case = _case(session, choice, number)
    incident, window = case.incident, case.window
    counts = failures.counts(session, window, case.numbers)
    made = usage.totals(session, window, choice.zone, endpoint_ids=case.numbers)[ALL].n
    span = _calls_of(case)
    listed = calls.page(
        session, calls.CallFilter(endpoint_ids=case.numbers, window=window), limit=_LIMIT
    )
    unseen = unobserved(session, [incident], choice.now_ms)[incident.id]
    classes = failing.classes(counts, made, choice, **span)
    return Drawn(
        _headline(case, choice),
        _facts(session, case, unseen, choice),
        timeline.timeline(story.tell(session, case.incident, case.numbers, choice), choice),
        _tracks(session, case, choice),
        rows_json([row | {"c": row["c"][:-1]} for row in classes]),
        rows_json([call_rows.call_row(line, choice) for line in listed.lines]),
        _more(len(listed.lines), made, choice.href("/calls", **span)),
    )


def _case(session: Session, choice: Choice, number: int) -> Case:
    incident = incidents.numbered(session, number)
    known = {each.id: each for each in endpoints.every(session)}
    if incident is not None and incident.endpoint_id is None:
        raise NotHere(f"Incident {number} is of {story.place(incident)}.")
    if incident is None or incident.endpoint_id not in known:
        raise NotHere(f"There is no incident {number}; see the list of incidents.")
    endpoint = known[incident.endpoint_id]
    end_ms = choice.now_ms if incident.closed_ms is None else incident.closed_ms + 1
    window = Window(incident.started_ms, end_ms)
    return Case(incident, endpoint, endpoints.with_targets([endpoint]), window)


def _calls_of(case: Case) -> dict[str, str]:
    """The query that lists the calls of the incident."""
    return {
        "endpoint": case.endpoint.slug,
        "window": "custom",
        "from": fmt.utc(case.window.from_ms),
        "to": fmt.utc(case.window.to_ms),
    }


def _headline(case: Case, choice: Choice) -> Component:
    incident = case.incident
    lasted = fmt.lasting(lasting_ms(incident, choice.now_ms))
    tense = f"for {lasted} so far" if incident.is_open else f"for {lasted}"
    said = f"{case.endpoint.slug}: {incident.cause}, {tense}"
    tone = ("unknown" if incident.unobserved_ms is not None else "down") if incident.is_open else ""
    started = fmt.stamp(incident.started_ms, choice.zone)
    ended = "now" if incident.is_open else fmt.stamp(incident.ended_ms, choice.zone)
    zone = fmt.zone_name(choice.zone)
    where = html.A(case.endpoint.provider, href=choice.href(f"/providers/{case.endpoint.provider}"))
    state = "open" if incident.is_open else "closed"
    return html.Div(
        [
            html.H1(said),
            html.P([f"Incident {incident.id}, {state} · {kind_name(incident.kind)} · ", where]),
            html.P(f"{started} – {ended} ({zone})"),
        ],
        className=f"iw-headline is-{tone or 'up'}",
    )


def _facts(session: Session, case: Case, unseen_ms: int, choice: Choice) -> Component:
    incident, endpoint = case.incident, case.endpoint
    delay_ms = incident.confirmed_ms - incident.started_ms
    model = html.A(endpoint.model, href=choice.href(f"/models/{endpoint.model}"))
    pairs: list[tuple[str, parts.Children]] = [
        ("Endpoint", endpoint.slug),
        ("Model", model),
        *_class(incident),
        ("Confirmed after", fmt.lasting(delay_ms)),
        ("Not observed", fmt.lasting(unseen_ms) if unseen_ms else "none of it"),
        ("Rule", f"{incident.rule.replace('_', ' ')}, version {incident.rule_version}"),
        ("Deliveries", story.deliveries(alerts.of_incident(session, incident.id), choice)),
    ]
    return parts.facts([(key, value) for key, value in pairs if value])


def _class(incident: Incident) -> list[tuple[str, parts.Children]]:
    outcome = incident.outcome
    if outcome is None:
        return [("Found", incident.cause)]
    return [("Class", f"{name(outcome)}. {why(outcome)}"), ("Who answers for it", blame(outcome))]


def _tracks(session: Session, case: Case, choice: Choice) -> list[Component]:
    around_ms = max(10 * MINUTE_MS, case.window.length_ms // 6)
    window = Window(
        max(case.endpoint.created_ms, case.window.from_ms - around_ms),
        min(choice.now_ms, case.window.to_ms + around_ms),
    )
    held = {
        policy: slices.between(session, window, policy, [case.endpoint.id]) for policy in _POLICIES
    }
    bars = [
        part
        for policy, title in _POLICIES.items()
        for part in tracks.track(title, held[policy], window, choice)
    ]
    everything = [each for found in held.values() for each in found]
    is_pending = any(not found or found[-1].to_ms < window.to_ms for found in held.values())
    return [
        tracks.legend(everything, has_pending=is_pending),
        html.Dl([*bars, *tracks.scale(window, choice)], className="iw-tracks"),
    ]


def _more(shown: int, made: int, href: str) -> list[Component]:
    said = html.Span(f"{shown} shown of {fmt.plural(made, 'call')}")
    return [html.A("All calls of this time", href=href, className="iw-button"), said]
