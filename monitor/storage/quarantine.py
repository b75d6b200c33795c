"""Quarantine: calls that could not be recorded, with the reason."""

from sqlalchemy import func, insert, select

from monitor.storage.engine import Session
from monitor.storage.models.operations import QuarantineRow


def add(session: Session, at_ms: int, reason: str, call: str) -> None:
    """Put a call aside."""
    session.execute(insert(QuarantineRow).values(at_ms=at_ms, reason=reason, call=call))


def count(session: Session) -> int:
    """How many calls were put aside."""
    return session.scalar(select(func.count(QuarantineRow.id))) or 0
