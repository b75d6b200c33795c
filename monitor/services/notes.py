"""Notes: write down what somebody knows of an incident, and what was learnt of it."""

from monitor.domain.notes import Note, NoteKind
from monitor.services.acknowledgements import find
from monitor.storage import notes as rows
from monitor.storage.engine import Session


class StillOpen(ValueError):
    """A post-mortem of what is not over."""


def write(session: Session, note: Note) -> bool:
    """Write a text down; whether it is new: sent again under its key it changes nothing.

    Raises UnknownIncident, and StillOpen for a post-mortem before the end.
    """
    incident = find(session, note.incident_id)
    if note.kind is NoteKind.POST_MORTEM and incident.is_open:
        raise StillOpen(
            f"incident {incident.id} is not over; write a note, and the post-mortem afterwards"
        )
    return rows.add(session, note)
