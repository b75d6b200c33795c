"""Endpoints: the rows of what is watched, and of the targets that these share."""

from typing import Any, NamedTuple

from sqlalchemy import delete, func, insert, select, update
from sqlalchemy.orm import Session

from monitor.domain.endpoints import Endpoint, Flavour, Target
from monitor.storage import statements
from monitor.storage.models.ledger import EndpointRow, FormerIdRow

_REMEMBER = statements.replace("former_id", ("slug",), ("endpoint_id", "renamed_ms"))


class Known(NamedTuple):
    """A row, as the writer needs it. A target has no target of its own."""

    id: int
    slug: str
    target_id: int | None
    interval_ms: int
    is_watched: bool
    is_probed: bool
    provider: str


class Place(NamedTuple):
    """Where an endpoint is, as those who tell of calls may know it."""

    id: int
    slug: str
    provider: str
    model_name: str
    base_url: str
    flavour: Flavour
    key_alias: str
    is_watched: bool
    is_met: bool


def places(session: Session) -> list[Place]:
    """All endpoints, retired ones too; no targets."""
    row = EndpointRow
    is_watched = row.retired_ms.is_(None)
    columns = (row.id, row.slug, row.provider, row.model_name, row.base_url)
    chosen = select(*columns, row.flavour, row.key_alias, is_watched, row.is_met).where(
        row.model.is_not(None)
    )
    return [
        Place(number, slug, provider, name or "", url, Flavour(flavour), key_alias, watched, met)
        for number, slug, provider, name, url, flavour, key_alias, watched, met in session.execute(
            chosen
        )
    ]


def count_met(session: Session) -> int:
    """How many endpoints no settings name."""
    met = select(func.count(EndpointRow.id)).where(
        EndpointRow.is_met.is_(True), EndpointRow.model.is_not(None)
    )
    return session.scalar(met) or 0


def known(session: Session) -> list[Known]:
    """All rows, retired ones too: their calls may still arrive."""
    row = EndpointRow
    is_watched = row.retired_ms.is_(None)
    chosen = select(
        row.id,
        row.slug,
        row.target_id,
        row.interval_ms,
        is_watched,
        row.is_probed,
        row.provider,
    )
    return [Known(*found) for found in session.execute(chosen.order_by(row.id))]


def former(session: Session) -> dict[str, int]:
    """The number of each row that was called otherwise once, by what it was called."""
    chosen = select(FormerIdRow.slug, FormerIdRow.endpoint_id)
    return {row[0]: row[1] for row in session.execute(chosen)}


def rename(session: Session, number: int, old: str, new: str, now_ms: int) -> None:
    """Let a row be called by a new slug, and be found by the old one still.

    A row that has the new slug already (the rename was told late) is retired, as `new~number`.
    """
    young = number_of(session, new)
    if young is not None:
        _change(session, young, slug=f"{new}~{young}", retired_ms=now_ms)
    _change(session, number, slug=new)
    _forget(session, new)
    statements.run(session, _REMEMBER, (old, number, now_ms))


def number_of(session: Session, slug: str) -> int | None:
    """The number of the row that is called so now."""
    return session.scalar(select(EndpointRow.id).where(EndpointRow.slug == slug))


def put_target(
    session: Session, target: Target, now_ms: int, *, is_met: bool = False
) -> tuple[int, bool]:
    """The number of a target's row, written as it is now, and whether it is new."""
    values = _place(target) | {
        "is_met": is_met,
        "interval_ms": round(target.reach_interval_s * 1000),
        "is_probed": not is_met,
    }
    return _put(session, target.id, values, now_ms)


def put_endpoint(
    session: Session, endpoint: Endpoint, target_id: int, now_ms: int, *, is_met: bool = False
) -> tuple[int, bool]:
    """The number of an endpoint's row, written as it is now, and whether it is new."""
    values = _place(endpoint.target) | {
        "target_id": target_id,
        "model": endpoint.model,
        "family": endpoint.family,
        "model_name": endpoint.model_name,
        "interval_ms": round(endpoint.interval_s * 1000),
        "is_probed": endpoint.is_probed,
        "is_met": is_met,
    }
    return _put(session, endpoint.id, values, now_ms)


def retire_all_but(session: Session, ids: list[int], now_ms: int) -> None:
    """Retire what the settings watch no longer; its history stays, and so does what was met."""
    session.execute(
        update(EndpointRow)
        .where(
            EndpointRow.id.not_in(ids),
            EndpointRow.retired_ms.is_(None),
            EndpointRow.is_met.is_(False),
        )
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
    known_id = number_of(session, slug)
    if known_id is not None:
        _change(session, known_id, retired_ms=None, **values)
        return known_id, False
    _forget(session, slug)
    new = insert(EndpointRow).values(slug=slug, created_ms=now_ms, **values)
    return session.execute(new.returning(EndpointRow.id)).scalar_one(), True


def _change(session: Session, number: int, **values: Any) -> None:
    session.execute(
        update(EndpointRow)
        .where(EndpointRow.id == number)
        .values(**values)
        .execution_options(synchronize_session=False)
    )


def _forget(session: Session, slug: str) -> None:
    """Of two that were ever called so, the one that is called so now is meant."""
    session.execute(delete(FormerIdRow).where(FormerIdRow.slug == slug))
