"""Notes: write down what somebody knows of an incident, and what was learnt of it."""

from monitor.domain.notes import Note, NoteKind
from monitor.services.acknowledgements import find
from monitor.storage import notes as rows
from monitor.storage.engine import Session


class StillOpen(ValueError):
    """A post-mortem of what is not over."""


class KeyTaken(ValueError):
    """A key under which something else was written."""


def write(session: Session, note: Note) -> bool:
    """Write a text down; whether it is new: sent again under its key it changes nothing.

    Raises UnknownIncident, StillOpen for a post-mortem before the end, and KeyTaken.
    """
    incident = find(session, note.incident_id)
    if note.kind is NoteKind.POST_MORTEM and incident.is_open:
        raise StillOpen(
            f"incident {incident.id} is not over; write a note, and the post-mortem afterwards"
        )
    if rows.add(session, note):
        return True
    written = rows.find(session, note.key)
    if written is None or _said(written) != _said(note):
        raise KeyTaken(f"under the key {note.key!r} something else was written; take another one")
    return False


def _said(note: Note) -> tuple[int, NoteKind, str, str]:
    return note.incident_id, note.kind, note.by, note.text
