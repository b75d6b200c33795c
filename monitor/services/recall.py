"""Recall: what the database remembers of probing, for a monitor that starts or looks again."""

import logging
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from monitor.domain.cadence import Standing
from monitor.domain.calls import Kind
from monitor.domain.endpoints import Endpoint
from monitor.domain.health import Health, Policy, Rule
from monitor.domain.purposes import INFER, Purpose
from monitor.services.cadence import Cadence, Last
from monitor.services.holds import Holds
from monitor.storage import health, newest
from monitor.storage.engine import Database, DatabaseRefused, Session
from monitor.storage.health import Track
from monitor.storage.newest import Newest

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Memory:
    """What decides the next probes: standings, waits, and when each purpose was last probed."""

    cadence: Cadence
    holds: Holds
    begun_ms: Mapping[tuple[str, Purpose], int]


def remember(
    session: Session,
    watched: Sequence[Endpoint],
    numbers: Mapping[str, int],
    rule: Rule,
    now_ms: int,
) -> Memory:
    """Everything that has to outlive a restart. Waits that are over are left out."""
    ids = {e.id: numbers[e.id] for e in watched}
    targets = {e.target.id: e.target for e in watched}
    rows, accounts = health.load(session, ids.values()), health.load_accounts(session, ids.values())
    probes = newest.load(session, [*ids.values(), *(numbers[name] for name in targets)])
    standings = {
        name: Standing(rows[Track(number, Policy.PROVIDER)], accounts[number]).troubled_at(
            each.failed_ms for each in probes[number].values()
        )
        for name, number in ids.items()
    }
    last = {name: _last(probes[number]) for name, number in ids.items()}
    holds = Holds()
    places = [*((e.id, e.target) for e in watched), *targets.items()]
    for name, target in places:
        for each in probes[numbers[name]].values():
            if each.retry_ms is not None and each.retry_ms > now_ms:
                holds.restore(name, target, each.outcome, each.ended_ms, each.retry_ms)
    begun_ms = {
        (name, purpose): each.started_ms
        for name, number in ids.items()
        for purpose, each in probes[number].items()
    }
    return Memory(Cadence(standings, rule, last=last), holds, begun_ms)


def newest_health(database: Database, number: int) -> Health | None:
    """The row of an endpoint; `None` while the database cannot say."""
    try:
        with database.reading() as session:
            rows = health.load(session, [number])
    except DatabaseRefused as error:
        log.warning("the state of an endpoint cannot be read: %s", error)
        return None
    return rows.get(Track(number, Policy.PROVIDER))


def _last(probes: Mapping[Purpose, Newest]) -> Last:
    infer = probes.get(INFER)
    ended_ms = [each.ended_ms for purpose, each in probes.items() if _is_own(purpose)]
    return Last(None if infer is None else infer.started_ms, max(ended_ms, default=None))


def _is_own(purpose: Purpose) -> bool:
    return purpose.kind is not Kind.REQUEST
