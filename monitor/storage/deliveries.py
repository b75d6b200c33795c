"""Deliveries: each message to each channel, from its plan to its end."""

from collections.abc import Collection, Sequence
from typing import Any, NamedTuple

from sqlalchemy import Select, func, insert, select, update

from monitor.domain.alerts import Telling
from monitor.domain.deliveries import Delivery, DeliveryState, Next
from monitor.domain.silences import HoldKind
from monitor.storage.engine import Session
from monitor.storage.models.alerts import DeliveryRow

_ROW = DeliveryRow
_FIELDS = (
    _ROW.id,
    _ROW.channel,
    _ROW.telling,
    _ROW.created_ms,
    _ROW.due_ms,
    _ROW.attempts,
    _ROW.state,
    _ROW.hold,
    _ROW.released_ms,
    _ROW.passed_from,
    _ROW.passed_ms,
)
_HELD = func.coalesce(_ROW.held_ms, _ROW.due_ms - _ROW.created_ms)


class Planned(NamedTuple):
    """A message to be sent to a channel; `key` is by what its receiver knows it again.

    One that `hold` keeps back is not on its way yet.
    """

    alert_id: int | None
    channel: str
    telling: Telling
    key: str
    created_ms: int
    due_ms: int
    state: DeliveryState = DeliveryState.WAITING
    hold: HoldKind | None = None
    passed_from: str | None = None
    passed_ms: int | None = None


class Dead(NamedTuple):
    """A dead letter: of which alert, to which channel, saying what."""

    alert_id: int | None
    channel: str
    telling: Telling


def add(session: Session, planned: Planned) -> int:
    """Put a message on its way; its number."""
    values = planned._asdict() | {
        "telling": planned.telling.value,
        "attempts": 0,
        "state": planned.state.value,
        "hold": planned.hold,
    }
    return session.execute(insert(_ROW).values(values).returning(_ROW.id)).scalar_one()


def of_alerts(
    session: Session, alert_ids: Collection[int]
) -> dict[tuple[int, str], list[Delivery]]:
    """All messages of alerts by alert and channel, in order."""
    chosen: Select[*tuple[Any, ...]] = (
        select(_ROW.alert_id, *_FIELDS).where(_ROW.alert_id.in_(alert_ids)).order_by(_ROW.id)
    )
    found: dict[tuple[int, str], list[Delivery]] = {}
    for row in session.execute(chosen):
        delivery = _delivery(row[1:])
        found.setdefault((row[0], delivery.channel), []).append(delivery)
    return found


def waiting_alerts(session: Session) -> list[int]:
    """The alerts of which messages are on their way."""
    return alerts_with(session, DeliveryState.WAITING)


def alerts_with(session: Session, *states: DeliveryState) -> list[int]:
    """The alerts of which messages are in one of these states."""
    chosen = select(_ROW.alert_id).where(_ROW.state.in_([each.value for each in states]))
    return [number for number in session.scalars(chosen.distinct()) if number is not None]


def gathered(session: Session, now_ms: int) -> dict[str, list[tuple[int, int, int]]]:
    """What waited for a digest that is due, by channel: each message, its alert, when it is due."""
    chosen: Select[*tuple[Any, ...]] = (
        select(_ROW.channel, _ROW.id, _ROW.alert_id, _ROW.due_ms)
        .where(_ROW.state == DeliveryState.GATHERED.value, _ROW.due_ms <= now_ms)
        .order_by(_ROW.id)
    )
    found: dict[str, list[tuple[int, int, int]]] = {}
    for channel, number, alert_id, due_ms in session.execute(chosen):
        found.setdefault(channel, []).append((number, alert_id, due_ms))
    return found


def count_delivered(session: Session, channel: str, since_ms: int) -> int:
    """How many messages a channel took since an instant."""
    chosen = select(func.count()).where(
        _ROW.channel == channel,
        _ROW.state == DeliveryState.DELIVERED.value,
        _ROW.delivered_ms > since_ms,
    )
    return session.scalar(chosen) or 0


