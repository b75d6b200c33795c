"""Incident rows: incidents as every table of them shows them."""

from dashboard import format as fmt
from dashboard.choices import Choice
from dashboard.components import cells
from dashboard.components.cells import Cell, Column, Row
from monitor.domain.alerts import Severity
from monitor.domain.incidents import Stage
from monitor.services import histories
from monitor.services.histories import OUR_NETWORK, Standing
from monitor.storage.incidents import IncidentKind
from monitor.storage.queries.endpoints import EndpointFacts
from monitor.storage.queries.incidents import Incident

COLUMNS: list[Column] = [
    {"h": "Started"},
    {"h": "Endpoint", "grow": True},
    {"h": "What"},
    {"h": "Severity"},
    {"h": "Stage"},
    {"h": "Lasted", "num": True},
    {"h": "Not observed", "num": True},
]
_KINDS = {
    IncidentKind.AVAILABILITY.value: "endpoint down",
    IncidentKind.ACCOUNT.value: "account refused",
    IncidentKind.MONITOR.value: "our own side",
    IncidentKind.DEGRADED.value: "endpoint degraded",
    IncidentKind.ERRORS.value: "many errors",
    IncidentKind.BURN.value: "error budget",
    IncidentKind.CATALOGUE.value: "prices and models",
    IncidentKind.SELF.value: "the monitor itself",
}
_STAGES = {
    Stage.OPEN: "Open",
    Stage.ACKNOWLEDGED: "Acknowledged",
    Stage.RESOLVED: "Resolved",
    Stage.REVIEWED: "Reviewed",
}
_ORDER = list(_STAGES)


def kind_name(kind: str) -> str:
    """What kind of incident it is, in words."""
    return _KINDS.get(kind, kind.replace("_", " "))


def stage_name(stage: Stage) -> str:
    """What a stage is called."""
    return _STAGES[stage]


def incident_path(incident: Incident) -> str:
    """Where it is told."""
    return f"/incidents/{incident.id}"


def lasting_ms(incident: Incident, now_ms: int) -> int:
    """How long it lasted, or lasts so far."""
    return (now_ms if incident.ended_ms is None else incident.ended_ms) - incident.started_ms


def incident_row(
    incident: Incident,
    endpoint: EndpointFacts | None,
    standing: Standing,
    unobserved_ms: int,
    choice: Choice,
) -> Row:
    """One incident; `endpoint` is where it was, as far as that is known."""
    href = choice.href(incident_path(incident))
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
            _severity_cell(incident),
            _stage_cell(incident, standing, choice),
            cells.text(fmt.lasting(lasted_ms), sort=lasted_ms),
            _unobserved_cell(unobserved_ms, lasted_ms),
        ],
    }


def whose(incident: Incident, endpoint: EndpointFacts | None = None) -> str:
    """Whom it befell."""
    if incident.endpoint_id is None:
        return incident.subject or OUR_NETWORK
    return "an endpoint that is gone" if endpoint is None else endpoint.slug


def _severity_cell(incident: Incident) -> Cell:
    severity = histories.severity(incident)
    return cells.text(severity.value, sort=list(Severity).index(severity))


def _stage_cell(incident: Incident, standing: Standing, choice: Choice) -> Cell:
    word, place = _STAGES[standing.stage], _ORDER.index(standing.stage)
    if not incident.is_open:
        ended = fmt.clock(incident.ended_ms, choice.zone, choice.now_ms)
        return cells.state("up", word, below=f"ended {ended}", sort=place)
    if incident.unobserved_ms is not None:
        since = fmt.clock(incident.unobserved_ms, choice.zone, choice.now_ms)
        return cells.state("unknown", word, below=f"not observed since {since}", sort=place)
    if standing.acknowledgement is not None:
        by = f"by {standing.acknowledgement.by}"
        return cells.state("degraded", word, below=by, sort=place)
    return cells.state("down", word, below="nobody is at it yet", sort=place)


def _unobserved_cell(unobserved_ms: int, lasted_ms: int) -> Cell:
    if not unobserved_ms:
        return cells.text(fmt.DASH, title="all of it was observed", sort=0, tone="quiet")
    share = fmt.share(100_000 * unobserved_ms // lasted_ms) if lasted_ms else None
    return cells.text(fmt.lasting(unobserved_ms), below=share, sort=unobserved_ms)
