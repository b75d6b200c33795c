"""Acknowledgements: say that somebody is at an incident, once for its root cause.

Whoever hears it writes it, a row a transaction: the monitor, a dashboard, a command. So it is
taken while the monitor is down, too.
"""

from typing import NamedTuple

from monitor.domain.acknowledgements import Acknowledgement
from monitor.storage import acknowledgements as rows
from monitor.storage import alerts
from monitor.storage.engine import Session
from monitor.storage.queries import incidents
from monitor.storage.queries.incidents import Incident


class UnknownIncident(LookupError):
    """No incident has that number."""


class IncidentOver(ValueError):
    """An incident that has ended needs nobody any more."""


class Acknowledged(NamedTuple):
    """The acknowledgement that holds, and whether it is this one."""

    holding: Acknowledgement
    is_new: bool


def acknowledge(session: Session, said: Acknowledgement) -> Acknowledged:
    """Let an acknowledgement hold, where there is none yet.

    Raises UnknownIncident, and IncidentOver where all that is told as one has ended.
    """
    incident = find(session, said.incident_id)
    holding = rows.of_incidents(session, [incident.id]).get(incident.id)
    if holding is not None:
        return Acknowledged(holding, is_new=False)
    if is_over(session, incident):
        raise IncidentOver(f"incident {incident.id} is over; there is nothing to acknowledge")
    rows.add(session, said)
    return Acknowledged(said, is_new=True)


def find(session: Session, incident_id: int) -> Incident:
    """The incident of a number. Raises UnknownIncident."""
    incident = incidents.numbered(session, incident_id)
    if incident is None:
        raise UnknownIncident(f"there is no incident {incident_id}; see the list of incidents")
    return incident


def is_over(session: Session, incident: Incident) -> bool:
    """Whether it has ended, and its alert with it: one that flaps is not over in between."""
    return not incident.is_open and not alerts.is_open_with(session, incident.id)