def key_of(session: Session, delivery_id: int) -> str | None:
    """By what the receiver of a message knows it again, if there is such a message."""
    return session.scalar(select(_ROW.key).where(_ROW.id == delivery_id))


def deliver(session: Session, delivery_id: int, now_ms: int) -> None:
    """Note that a message was taken."""
    _change(
        session,
        [delivery_id],
        state=DeliveryState.DELIVERED.value,
        delivered_ms=now_ms,
        tried_ms=now_ms,
        attempts=_ROW.attempts + 1,
        held_ms=_HELD,
        error=None,
    )


def refuse(session: Session, delivery_id: int, now_ms: int, following: Next, error: str) -> None:
    """Note that a message was refused, and what becomes of it."""
    _change(
        session,
        [delivery_id],
        state=following.state.value,
        due_ms=following.due_ms,
        tried_ms=now_ms,
        attempts=_ROW.attempts + 1,
        held_ms=_HELD,
        error=error,
    )


def merge(session: Session, delivery_ids: Collection[int]) -> None:
    """Note that a newer message told what these would have."""
    if delivery_ids:
        settle(session, delivery_ids, DeliveryState.MERGED)


def merge_delivered(session: Session, delivery_ids: Collection[int], now_ms: int) -> None:
    """The same of a newer one that was taken: so these arrived with it."""
    if delivery_ids:
        state = DeliveryState.MERGED.value
        _change(session, delivery_ids, state=state, delivered_ms=now_ms, held_ms=_HELD)


def hold(session: Session, delivery_ids: Collection[int], kind: HoldKind) -> None:
    """Keep messages back, and note why."""
    _change(session, delivery_ids, state=DeliveryState.HELD.value, hold=kind.value)


def release(
    session: Session, delivery_ids: Collection[int], state: DeliveryState, due_ms: int, now_ms: int
) -> None:
    """Let go of messages that were held."""
    _change(session, delivery_ids, state=state.value, due_ms=due_ms, released_ms=now_ms)


def settle(session: Session, delivery_ids: Collection[int], state: DeliveryState) -> None:
    """Note that messages are not to be sent any more: others tell of it, or nobody does."""
    _change(session, delivery_ids, state=state.value)


def count_dead(session: Session) -> int:
    """How many dead letters there are; a test that failed is none."""
    is_dead = _ROW.state == DeliveryState.DEAD.value
    counted = select(func.count()).where(is_dead, _ROW.alert_id.is_not(None))
    return session.scalar(counted) or 0


def find_dead(session: Session, delivery_id: int) -> Dead | None:
    """The dead letter of a number, if it is one."""
    chosen = select(_ROW.alert_id, _ROW.channel, _ROW.telling).where(
        _ROW.id == delivery_id, _ROW.state == DeliveryState.DEAD.value
    )
    found = session.execute(chosen).one_or_none()
    return None if found is None else Dead(found[0], found[1], Telling(found[2]))


def revive(session: Session, delivery_id: int, telling: Telling, now_ms: int) -> None:
    """Put a dead letter on its way again."""
    state = DeliveryState.WAITING.value
    _change(session, [delivery_id], state=state, telling=telling.value, due_ms=now_ms, attempts=0)


def _change(session: Session, delivery_ids: Collection[int], **values: object) -> None:
    changed = update(_ROW).where(_ROW.id.in_(delivery_ids)).values(values)
    session.execute(changed.execution_options(synchronize_session=False))


def _delivery(row: Sequence[Any]) -> Delivery:
    number, channel, telling, created_ms, due_ms, attempts, state, hold, *rest = row
    return Delivery(
        number,
        channel,
        Telling(telling),
        created_ms,
        due_ms,
        attempts,
        DeliveryState(state),
        None if hold is None else HoldKind(hold),
        *rest,
    )
