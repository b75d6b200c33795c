"""Endpoints: the rows of what is watched, and of the targets that these share."""

from typing import Any, NamedTuple

from sqlalchemy import insert, select, update
from sqlalchemy.orm import Session

from monitor.domain.endpoints import Endpoint, Target
from monitor.storage.models.ledger import EndpointRow


class Known(NamedTuple):
    """A row, as the writer needs it. A target has no target of its own."""

    id: int
    slug: str
    target_id: int | None
    interval_ms: int


def known(session: Session) -> list[Known]:
    """All rows, retired ones too: their calls may still arrive."""
    columns = (EndpointRow.id, EndpointRow.slug, EndpointRow.target_id, EndpointRow.interval_ms)
    return [Known(*row) for row in session.execute(select(*columns).order_by(EndpointRow.id))]


def put_target(session: Session, target: Target, now_ms: int) -> tuple[int, bool]:
    """The number of a target's row, written as it is now, and whether it is new."""
    values = _place(target) | {
        "interval_ms": round(target.reach_interval_s * 1000),
        "is_probed": True,
    }
    return _put(session, target.id, values, now_ms)


def put_endpoint(
    session: Session, endpoint: Endpoint, target_id: int, now_ms: int
) -> tuple[int, bool]:
    """The number of an endpoint's row, written as it is now, and whether it is new."""
    values = _place(endpoint.target) | {
        "target_id": target_id,
        "model": endpoint.model,
        "family": endpoint.family,
        "model_name": endpoint.model_name,
        "interval_ms": round(endpoint.interval_s * 1000),
        "is_probed": endpoint.is_probed,
    }
    return _put(session, endpoint.id, values, now_ms)


def retire_all_but(session: Session, ids: list[int], now_ms: int) -> None:
    """Retire what is no longer watched; its history stays."""
    session.execute(
        update(EndpointRow)
        .where(EndpointRow.id.not_in(ids), EndpointRow.retired_ms.is_(None))
        .values(retired_ms=now_ms)
        .execution_options(synchronize_session=False)
    )


def _place(target: Target) -> dict[str, Any]:
    return {
        "provider": target.provider,
        "base_url": target.base_url,
        "flavour": target.flavour.value,
        "key_alias": target.key_alias,
    }


def _put(session: Session, slug: str, values: dict[str, Any], now_ms: int) -> tuple[int, bool]:
    known_id = session.scalar(select(EndpointRow.id).where(EndpointRow.slug == slug))
    if known_id is not None:
        session.execute(
            update(EndpointRow)
            .where(EndpointRow.id == known_id)
            .values(retired_ms=None, **values)
            .execution_options(synchronize_session=False)
        )
        return known_id, False
    new = insert(EndpointRow).values(slug=slug, created_ms=now_ms, **values)
    return session.execute(new.returning(EndpointRow.id)).scalar_one(), True
