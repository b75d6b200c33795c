"""Repricing: calls whose cost we computed ourselves, and other ratings of them beside."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, NamedTuple
from zoneinfo import ZoneInfo

from sqlalchemy import Row, Select, insert, select, tuple_, update
from sqlalchemy.orm import Session, aliased

from monitor.domain.calls import Origin
from monitor.domain.prices import Cost, CostState
from monitor.domain.tiers import ServiceTier
from monitor.domain.usage import LEAVES, Usage
from monitor.domain.windows import Window, bucket_of, day_of
from monitor.storage import codes, people, statements, usage
from monitor.storage.calls import Place
from monitor.storage.models.ledger import CallDetailRow, CallRow
from monitor.storage.models.prices import RatingRow, RepricingRow

_ORIGIN = codes.codes_of(codes.ORIGINS)
_COST_STATE = codes.codes_of(codes.COST_STATES)
_OURS = (CostState.COMPUTED, CostState.UNPRICED)
_RATE = statements.change("call", ("id",), ("cost_state", "cost_nano_usd", "price_list_id"))

Cursor = tuple[int, int]
BEGINNING: Cursor = (-1, -1)


class Rated(NamedTuple):
    """A call as far as its cost goes, and what it costs; of its user and tags what is kept."""

    id: int
    started_ms: int
    endpoint_id: int
    attribution_id: int
    origin: Origin
    service_tier: ServiceTier | None
    usage: Usage
    cost: Cost
    user_hash: bytes | None
    tags: Mapping[str, str] | None


class Change(NamedTuple):
    """A call, and what it costs from now on."""

    rated: Rated
    cost: Cost


def computed(
    session: Session, endpoint_id: int, window: Window, after: Cursor, limit: int
) -> list[Rated]:
    """Calls of a window whose cost is our own affair, in order; `after` is (start, id)."""
    chosen = _select().where(
        CallRow.endpoint_id == endpoint_id,
        CallRow.started_ms >= max(window.from_ms, after[0]),
        CallRow.started_ms < window.to_ms,
        tuple_(CallRow.started_ms, CallRow.id) > after,
        CallRow.cost_state.in_(_OURS),
    )
    ordered = chosen.order_by(CallRow.started_ms, CallRow.id).limit(limit)
    return [_rated(row) for row in session.execute(ordered)]


def begin(session: Session, window: Window, by: str, now_ms: int) -> int:
    """The number of a new repricing."""
    values = {"from_ms": window.from_ms, "to_ms": window.to_ms, "by": by, "recorded_ms": now_ms}
    statement = insert(RepricingRow).values(values).returning(RepricingRow.id)
    return session.execute(statement).scalar_one()


def keep(session: Session, repricing_id: int, changes: Iterable[Change]) -> None:
    """Write ratings of a repricing beside those that they take the place of."""
    rows = [
        {
            "repricing_id": repricing_id,
            "call_id": rated.id,
            **{f"old_{name}": value for name, value in _columns(rated.cost).items()},
            **_columns(new),
        }
        for rated, new in changes
    ]
    if rows:
        session.execute(insert(RatingRow), rows)


def apply(
    session: Session, changes: Sequence[Change], home_zone: ZoneInfo
) -> dict[usage.Key, usage.Sums]:
    """Let calls cost something else; the differences, moved in their own buckets and days."""
    if not changes:
        return {}
    rows = [(_COST_STATE[new.state], *new[1:], rated.id) for rated, new in changes]
    statements.run(session, _RATE, rows)
    _move_people(session, changes, home_zone)
    moved: defaultdict[usage.Key, list[usage.Sums]] = defaultdict(list)
    for rated, new in changes:
        place = _place(rated)
        key = usage.Key(*place[:3], _ORIGIN[place.origin])
        moved[key].append(usage.difference(rated.cost, new))
    return usage.move(session, moved, home_zone)


def _move_people(session: Session, changes: Sequence[Change], home_zone: ZoneInfo) -> None:
    moved: defaultdict[people.Key, list[usage.Sums]] = defaultdict(list)
    for rated, new in changes:
        day = day_of(rated.started_ms, home_zone)
        for key in people.keys(day, _place(rated), rated.user_hash, rated.tags):
            moved[key].append(usage.difference(rated.cost, new))
    people.move(session, moved)


def _place(rated: Rated) -> Place:
    bucket = bucket_of(rated.started_ms)
    return Place(bucket, rated.endpoint_id, rated.attribution_id, rated.origin)


def undoable(
    session: Session, repricing_id: int, after: int, limit: int
) -> tuple[list[Change], int | None]:
    """Changes that give calls back what they cost before; and where to go on, `None`: nowhere.

    Calls that cost something else by now, or are gone, are left out.
    """
    rating = RatingRow
    chosen = (
        select(rating)
        .where(rating.repricing_id == repricing_id, rating.call_id > after)
        .order_by(rating.call_id)
        .limit(limit)
    )
    ratings = {row.call_id: row for row in session.scalars(chosen)}
    calls = session.execute(_select().where(CallRow.id.in_(ratings)))
    changes = []
    for rated in map(_rated, calls):
        row = ratings[rated.id]
        if rated.cost == Cost(row.cost_state, row.cost_nano_usd, row.price_list_id):
            old = Cost(row.old_cost_state, row.old_cost_nano_usd, row.old_price_list_id)
            changes.append(Change(rated, old))
    return changes, max(ratings, default=None)


def find(session: Session, repricing_id: int) -> RepricingRow | None:
    """The repricing of a number."""
    return session.get(RepricingRow, repricing_id)


def every(session: Session) -> list[RepricingRow]:
    """All of them, the newest first."""
    return list(session.scalars(select(RepricingRow).order_by(RepricingRow.id.desc())))


def later(session: Session, repricing_id: int) -> int | None:
    """The newest repricing that stands and priced some of the same calls after this one."""
    newer, own = aliased(RatingRow), aliased(RatingRow)
    return session.scalar(
        select(RepricingRow.id)
        .join(newer, newer.repricing_id == RepricingRow.id)
        .join(own, own.call_id == newer.call_id)
        .where(
            own.repricing_id == repricing_id,
            RepricingRow.id > repricing_id,
            RepricingRow.undone_ms.is_(None),
        )
        .order_by(RepricingRow.id.desc())
        .limit(1)
    )


def end(session: Session, repricing_id: int, now_ms: int) -> None:
    """Note that a repricing is undone."""
    found = update(RepricingRow).where(RepricingRow.id == repricing_id)
    session.execute(found.values(undone_ms=now_ms))


def _select() -> Select[*tuple[Any, ...]]:
    row = CallRow
    keys = (row.id, row.started_ms, row.endpoint_id, row.attribution_id, row.origin)
    costs = (row.service_tier, row.cost_state, row.cost_nano_usd, row.price_list_id)
    told = (CallDetailRow.user_hash, CallDetailRow.tags)
    leaves = (getattr(row, leaf) for leaf in LEAVES)
    chosen = select(*keys, *costs, *told, *leaves)
    return chosen.outerjoin(CallDetailRow, CallDetailRow.call_id == row.id)


def _rated(row: Row[*tuple[Any, ...]]) -> Rated:
    return Rated._make((*row[:6], Usage(*row[11:]), Cost(*row[6:9]), *row[9:11]))


def _columns(cost: Cost) -> dict[str, object]:
    return {
        "cost_state": cost.state,
        "cost_nano_usd": cost.nano_usd,
        "price_list_id": cost.price_list_id,
    }
