"""Deliveries: from planned messages to messages that were taken, step by step.

Each step is one short transaction, and safe to be cut off: what is not noted is done again, under
the same key. No step talks to a channel; `monitor.runtime.courier` does that in between.
"""

from collections.abc import Collection, Iterator
from dataclasses import dataclass

from monitor.domain import deliveries as fate
from monitor.domain.alerts import Telling
from monitor.domain.deliveries import DeliveryState, Next, Picked, Refused
from monitor.storage import alerts, deliveries
from monitor.storage.alerts import Standing
from monitor.storage.deliveries import Planned
from monitor.storage.engine import Session

_MAX_ERROR = 300
#: These say all that there is to say of their alert.
_WHOLE = frozenset({Telling.FIRED, Telling.SUMMARY})


class NoDeadLetter(LookupError):
    """No dead letter has that number."""


@dataclass(frozen=True, slots=True)
class Parcel:
    """A message to send now: to which channel, of which alert, and whether it is its first."""

    standing: Standing
    picked: Picked
    key: str
    told_before: bool

    @property
    def channel(self) -> str:
        """The name of the channel."""
        return self.picked.delivery.channel


def due(session: Session, now_ms: int, busy: Collection[tuple[int, str]]) -> Iterator[Parcel]:
    """What is to be sent now, the oldest first, but for (alert, channel) pairs that are busy."""
    numbers = deliveries.waiting_alerts(session)
    known = {each.id: each for each in alerts.find(session, numbers)}
    for (alert_id, channel), messages in deliveries.of_alerts(session, numbers).items():
        picked = fate.pick(messages)
        if picked is None or picked.due_ms > now_ms or (alert_id, channel) in busy:
            continue
        key = deliveries.key_of(session, picked.newest_id)
        if key is not None:
            yield Parcel(known[alert_id], picked, key, fate.was_told(messages))


def note(
    session: Session, parcel: Parcel, refused: Refused | None, now_ms: int, chance: float
) -> DeliveryState:
    """Note what became of a message; what it stood for goes the same way.

    One that is no longer known, for another ledger was restored meanwhile, is let go.
    """
    picked, delivery = parcel.picked, parcel.picked.delivery
    if deliveries.key_of(session, picked.newest_id) != parcel.key:
        return DeliveryState.MERGED
    if refused is None:
        deliveries.deliver(session, delivery.id, now_ms)
        alerts.note_delivered(session, parcel.standing.id, now_ms)
        state = DeliveryState.DELIVERED
    else:
        after = fate.after_refusal(delivery, refused, now_ms, chance)
        deliveries.refuse(session, delivery.id, now_ms, after, refused.reason[:_MAX_ERROR])
        state = after.state
    if state is not DeliveryState.WAITING:
        deliveries.merge(session, [each.id for each in picked.merged])
    return state


def resend(session: Session, delivery_id: int, now_ms: int) -> None:
    """Put a dead letter on its way again. Raises NoDeadLetter.

    One of an alert that is over meanwhile tells all of it at once.
    """
    dead = deliveries.find_dead(session, delivery_id)
    if dead is None or dead.alert_id is None:
        raise NoDeadLetter(f"{delivery_id} is no dead letter; `inferwatch alerts` lists them")
    [standing] = alerts.find(session, [dead.alert_id])
    is_over = standing.alert.closed_ms is not None and dead.telling not in _WHOLE
    telling = Telling.CLOSED if is_over else dead.telling
    deliveries.revive(session, delivery_id, telling, now_ms)


def note_test(session: Session, channel: str, key: str, error: str | None, now_ms: int) -> None:
    """Note the test of a channel."""
    planned = Planned(None, channel, Telling.TEST, key, now_ms, now_ms)
    number = deliveries.add(session, planned)
    if error is None:
        deliveries.deliver(session, number, now_ms)
    else:
        following = Next(DeliveryState.DEAD, now_ms)
        deliveries.refuse(session, number, now_ms, following, error[:_MAX_ERROR])
