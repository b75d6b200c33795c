"""Rules: what they find becomes incidents and messages, in the transaction that found it.

Whoever evaluates a rule hands over what is other than before; the same finding twice, by whom and
whenever, opens nothing twice and tells nothing twice.
"""

from collections.abc import Mapping
from typing import Any

from monitor.domain.alerts import Severity
from monitor.domain.health import Closed
from monitor.domain.rules import AlertRule, Finding, Notice
from monitor.storage import incidents, outbox
from monitor.storage.engine import Session
from monitor.storage.incidents import Opening
from monitor.storage.outbox import Message

#: What facts and parameters mean; stamped on incidents.
VERSION = 1


def report(
    session: Session, rule: AlertRule[Any], finding: Finding, endpoint_id: int | None = None
) -> None:
    """Open or close the incident of a finding; of an endpoint, or our own."""
    if not finding.is_firing:
        closing = Closed(finding.since_ms, finding.at_ms)
        incidents.close_incident(session, rule.name, finding.subject, closing)
    elif not incidents.is_known(session, rule.name, finding.subject, finding.at_ms):
        opening = Opening(
            endpoint_id,
            rule.name,
            finding.subject,
            rule.severity or Severity.WARNING,
            finding.since_ms,
            finding.at_ms,
            VERSION,
            facts=finding.facts,
        )
        incidents.open_incident(session, opening)


def key_of(noticed: Notice) -> str:
    """What a notice is known by in the outbox: it is told once of it."""
    return _message(noticed, {}).key


def notice(session: Session, rule: AlertRule[Any], noticed: Notice) -> bool:
    """Tell something once, if its rule is on; whether it was not told before."""
    if not rule.is_on:
        return False
    payload = {
        "rule": rule.name.value,
        "kind": rule.kind.value,
        "severity": (rule.severity or Severity.WARNING).value,
        "provider": noticed.provider,
        "facts": dict(noticed.facts),
    }
    return outbox.put_once(session, _message(noticed, payload))


def _message(noticed: Notice, payload: Mapping[str, Any]) -> Message:
    transition = f"{noticed.rule}/{noticed.key}"
    return Message("notice", noticed.subject, transition, noticed.at_ms, payload=payload)
