"""Histories: all that is known of one incident, and at which stage incidents are."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

from monitor.domain.acknowledgements import Acknowledgement
from monitor.domain.alerts import Severity
from monitor.domain.incidents import Stage, stage
from monitor.domain.notes import Note, NoteKind
from monitor.services.acknowledgements import find
from monitor.storage import acknowledgements, notes
from monitor.storage.engine import Session
from monitor.storage.queries import alerts, endpoints
from monitor.storage.queries.alerts import Line, Member
from monitor.storage.queries.endpoints import EndpointFacts
from monitor.storage.queries.incidents import Incident

#: What an incident without an endpoint befell.
OUR_NETWORK = "our own network"


class Standing(NamedTuple):
    """At which stage an incident is, and who acknowledged it, if anybody did."""

    stage: Stage
    acknowledgement: Acknowledgement | None


@dataclass(frozen=True, slots=True)
class History:
    """An incident, its endpoint (`None`: our own network), and what people said of it.

    `together` are the incidents of the same root cause, itself among them; none where nobody was
    to be told. `deliveries` are the messages that told of it.
    """

    incident: Incident
    endpoint: EndpointFacts | None
    severity: Severity
    stage: Stage
    acknowledgement: Acknowledgement | None
    written: tuple[Note, ...]
    together: tuple[Member, ...]
    deliveries: tuple[Line, ...]

    @property
    def subject(self) -> str:
        """What it befell, in words."""
        return self.incident.subject or OUR_NETWORK if self.endpoint is None else self.endpoint.slug

    @property
    def notes(self) -> tuple[Note, ...]:
        """What was written, but for post-mortems."""
        return tuple(each for each in self.written if each.kind is NoteKind.NOTE)

    @property
    def post_mortem(self) -> Note | None:
        """The newest, which holds."""
        found = [each for each in self.written if each.kind is NoteKind.POST_MORTEM]
        return found[-1] if found else None


def read(session: Session, incident_id: int) -> History:
    """All of one incident. Raises UnknownIncident."""
    incident = find(session, incident_id)
    known = {each.id: each for each in endpoints.every(session)}
    standing = standings(session, [incident])[incident_id]
    return History(
        incident,
        None if incident.endpoint_id is None else known.get(incident.endpoint_id),
        severity(incident),
        standing.stage,
        standing.acknowledgement,
        tuple(notes.of_incident(session, incident_id)),
        tuple(alerts.together_with(session, incident_id)),
        tuple(alerts.of_incident(session, incident_id)),
    )


def severity(incident: Incident) -> Severity:
    """How much an incident matters."""
    return Severity(incident.severity)


def standings(session: Session, listed: Sequence[Incident]) -> dict[int, Standing]:
    """How each of some incidents stands."""
    numbers = [each.id for each in listed]
    acknowledged = acknowledgements.of_incidents(session, numbers)
    reviewed = notes.with_post_mortem(session, numbers)
    return {
        each.id: _standing(each, acknowledged.get(each.id), is_reviewed=each.id in reviewed)
        for each in listed
    }


def _standing(
    incident: Incident, acknowledged: Acknowledgement | None, *, is_reviewed: bool
) -> Standing:
    found = stage(
        is_open=incident.is_open,
        is_acknowledged=acknowledged is not None,
        has_post_mortem=is_reviewed,
    )
    return Standing(found, acknowledged)
