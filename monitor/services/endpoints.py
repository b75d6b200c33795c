"""Endpoints: make the ledger know what the settings watch."""

from collections.abc import Iterable

from monitor.domain.endpoints import Endpoint
from monitor.storage import endpoints as rows
from monitor.storage import health
from monitor.storage.engine import Session


def register(session: Session, endpoints: Iterable[Endpoint], now_ms: int) -> None:
    """Write endpoints and their targets as they are now; retire those that are not named."""
    watched = list(endpoints)
    targets = {e.target.id: rows.put_target(session, e.target, now_ms)[0] for e in watched}
    numbers = list(targets.values())
    for endpoint in watched:
        number, is_new = rows.put_endpoint(session, endpoint, targets[endpoint.target.id], now_ms)
        numbers.append(number)
        if is_new:
            health.begin(session, number, now_ms)
    rows.retire_all_but(session, numbers, now_ms)
