"""Endpoints: make the ledger know what the settings watch."""

from collections.abc import Collection, Iterable, Mapping

from monitor.domain.endpoints import Endpoint
from monitor.services.maintenance import PEOPLE, kept_true
from monitor.storage import endpoints as rows
from monitor.storage import health, maintenance, pauses, silences
from monitor.storage.engine import Session


def register(
    session: Session,
    endpoints: Iterable[Endpoint],
    now_ms: int,
    former_ids: Mapping[str, str] | None = None,
) -> None:
    """Write endpoints and their targets as they are now; retire those that are not named.

    `former_ids` are the old ids of those that were renamed, by the new ones: they keep their rows,
    and so their history.
    """
    watched = list(endpoints)
    listed = {e.id for e in watched} | {e.target.id for e in watched}
    _rename(session, former_ids or {}, listed, now_ms)
    targets = {e.target.id: rows.put_target(session, e.target, now_ms)[0] for e in watched}
    numbers = list(targets.values())
    with kept_true(session):  # an endpoint may turn up at another provider, which has its windows
        for endpoint in watched:
            target = targets[endpoint.target.id]
            number, is_new = rows.put_endpoint(session, endpoint, target, now_ms)
            numbers.append(number)
            if is_new:
                health.begin(session, number, now_ms)
    rows.retire_all_but(session, numbers, now_ms)


def _rename(
    session: Session, former_ids: Mapping[str, str], listed: Collection[str], now_ms: int
) -> None:
    """Safe to repeat: the settings may say for ever what was what."""
    former = rows.former(session)
    called = {row.id: row.slug for row in rows.known(session)}
    for new_id, old_id in former_ids.items():
        number = rows.number_of(session, old_id) or former.get(old_id)
        if new_id in listed and number is not None and called[number] not in listed:
            rows.rename(session, number, old_id, new_id, now_ms)
            _rename_provider(session, old_id, new_id)


def _rename_provider(session: Session, old_id: str, new_id: str) -> None:
    """A target's id begins with its provider's name, an endpoint's has no `@` in that place."""
    (old, mark, _), (new, *_) = old_id.partition("@"), new_id.partition("@")
    if mark and old != new:
        pauses.rename_provider(session, old, new)
        silences.rename_provider(session, old, new)
        maintenance.rename_provider(session, PEOPLE, old, new)
