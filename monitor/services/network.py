"""Network: one notice while our own is away, however many endpoints we cannot see.

It opens with the first probe that failed for want of our network (the witness rule has asked
elsewhere by then), and closes with the first that got through where the one before it had not:
a server next door answers all the while, and proves nothing.
"""

from collections.abc import Sequence

from monitor.domain.alerts import Severity
from monitor.domain.health import Closed
from monitor.domain.outcomes import LocalFailure
from monitor.domain.rules import RuleName
from monitor.services.reference import Reference
from monitor.storage import incidents
from monitor.storage.calls import Written
from monitor.storage.engine import Session
from monitor.storage.incidents import Opening

_LOST = LocalFailure.NETWORK_LOCAL


def watch(session: Session, probes: Sequence[Written], reference: Reference) -> None:
    """Open or close the notice by live probes, in their order of recording."""
    if not probes:
        return
    is_away = incidents.is_network_away(session)
    was_lost: dict[int, bool] = {}
    for number, entry in probes:
        call, place = entry.call, entry.endpoint_id
        if call.outcome is LocalFailure.MONITOR_ERROR:
            continue
        if call.outcome is _LOST:
            if not is_away:
                _open(session, number, call.started_ms, call.ended_ms, reference)
            is_away = True
        elif is_away:
            if place not in was_lost:
                was_lost[place] = incidents.was_lost(session, place, probes[0][0])
            if was_lost[place]:
                closing = Closed(call.ended_ms, call.ended_ms)
                incidents.close_incident(session, RuleName.NETWORK, "", closing)
                is_away = False
        was_lost[place] = call.outcome is _LOST


def _open(
    session: Session, call_id: int, started_ms: int, confirmed_ms: int, reference: Reference
) -> None:
    rule = reference.rules[RuleName.NETWORK]
    opening = Opening(
        None,
        rule.name,
        "",
        rule.severity or Severity.WARNING,
        started_ms,
        confirmed_ms,
        reference.rule.version,
        _LOST,
        call_id,
    )
    incidents.open_incident(session, opening, is_told=rule.is_on)
