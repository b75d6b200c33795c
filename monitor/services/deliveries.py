"""Deliveries: from planned messages to messages that were taken, step by step.

Each step is one short transaction, and safe to be cut off: what is not noted is done again, under
the same key. No step talks to a channel; `monitor.runtime.courier` does that in between.
"""

from collections import Counter
from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass
from secrets import token_hex

from monitor.domain import deliveries as fate
from monitor.domain.alerts import Severity, Telling
from monitor.domain.channel_health import ChannelHealth, after_try
from monitor.domain.deliveries import DeliveryState, Next, Picked, Refused
from monitor.domain.routes import Alerting
from monitor.storage import alerts, channels, deliveries
from monitor.storage.alerts import Standing
from monitor.storage.deliveries import Planned
from monitor.storage.engine import Session

_MAX_ERROR = 300
#: These say all that there is to say of their alert.
_WHOLE = frozenset({Telling.FIRED, Telling.SUMMARY, Telling.DIGEST, Telling.CROWD})
_PLAIN = Alerting()


class NoDeadLetter(LookupError):
    """No dead letter has that number."""


class ChannelOff(Exception):
    """A channel was switched off, so nothing is sent to it."""


@dataclass(frozen=True, slots=True)
class Parcel:
    """A message to send now: to which channel, of which alert, and whether it is its first.

    `barred` is why nothing is sent there: the channel is switched off.
    """

    standing: Standing
    picked: Picked
    key: str
    told_before: bool
    barred: str | None = None

    @property
    def channel(self) -> str:
        """The name of the channel."""
        return self.picked.delivery.channel


def due(
    session: Session, now_ms: int, busy: Collection[tuple[int, str]], alerting: Alerting = _PLAIN
) -> Iterator[Parcel]:
    """What is to be sent now, what is critical and then the oldest first.

    Left out are (alert, channel) pairs that are busy, what is over a channel's pace, and what waits
    for a channel that is switched off and has no fallback.
    """
    parcels = sorted(ready(session, now_ms, busy), key=rank)
    rooms = rooms_of(session, now_ms, busy, alerting, {each.channel for each in parcels})
    for parcel in parcels:
        name, delivery = parcel.channel, parcel.picked.delivery
        if parcel.barred is not None:
            may_pass = alerting.fallback_of(name) and delivery.passed_from is None
            if may_pass or fate.is_too_old(delivery, now_ms):
                yield parcel
        elif rooms.get(name, 1) > 0:
            yield parcel
            if name in rooms:
                rooms[name] -= 1


def ready(session: Session, now_ms: int, busy: Collection[tuple[int, str]]) -> list[Parcel]:
    """What is due of each (alert, channel) pair that is not busy, sent or not."""
    return list(_ready(session, now_ms, busy, channels.health(session)))


def _ready(
    session: Session,
    now_ms: int,
    busy: Collection[tuple[int, str]],
    fares: dict[str, ChannelHealth],
) -> Iterator[Parcel]:
    numbers = deliveries.waiting_alerts(session)
    known = {each.id: each for each in alerts.find(session, numbers)}
    for (alert_id, channel), messages in deliveries.of_alerts(session, numbers).items():
        picked = fate.pick(messages)
        if picked is None or picked.due_ms > now_ms or (alert_id, channel) in busy:
            continue
        key = deliveries.key_of(session, picked.newest_id)
        if key is not None:
            barred = _bar(fares.get(channel, ChannelHealth()))
            yield Parcel(known[alert_id], picked, key, fate.was_told(messages), barred)


def _bar(fares: ChannelHealth) -> str | None:
    return f"the channel is off: {fares.off_reason}" if fares.is_off else None


def rank(parcel: Parcel) -> tuple[bool, int]:
    """What is critical comes before all else, and the older before the newer."""
    return parcel.standing.alert.severity is not Severity.CRITICAL, parcel.standing.id


