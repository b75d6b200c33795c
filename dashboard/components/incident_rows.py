"""Incident rows: incidents as every table of them shows them."""

from collections.abc import Mapping

from dashboard import format as fmt
from dashboard.choices import Choice
from dashboard.components import cells
from dashboard.components.cells import Cell, Column, Row
from monitor.storage.incidents import IncidentKind
from monitor.storage.queries.endpoints import EndpointFacts
from monitor.storage.queries.incidents import Incident

COLUMNS: list[Column] = [
    {"h": "Started"},
    {"h": "Endpoint", "grow": True},
    {"h": "What"},
    {"h": "State"},
    {"h": "Lasted", "num": True},
    {"h": "Not observed", "num": True},
]
_KINDS = {
    IncidentKind.AVAILABILITY.value: "endpoint down",
    IncidentKind.ACCOUNT.value: "account refused",
}


def kind_name(kind: str) -> str:
    """What kind of incident it is, in words."""
    return _KINDS.get(kind, kind.replace("_", " "))


def incident_path(incident: Incident) -> str:
    """Where it is told. What is ours has no page: the call that told it is the whole story."""
    if incident.endpoint_id is not None:
        return f"/incidents/{incident.id}"
    return "/monitor" if incident.call_id is None else f"/calls/{incident.call_id}"


def lasting_ms(incident: Incident, now_ms: int) -> int:
    """How long it lasted, or lasts so far."""
    return (now_ms if incident.ended_ms is None else incident.ended_ms) - incident.started_ms


def incident_row(
    incident: Incident,
    known: Mapping[int, EndpointFacts],
    unobserved_ms: int,
    choice: Choice,
) -> Row:
    """One incident."""
    number = incident.endpoint_id
    href = choice.href(incident_path(incident))
    endpoint = None if number is None else known.get(number)
    at = fmt.clock(incident.started_ms, choice.zone, choice.now_ms)
    lasted_ms = lasting_ms(incident, choice.now_ms)
    return {
        "k": str(incident.id),
        "h": href,
        "tone": "failing" if incident.is_open else "",
        "c": [
            cells.text(at, href=href, sort=incident.started_ms),
            cells.text(
                whose(incident, endpoint),
                below=None if endpoint is None else endpoint.provider,
            ),
            cells.text(incident.cause, below=kind_name(incident.kind)),
            _state_cell(incident, choice),
            cells.text(fmt.lasting(lasted_ms), sort=lasted_ms),
            _unobserved_cell(unobserved_ms, lasted_ms),
        ],
    }


def whose(incident: Incident, endpoint: EndpointFacts | None = None) -> str:
    """Whom it befell."""
    if incident.endpoint_id is None:
        return incident.subject or "our own network"
    return "an endpoint that is gone" if endpoint is None else endpoint.slug


def _state_cell(incident: Incident, choice: Choice) -> Cell:
    if not incident.is_open:
        ended = fmt.clock(incident.ended_ms, choice.zone, choice.now_ms)
        return cells.state("up", "Closed", below=f"ended {ended}", sort=2)
    if incident.unobserved_ms is not None:
        since = fmt.clock(incident.unobserved_ms, choice.zone, choice.now_ms)
        return cells.state("unknown", "Open", below=f"not observed since {since}", sort=1)
    return cells.state("down", "Open", below="going on", sort=0)


def _unobserved_cell(unobserved_ms: int, lasted_ms: int) -> Cell:
    if not unobserved_ms:
        return cells.text(fmt.DASH, title="all of it was observed", sort=0, tone="quiet")
    share = fmt.share(100_000 * unobserved_ms // lasted_ms) if lasted_ms else None
    return cells.text(fmt.lasting(unobserved_ms), below=share, sort=unobserved_ms)
