"""Rebuild: make the rollups again from the ledger, as they would have been written."""

from collections.abc import Callable, Sequence
from zoneinfo import ZoneInfo

from monitor.storage import calls, facts, failures, history, latency, people, rollups, usage
from monitor.storage.calls import Placed, Written
from monitor.storage.engine import Database
from monitor.storage.rollups import Start


def rebuild(database: Database, progress: Callable[[int, int], None] = lambda _d, _t: None) -> int:
    """Make all rollups from the start of the ledger again, in one transaction.

    `progress` is told how many calls of how many are done. Returns how many there were.
    """
    with database.writing() as session:
        home_zone = facts.home_zone(session)
        start = rollups.start_of(facts.ledger_from_day(session), home_zone)
        people_start = rollups.start_of(facts.details_from_day(session), home_zone)
        latency_start = rollups.start_of(facts.latency_from_day(session), home_zone)
        rollups.clear(session, start, people_start, latency_start)
        total, done = history.count(session, start.instant_ms), 0
        for written in history.calls(session, start.instant_ms):
            placed = calls.place(written)
            usage.add(session, placed, home_zone)
            failures.add(session, placed)
            people.add(session, _since(people_start, written), home_zone)
            latency.add(session, _since(latency_start, written), home_zone)
            done += len(written)
            progress(done, total)
        rollups.add_health(session, start, home_zone)
    return done


def _since(start: Start, written: Sequence[Written]) -> Placed:
    return calls.place(w for w in written if w[1].call.started_ms >= start.instant_ms)


def move_home(database: Database, home_zone: ZoneInfo) -> None:
    """Make the day rows again in another home zone."""
    with database.writing() as session:
        rollups.move_home(session, home_zone)