def rooms_of(
    session: Session,
    now_ms: int,
    busy: Iterable[tuple[int, str]],
    alerting: Alerting,
    names: Collection[str],
) -> dict[str, int]:
    """How many messages each channel that has a pace takes now."""
    under_way = Counter(channel for _, channel in busy)
    rooms = {}
    for name in names:
        channel = alerting.channel(name)
        if channel is not None and channel.pace is not None:
            since_ms = now_ms - channel.pace.per_ms
            taken = deliveries.count_delivered(session, name, since_ms) + under_way[name]
            rooms[name] = channel.pace.n - taken
    return rooms


def note(
    session: Session,
    parcel: Parcel,
    refused: Refused | None,
    now_ms: int,
    chance: float,
    fallback: str | None = None,
) -> DeliveryState:
    """Note what became of a message; what it stood for goes the same way.

    What its channel cannot take goes on to the fallback, once. One that is no longer known, for
    another ledger was restored meanwhile, is let go.
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
        if after.state is DeliveryState.DEAD and _pass_on(session, parcel, fallback, now_ms):
            after = Next(DeliveryState.PASSED, now_ms)
        deliveries.refuse(session, delivery.id, now_ms, after, refused.reason[:_MAX_ERROR])
        state = after.state
    merged = [each.id for each in picked.merged]
    if state is DeliveryState.DELIVERED:
        deliveries.merge_delivered(session, merged, now_ms)
    elif state is not DeliveryState.WAITING:
        deliveries.merge(session, merged)
    _note_health(session, parcel.channel, refused, now_ms)
    return state


def _pass_on(session: Session, parcel: Parcel, fallback: str | None, now_ms: int) -> bool:
    """Whether the fallback tells it; where that hears of the alert by itself, it need not twice."""
    alert_id, delivery = parcel.standing.id, parcel.picked.delivery
    if fallback is None or delivery.passed_from is not None:
        return False
    its_own = deliveries.of_alerts(session, [alert_id]).get((alert_id, fallback), [])
    if not fate.hears(its_own):
        planned = Planned(
            alert_id,
            fallback,
            delivery.telling,
            token_hex(16),
            delivery.created_ms,
            due_ms=now_ms,
            hold=delivery.hold,
            passed_from=delivery.channel,
            passed_ms=now_ms,
        )
        deliveries.add(session, planned)
    return True


def _note_health(session: Session, name: str, refused: Refused | None, now_ms: int) -> None:
    before = channels.health(session).get(name)
    if before is not None and (after := after_try(before, refused, now_ms)) != before:
        channels.note(session, name, after)


def resend(session: Session, delivery_id: int, now_ms: int) -> None:
    """Put a dead letter on its way again. Raises NoDeadLetter and ChannelOff.

    One of an alert that is over meanwhile tells all of it at once.
    """
    dead = deliveries.find_dead(session, delivery_id)
    if dead is None or dead.alert_id is None:
        raise NoDeadLetter(f"{delivery_id} is no dead letter; `inferwatch alerts` lists them")
    if channels.health(session).get(dead.channel, ChannelHealth()).is_off:
        raise ChannelOff(f"channel {dead.channel} is off; test or enable it first")
    [standing] = alerts.find(session, [dead.alert_id])
    is_over = standing.alert.closed_ms is not None and dead.telling not in _WHOLE
    telling = Telling.CLOSED if is_over else dead.telling
    deliveries.revive(session, delivery_id, telling, now_ms)


def enable(session: Session, channel: str) -> None:
    """Send to a channel again, and count what it refuses anew."""
    channels.note(session, channel, ChannelHealth())


def note_test(session: Session, channel: str, key: str, error: str | None, now_ms: int) -> None:
    """Note the test of a channel; one that takes it works."""
    planned = Planned(None, channel, Telling.TEST, key, now_ms, now_ms)
    number = deliveries.add(session, planned)
    if error is None:
        deliveries.deliver(session, number, now_ms)
        enable(session, channel)
    else:
        following = Next(DeliveryState.DEAD, now_ms)
        deliveries.refuse(session, number, now_ms, following, error[:_MAX_ERROR])
