"""Digests: many alerts as one message to a channel, with a row of its own in the outbox.

Its key there is by what it gathers, so that the same is never gathered twice.
"""

from collections.abc import Sequence
from secrets import token_hex

from monitor.domain.alerts import Alert, AlertKind, Root, Severity, Telling
from monitor.domain.digests import Digest, Entry
from monitor.domain.routes import Alerting
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


def find(session: Session, alert_id: int) -> Digest | None:
    """What an alert gathers, as it is now; `None` for an alert of its own."""
    gathered = rows.find(session, alert_id)
    if gathered is None:
        return None
    facts = gathered.facts
    found = alerts.find(session, facts["alerts"])
    entries = sorted((_entry(session, each) for each in found), key=lambda each: each.from_ms)
    from_ms = entries[0].from_ms if entries else gathered.at_ms
    return Digest(Telling(facts["telling"]), from_ms, gathered.at_ms, tuple(entries))


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
