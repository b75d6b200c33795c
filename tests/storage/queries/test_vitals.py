from dataclasses import replace
from zoneinfo import ZoneInfo

from monitor.domain.steps import cut
from monitor.domain.vitals import Vitals
from monitor.domain.windows import BUCKET_MS, DAY_MS, HOUR_MS, MINUTE_MS, Window
from monitor.storage import vitals as rows
from monitor.storage.engine import Database
from monitor.storage.models.operations import GapRow
from monitor.storage.queries import vitals
from tests.storage.queries.seeds import ALPHA, BETA

UTC = ZoneInfo("UTC")
START_MS = 20_000 * DAY_MS
LOOK = Vitals(
    at_ms=START_MS,
    lag_s=0.004,
    queued=3,
    in_flight=1,
    missed_runs=1,
    skipped_runs=0,
    clock_steps=0,
    clock_behind_s=0.0,
    is_writable=True,
    spooled=0,
    spool_bytes=16,
    spool_limit_bytes=64_000_000,
    lost=0,
    quarantined=2,
    database_bytes=1_000,
    wal_bytes=None,
)


def look(database: Database, *looks: Vitals) -> None:
    with database.writing() as session:
        for each in looks:
            rows.add(session, each)


def test_the_newest_look_is_read_as_it_was_taken(database: Database) -> None:
    newer = replace(LOOK, at_ms=START_MS + MINUTE_MS, lag_s=None, wal_bytes=77)
    look(database, newer, LOOK)

    with database.reading() as session:
        assert vitals.newest(session) == newer


def test_a_look_that_is_told_twice_is_kept_once(database: Database) -> None:
    look(database, LOOK)
    look(database, replace(LOOK, queued=9))

    with database.reading() as session:
        found = vitals.newest(session)
    assert found == LOOK


def test_before_the_first_look_nothing_is_known(database: Database) -> None:
    with database.reading() as session:
        assert vitals.newest(session) is None


def test_a_step_has_the_worst_of_its_looks_the_sum_of_its_runs_and_the_last_size(
    database: Database,
) -> None:
    later = replace(
        LOOK, at_ms=START_MS + BUCKET_MS, lag_s=0.002, queued=8, missed_runs=4, database_bytes=900
    )
    look(database, LOOK, replace(LOOK, at_ms=START_MS + MINUTE_MS, lag_s=0.25), later)
    steps = cut(Window(START_MS, START_MS + 2 * HOUR_MS), HOUR_MS, UTC)
    with database.reading() as session:
        first, second = vitals.over_time(session, steps)

    assert (first.looks, first.lag_s, first.queued) == (3, 0.25, 8)
    assert (first.missed_runs, first.database_bytes) == (6, 900)
    assert second == vitals.Step(START_MS + HOUR_MS)


def test_gaps_are_summed_by_reason_in_their_steps(database: Database) -> None:
    with database.writing() as session:
        for number, at_ms, reason, runs in (
            (ALPHA, START_MS, "missed", 2),
            (BETA, START_MS + MINUTE_MS, "missed", 3),
            (BETA, START_MS + MINUTE_MS, "capped", 1),
            (ALPHA, START_MS + 2 * HOUR_MS, "missed", 9),
        ):
            session.add(GapRow(endpoint_id=number, at_ms=at_ms, reason=reason, runs=runs))
    steps = cut(Window(START_MS, START_MS + 2 * HOUR_MS), HOUR_MS, UTC)
    with database.reading() as session:
        found = vitals.gaps_over_time(session, steps)

    assert found == [(START_MS, {"missed": 5, "capped": 1}), (START_MS + HOUR_MS, {})]
