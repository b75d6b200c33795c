"""Attributions: interned (team, project, app, key)."""

from collections.abc import Iterable

from sqlalchemy import insert, select
from sqlalchemy.orm import Session

from monitor.domain.calls import Attribution
from monitor.storage.models.ledger import AttributionRow


def intern(session: Session, attributions: Iterable[Attribution]) -> dict[Attribution, int]:
    """The number of each attribution; new ones are written."""
    return {attribution: _number(session, attribution) for attribution in set(attributions)}


def _number(session: Session, attribution: Attribution) -> int:
    values = {
        "team": attribution.team or "",
        "project": attribution.project or "",
        "app": attribution.app or "",
        "key": attribution.key or "",
    }
    known = session.scalar(select(AttributionRow.id).filter_by(**values))
    if known is not None:
        return known
    return session.execute(
        insert(AttributionRow).values(values).returning(AttributionRow.id)
    ).scalar_one()
