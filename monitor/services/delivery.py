"""Delivery: from changes in the outbox to messages that were taken, step by step.

Each step is one short transaction, and safe to be cut off: what is not noted is done again, under
the same key. No step talks to a channel; `monitor.runtime.courier` does that in between.
"""

from collections.abc import Collection, Iterator
from dataclasses import dataclass
from secrets import token_hex

from monitor.domain import alerts as rules
from monitor.domain import deliveries as fate
from monitor.domain.alerts import Alert, Told
from monitor.domain.budgets import ScopeKind
from monitor.domain.deliveries import DeliveryState, Next, Picked, Refused
from monitor.domain.routes import Alerting
from monitor.storage import alerts, deliveries
from monitor.storage.alerts import Firing, Standing, Waiting
from monitor.storage.deliveries import Planned
from monitor.storage.engine import Session

#: So many changes are planned in one transaction.
_AT_ONCE = 100
_MAX_ERROR = 300


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


def is_due(session: Session, now_ms: int) -> bool:
    """Whether there is anything to plan."""
    if alerts.has_waiting(session):
        return True
    standing = alerts.standing(session)
    return any(rules.settle(each.alert, now_ms).telling is not None for each in standing)


def plan(session: Session, alerting: Alerting, now_ms: int) -> None:
    """Turn changes into alerts, and into one message for each channel that is to hear of them."""
    changes = alerts.waiting(session, _AT_ONCE)
    for waiting in changes:
        _hear(session, waiting, alerting, now_ms)
    if changes:
        alerts.mark_planned(session, [each.outbox_id for each in changes])
    fired = alerts.firings(session, _AT_ONCE)
    for firing in fired:
        _fire(session, firing, alerting, now_ms)
    if fired:
        alerts.mark_planned(session, [each.outbox_id for each in fired])
    for standing in alerts.standing(session):
        settled = rules.settle(standing.alert, now_ms)
        if settled.telling is not None:
            alerts.save(session, standing.id, settled.alert)
            _tell(session, standing.id, settled, alerting)


def _hear(session: Session, waiting: Waiting, alerting: Alerting, now_ms: int) -> None:
    change, known = waiting.change, alerts.standing(session)
    if not change.is_opening:
        mine = next((s for s in known if change.incident_id in s.alert.open), None)
        alerts.close_incident(session, change.incident_id)
    elif rules.is_stale(waiting.closed_ms, now_ms):
        return
    else:
        mine = next((s for s in known if s.alert.takes(change)), None)
        if mine is None:
            _open(session, rules.open_alert(change), alerting, now_ms)
            return
        alerts.add_incident(session, mine.id, change.incident_id)
    if mine is not None:
        told = rules.change_alert(mine.alert, change)
        alerts.save(session, mine.id, told.alert)
        _tell(session, mine.id, told, alerting)


def _open(session: Session, told: Told, alerting: Alerting, now_ms: int) -> None:
    alert = told.alert
    names = alerting.channels_for(alert.root, alert.severity, now_ms)
    if names:
        number = alerts.add(session, alert)
        _send(session, number, told, names, alerting)


def _fire(session: Session, firing: Firing, alerting: Alerting, now_ms: int) -> None:
    """A budget's threshold is told once, and is over with that."""
    if rules.is_stale(firing.at_ms, now_ms):
        return
    scope = firing.facts["scope_name"] if firing.facts["scope"] == ScopeKind.PROVIDER else ""
    root, at_ms = rules.Root(rules.AlertKind.BUDGET, scope), firing.at_ms
    alert = Alert(root, rules.Severity.WARNING, at_ms, at_ms, closed_ms=at_ms)
    names = alerting.channels_for(root, alert.severity, now_ms)
    if names:
        number = alerts.add(session, alert, firing.outbox_id)
        _send(session, number, Told(alert, rules.Telling.FIRED, at_ms), names, alerting)


def _tell(session: Session, alert_id: int, told: Told, alerting: Alerting) -> None:
    """To exactly those channels that heard of it, or are about to."""
    if told.telling is None:
        return
    sent = deliveries.of_alerts(session, [alert_id])
    names = [channel for (_, channel), messages in sent.items() if fate.hears(messages)]
    _send(session, alert_id, told, names, alerting)


def _send(
    session: Session, alert_id: int, told: Told, names: Collection[str], alerting: Alerting
) -> None:
    alert, telling = told.alert, told.telling
    if telling is None:
        return
    due_ms = alerting.due_ms(alert.severity, told.due_ms)
    for name in names:
        planned = Planned(alert_id, name, telling, token_hex(16), alert.changed_ms, due_ms)
        deliveries.add(session, planned)


def due(session: Session, now_ms: int, busy: Collection[tuple[int, str]]) -> Iterator[Parcel]:
    """What is to be sent now, the oldest first, but for (alert, channel) pairs that are busy."""
    numbers = deliveries.waiting_alerts(session)
    known = {each.id: each for each in alerts.find(session, numbers)}
    for (alert_id, channel), messages in deliveries.of_alerts(session, numbers).items():
        picked = fate.pick(messages)
        if picked is None or picked.due_ms > now_ms or (alert_id, channel) in busy:
            continue
        key = deliveries.key_of(session, picked.delivery.id)
        if key is not None:
            yield Parcel(known[alert_id], picked, key, fate.was_told(messages))


def note(
    session: Session, parcel: Parcel, refused: Refused | None, now_ms: int, chance: float
) -> DeliveryState:
    """Note what became of a message; what it stood for goes the same way.

    One that is no longer known, for another ledger was restored meanwhile, is let go.
    """
    picked, delivery = parcel.picked, parcel.picked.delivery
    if deliveries.key_of(session, delivery.id) != parcel.key:
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
    is_over = standing.alert.closed_ms is not None and dead.telling is not rules.Telling.FIRED
    telling = rules.Telling.CLOSED if is_over else dead.telling
    deliveries.revive(session, delivery_id, telling, now_ms)


def note_test(session: Session, channel: str, key: str, error: str | None, now_ms: int) -> None:
    """Note the test of a channel."""
    planned = Planned(None, channel, rules.Telling.TEST, key, now_ms, now_ms)
    number = deliveries.add(session, planned)
    if error is None:
        deliveries.deliver(session, number, now_ms)
    else:
        following = Next(DeliveryState.DEAD, now_ms)
        deliveries.refuse(session, number, now_ms, following, error[:_MAX_ERROR])
