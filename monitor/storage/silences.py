"""Silences: their rows, which stay once they are over: who silenced what, and who ended it."""

from collections.abc import Iterable
from typing import Any

from sqlalchemy import Select, insert, or_, select, update

from monitor.domain.alerts import AlertKind
from monitor.domain.silences import Scope, Silence
from monitor.storage.engine import Session
from monitor.storage.models.ledger import EndpointRow
from monitor.storage.models.silences import SilenceRow

_ROW = SilenceRow
_HOLDS = _ROW.ended_ms.is_(None)


def holding(session: Session) -> dict[int, Silence]:
    """The silences that hold, by row, in the order in which they were made."""
    return _read(session, _chosen().where(_HOLDS))


def since(session: Session, from_ms: int) -> list[Silence]:
    """Those that held at any time from an instant on."""
    return list(_read(session, _chosen().where(or_(_HOLDS, _ROW.ended_ms > from_ms))).values())


def newest(session: Session, limit: int) -> dict[int, Silence]:
    """Those that hold and the newest of those that are over, the newest first."""
    chosen = _chosen().order_by(None).order_by(_ROW.ended_ms.is_(None).desc(), _ROW.id.desc())
    return _read(session, chosen.limit(limit))


def find(session: Session, number: int) -> Silence | None:
    """The silence of a number, if there is one."""
    return _read(session, _chosen().where(_ROW.id == number)).get(number)


def add(session: Session, silence: Silence, endpoint_id: int | None) -> int:
    """Write a silence down; its number. `endpoint_id` is the row of the endpoint of its scope."""
    scope = silence.scope
    values = {
        "alert_id": scope.alert,
        "endpoint_id": endpoint_id,
        "provider": scope.provider,
        "kind": scope.kind,
        "made_ms": silence.made_ms,
        "until_ms": silence.until_ms,
        "made_by": silence.by,
        "reason": silence.reason,
    }
    return session.execute(insert(_ROW).values(values).returning(_ROW.id)).scalar_one()


def end(session: Session, numbers: Iterable[int], ended_ms: int, by: str | None) -> None:
    """Silences are over, by somebody or (`None`) by themselves."""
    ended = update(_ROW).where(_ROW.id.in_(list(numbers)), _HOLDS)
    session.execute(
        ended.values(ended_ms=ended_ms, ended_by=by).execution_options(synchronize_session=False)
    )


def rename_provider(session: Session, old: str, new: str) -> None:
    """What silences a provider goes on to silence it under its new name."""
    renamed = update(_ROW).where(_ROW.provider == old, _HOLDS).values(provider=new)
    session.execute(renamed.execution_options(synchronize_session=False))


def _chosen() -> Select[*tuple[Any, ...]]:
    return (
        select(_ROW, EndpointRow.slug)
        .outerjoin(EndpointRow, EndpointRow.id == _ROW.endpoint_id)
        .order_by(_ROW.id)
    )


def _read(session: Session, chosen: Select[*tuple[Any, ...]]) -> dict[int, Silence]:
    return {row.id: _silence(row, slug) for row, slug in session.execute(chosen)}


def _silence(row: SilenceRow, slug: str | None) -> Silence:
    kind = None if row.kind is None else AlertKind(row.kind)
    scope = Scope(row.alert_id, slug, row.provider, kind)
    return Silence(scope, row.made_ms, row.until_ms, row.made_by, row.reason, row.ended_ms)
