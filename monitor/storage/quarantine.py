"""Quarantine: calls that could not be recorded, with the reason."""

from hashlib import blake2b

from sqlalchemy import func, select

from monitor.storage import statements
from monitor.storage.engine import Session
from monitor.storage.models.operations import QuarantineRow

_COLUMNS = ("at_ms", "reason", "call", "digest")
_ADD = statements.insert("quarantine", _COLUMNS) + " ON CONFLICT (digest) DO NOTHING"
_DIGEST_BYTES = 16


def add(session: Session, at_ms: int, reason: str, call: str) -> None:
    """Put a call aside, as it was told; the same for the same reason lies there once."""
    digest = blake2b(f"{reason}\0{call}".encode(), digest_size=_DIGEST_BYTES).digest()
    statements.run(session, _ADD, (at_ms, reason, call, digest))


def count(session: Session) -> int:
    """How many calls were put aside."""
    return session.scalar(select(func.count(QuarantineRow.id))) or 0
