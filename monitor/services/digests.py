"""Digests: many alerts as one message to a channel, with a row of its own in the outbox.

Its key there is by what it gathers, so that the same is never gathered twice.
"""

from collections.abc import Iterator, Sequence
from secrets import token_hex

from monitor.domain.alerts import Alert, AlertKind, Root, Severity, Telling
from monitor.domain.deliveries import DeliveryState
from monitor.domain.digests import Digest, Entry, Spending
from monitor.domain.routes import Alerting
from monitor.domain.windows import HOUR_MS
from monitor.services import budgets
from monitor.storage import alerts, deliveries, outbox
from monitor.storage import digests as rows
from monitor.storage.alerts import Standing
from monitor.storage.deliveries import Planned
from monitor.storage.digests import DIGEST
from monitor.storage.engine import Session
from monitor.storage.outbox import Message
from monitor.storage.queries import alerts as queries


def sum_up(
    session: Session,
    channel: str,
    alert_ids: Sequence[int],
    first_delivery: int,
    alerting: Alerting,
    now_ms: int,
) -> None:
    """Tell a channel of alerts that came and went while they were held."""
    payload = {"telling": Telling.SUMMARY.value, "alerts": list(alert_ids)}
    transition = f"held until {now_ms} from {first_delivery}"
    message = Message(DIGEST, channel, transition, now_ms, payload=payload)
    _send(session, message, Severity.WARNING, alerting.due_ms(Severity.WARNING, now_ms))


def crowd(
    session: Session, channel: str, told: Sequence[Standing], first_delivery: int, now_ms: int
) -> None:
    """Tell a channel at once of more alerts than it takes one by one, as urgent as the most so."""
    payload = {"telling": Telling.CROWD.value, "alerts": [each.id for each in told]}
    transition = f"crowded at {now_ms} from {first_delivery}"
    is_critical = any(each.alert.severity is Severity.CRITICAL for each in told)
    severity = Severity.CRITICAL if is_critical else Severity.WARNING
    _send(session, Message(DIGEST, channel, transition, now_ms, payload=payload), severity, now_ms)


def is_due(session: Session, alerting: Alerting, now_ms: int) -> bool:
    """Whether there is a digest to tell."""
    return bool(deliveries.gathered(session, now_ms)) or any(_empty(session, alerting, now_ms))


def gather(session: Session, alerting: Alerting, now_ms: int) -> None:
    """Tell each channel of what it waited for, and of nothing where that was asked for."""
    for channel, waited in deliveries.gathered(session, now_ms).items():
        deliveries.settle(session, [each for each, _, _ in waited], DeliveryState.SUMMED)
        due_ms = max(due_ms for _, _, due_ms in waited)
        named = [alert_id for _, alert_id, _ in waited] + rows.still_open(session, channel)
        _digest(session, channel, due_ms, list(dict.fromkeys(named)), now_ms)
    for channel, due_ms in list(_empty(session, alerting, now_ms)):
        _digest(session, channel, due_ms, rows.still_open(session, channel), now_ms)


def _empty(session: Session, alerting: Alerting, now_ms: int) -> Iterator[tuple[str, int]]:
    """The digests that are due though nothing was gathered; one that comes too late is left out."""
    for route in alerting.routes:
        schedule = route.digest
        if schedule is None or not schedule.with_empty:
            continue
        due_ms = schedule.last_ms(now_ms)
        for channel in route.to:
            known = Message(DIGEST, channel, _transition(due_ms), now_ms).key
            if now_ms - due_ms < HOUR_MS and not rows.is_known(session, known):
                yield channel, due_ms


def _digest(
    session: Session, channel: str, due_ms: int, alert_ids: Sequence[int], now_ms: int
) -> None:
    payload = {"telling": Telling.DIGEST.value, "alerts": list(alert_ids)}
    message = Message(DIGEST, channel, _transition(due_ms), now_ms, payload=payload)
    if rows.is_known(session, message.key):  # what came too late for it is told apart
        message = message._replace(transition=f"{message.transition} at {now_ms}")
    _send(session, message, Severity.WARNING, now_ms)


def _transition(due_ms: int) -> str:
    return f"due {due_ms}"


def find(session: Session, alert_id: int) -> Digest | None:
    """What an alert gathers, as it is now; `None` for an alert of its own."""
    gathered = rows.find(session, alert_id)
    if gathered is None:
        return None
    facts = gathered.facts
    found = alerts.find(session, facts["alerts"])
    entries = sorted((_entry(session, each) for each in found), key=lambda each: each.from_ms)
    from_ms = entries[0].from_ms if entries else gathered.at_ms
    telling = Telling(facts["telling"])
    spending = _spending(session, gathered.at_ms) if telling is Telling.DIGEST else ()
    return Digest(telling, from_ms, gathered.at_ms, tuple(entries), spending)


def _spending(session: Session, at_ms: int) -> tuple[Spending, ...]:
    return tuple(
        Spending(each.held.budget.name, each.spent.nano_usd, each.held.amount_nano_usd)
        for each in budgets.standing(session, at_ms)
    )


def _send(session: Session, message: Message, severity: Severity, due_ms: int) -> None:
    at_ms = message.created_ms
    number = outbox.put(session, message)
    alerts.mark_planned(session, [number])
    alert = Alert(Root(AlertKind.DIGEST, ""), severity, at_ms, at_ms, closed_ms=at_ms)
    told_by = alerts.add(session, alert, number)
    telling = Telling(message.payload["telling"])
    planned = Planned(told_by, message.subject, telling, token_hex(16), at_ms, due_ms)
    deliveries.add(session, planned)


def _entry(session: Session, standing: Standing) -> Entry:
    alert, members = standing.alert, queries.members(session, standing.id)
    firing = alerts.firing_of(session, standing.id)
    if firing is not None:
        return Entry(firing.subject, alert.root.kind, firing.at_ms, firing.at_ms)
    slugs = {each.slug or "our own network" for each in members}
    subject = slugs.pop() if len(slugs) == 1 else f"{alert.root.provider}: {len(slugs)} endpoints"
    ends = [each.ended_ms for each in members if each.ended_ms is not None]
    is_over = alert.closed_ms is not None and len(ends) == len(members)
    return Entry(subject, alert.root.kind, members[0].started_ms, max(ends) if is_over else None)
