"""Imports: how far files were read into the ledger."""

from sqlalchemy import insert, select, update
from sqlalchemy.orm import Session

from monitor.domain.imports import Position
from monitor.storage.models.imports import ImportRow


def position(session: Session, digest: bytes) -> Position | None:
    """How far a file was read; `None` for one that was never begun."""
    row = session.get(ImportRow, digest)
    return None if row is None else Position(digest, row.name, row.rows, row.bad, row.is_whole)


def note(session: Session, reached: Position, now_ms: int) -> None:
    """A file was read so far; where it was read further already, nothing changes.

    To be called once its rows are durable, and never before.
    """
    values = {
        "name": reached.name,
        "rows": reached.rows,
        "bad": reached.bad,
        "is_whole": reached.is_whole,
        "noted_ms": now_ms,
    }
    known = session.scalar(select(ImportRow.rows).where(ImportRow.digest == reached.digest))
    if known is None:
        session.execute(insert(ImportRow).values(digest=reached.digest, **values))
        return
    session.execute(
        update(ImportRow)
        .where(ImportRow.digest == reached.digest, ImportRow.rows <= reached.rows)
        .values(**values)
        .execution_options(synchronize_session=False)
    )
