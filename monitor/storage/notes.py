"""Notes: texts about incidents, written once each."""

from collections.abc import Collection

from sqlalchemy import select
from sqlalchemy.orm import Session

from monitor.domain.notes import Note, NoteKind
from monitor.storage import statements
from monitor.storage.models.incidents import NoteRow

_COLUMNS = ("incident_id", "kind", "at_ms", "by", "text", "key")
_ADD = f'{statements.insert("note", _COLUMNS)} ON CONFLICT ("key") DO NOTHING'


def add(session: Session, note: Note) -> bool:
    """Write a text down; whether it is new. The same one sent again changes nothing."""
    values = (note.incident_id, note.kind.value, note.at_ms, note.by, note.text, note.key)
    return statements.run(session, _ADD, values) == 1


def find(session: Session, key: str) -> Note | None:
    """The text that was written under a key."""
    row = NoteRow
    chosen = select(row.incident_id, row.kind, row.at_ms, row.by, row.text, row.key)
    found = session.execute(chosen.where(row.key == key)).one_or_none()
    return None if found is None else _note(*found)


def of_incident(session: Session, incident_id: int) -> list[Note]:
    """All texts about an incident, in the order in which they were written."""
    row = NoteRow
    chosen = (
        select(row.incident_id, row.kind, row.at_ms, row.by, row.text, row.key)
        .where(row.incident_id == incident_id)
        .order_by(row.id)
    )
    return [_note(*found) for found in session.execute(chosen)]


def with_post_mortem(session: Session, incident_ids: Collection[int]) -> frozenset[int]:
    """Those of some incidents that have one."""
    row = NoteRow
    is_asked = row.incident_id.in_(incident_ids), row.kind == NoteKind.POST_MORTEM.value
    return frozenset(session.scalars(select(row.incident_id).where(*is_asked)))


def _note(incident_id: int, kind: str, at_ms: int, by: str, text: str, key: str) -> Note:
    return Note(incident_id, NoteKind(kind), at_ms, by, text, key)
