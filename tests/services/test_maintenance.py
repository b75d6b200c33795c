"""Maintenance is an overlay: it moves milliseconds, never slices or incidents."""

from collections.abc import Iterator
from dataclasses import replace
from itertools import pairwise
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from monitor.domain.availability import Availability
from monitor.domain.maintenance import Maintenance
from monitor.domain.outcomes import Outcome
from monitor.domain.windows import HOUR_MS, Window
from monitor.services import endpoints
from monitor.services.doctor import sums_agree
from monitor.services.maintenance import declare
from monitor.services.rebuild import rebuild
from monitor.storage.engine import Database
from monitor.storage.maintenance import UnknownScope
from monitor.storage.queries import health, maintenance
from tests.making import ENDPOINT, MONDAY_MS, OTHER, open_database, probe, record
from tests.services.test_replay import MADE, dump

UTC = ZoneInfo("UTC")
#: Off the bucket edges, so that buckets are cut.
REBOOT = Window(MONDAY_MS + HOUR_MS + 100_000, MONDAY_MS + 2 * HOUR_MS + 100_000)
DAY = Window(MONDAY_MS, MONDAY_MS + 24 * HOUR_MS)


@pytest.fixture
def database(tmp_path: Path) -> Iterator[Database]:
    database = open_database(tmp_path, zone="Asia/Kathmandu")
    yield database
    database.close()


def say(database: Database, *declared: Maintenance, now_ms: int = MONDAY_MS) -> None:
    with database.writing() as session:
        declare(session, "settings", declared, now_ms)


def run_three_hours(database: Database) -> None:
    """Up, but for the hour of `REBOOT`, in which every probe fails."""
    for at_s in range(0, 3 * 3_600, 300):
        is_bad = REBOOT.from_ms <= MONDAY_MS + at_s * 1_000 < REBOOT.to_ms
        record(database, [probe(at_s, Outcome.OVERLOADED if is_bad else Outcome.OK)])


def judge(database: Database, window: Window = DAY, number: int = 2) -> Availability:
    with database.reading() as session:
        return health.availability(session, window, UTC)[number]


def test_down_time_in_maintenance_costs_no_availability_and_is_covered(database: Database) -> None:
    say(database, Maintenance("reboot", REBOOT, endpoint=ENDPOINT.id))
    run_three_hours(database)

    judged = judge(database)
    assert judged.maintenance_ms == HOUR_MS
    assert judged.coverage_milli == 100_000
    # What is down after the window, until two probes in a row were good, is charged.
    assert 0 < judged.down_ms < 600_000


def test_a_window_off_the_bucket_edges_knows_its_ends(database: Database) -> None:
    say(database, Maintenance("reboot", REBOOT))
    run_three_hours(database)
    inside = Window(REBOOT.from_ms + 7, REBOOT.to_ms - 7)

    assert judge(database, inside) == Availability(HOUR_MS - 14, 0, 0, HOUR_MS - 14)
    assert judge(database, inside).percent_milli is None


@pytest.mark.parametrize("zone", ["UTC", "Asia/Kathmandu"])
def test_a_window_declared_afterwards_gives_what_it_would_have_given_before(
    tmp_path: Path, zone: str
) -> None:
    sums = []
    for name, is_early in (("early", True), ("late", False)):
        (tmp_path / name).mkdir()
        database = open_database(tmp_path / name, zone=zone)
        window = Maintenance("reboot", REBOOT, provider="acme")
        if is_early:
            say(database, window)
        run_three_hours(database)
        say(database, window, now_ms=DAY.to_ms)
        sums.append(dump(database, [*MADE, "slice", "incident"]))
        database.close()

    assert sums[0] == sums[1]


def test_a_window_corrected_afterwards_moves_the_time_back(database: Database) -> None:
    run_three_hours(database)
    before = dump(database, MADE)
    say(database, Maintenance("reboot", REBOOT), now_ms=DAY.to_ms)
    assert dump(database, MADE) != before

    say(
        database,
        Maintenance("reboot", Window(REBOOT.from_ms, REBOOT.from_ms)),
        now_ms=DAY.to_ms,
    )
    assert dump(database, MADE) == before


def test_a_rebuild_reproduces_what_is_in_maintenance(database: Database) -> None:
    say(database, Maintenance("reboot", REBOOT))
    run_three_hours(database)
    before = dump(database, MADE)

    rebuild(database)

    assert dump(database, MADE) == before
    with database.reading() as session:
        assert sums_agree(session) == []


def test_overlapping_windows_hold_their_time_once(database: Database) -> None:
    half = Window(REBOOT.from_ms, REBOOT.from_ms + HOUR_MS // 2)
    say(database, Maintenance("all", REBOOT), Maintenance("one", half, endpoint=ENDPOINT.id))
    run_three_hours(database)

    assert judge(database).maintenance_ms == HOUR_MS


@pytest.mark.parametrize("zone", ["UTC", "Asia/Kathmandu", "America/St_Johns"])
def test_any_partition_of_a_period_sums_to_the_period(database: Database, zone: str) -> None:
    say(database, Maintenance("reboot", REBOOT))
    run_three_hours(database)
    cuts = [0, 1, 3_700_001, 5_000_000, 7_300_000, 7_300_001, 12_345_678, 24 * HOUR_MS]
    parts = [Window(MONDAY_MS + a, MONDAY_MS + b) for a, b in pairwise(cuts)]

    with database.reading() as session:
        whole, *judged = (
            health.availability(session, window, ZoneInfo(zone))[2] for window in (DAY, *parts)
        )
    for name in ("window_ms", "covered_ms", "down_ms", "maintenance_ms"):
        assert sum(getattr(each, name) for each in judged) == getattr(whole, name)


def test_a_window_of_one_endpoint_leaves_the_others_alone(database: Database) -> None:
    say(database, Maintenance("reboot", REBOOT, endpoint=OTHER.id))
    run_three_hours(database)

    assert judge(database).maintenance_ms == 0


def test_an_endpoint_that_turns_up_at_another_provider_takes_its_windows(
    database: Database,
) -> None:
    say(database, Maintenance("reboot", REBOOT, provider="nobody"))
    run_three_hours(database)
    assert judge(database).maintenance_ms == 0

    moved = replace(ENDPOINT, target=replace(ENDPOINT.target, id="nobody@key", provider="nobody"))
    with database.writing() as session:
        endpoints.register(session, [moved, OTHER], DAY.to_ms)

    assert judge(database).maintenance_ms == HOUR_MS


def test_an_endpoint_may_be_named_as_it_was_called_before(database: Database) -> None:
    run_three_hours(database)
    with database.writing() as session:
        renamed = replace(ENDPOINT, id="acme/new")
        endpoints.register(session, [renamed, OTHER], DAY.to_ms, {"acme/new": ENDPOINT.id})
    say(database, Maintenance("reboot", REBOOT, endpoint=ENDPOINT.id))

    assert judge(database).maintenance_ms == HOUR_MS


def test_an_endpoint_that_nobody_knows_is_named(database: Database) -> None:
    with pytest.raises(UnknownScope, match="'reboot' names endpoint 'acme/gone', which is not"):
        say(database, Maintenance("reboot", REBOOT, endpoint="acme/gone"))


def test_pages_see_the_window_who_said_so_and_that_it_came_late(database: Database) -> None:
    say(database, Maintenance("reboot", REBOOT, reason="new disks"), now_ms=REBOOT.to_ms)

    with database.reading() as session:
        [declared] = maintenance.between(session, DAY)
    assert (declared.source, declared.reason, declared.is_belated) == ("settings", "new disks", 1)


def test_declaring_the_same_again_does_not_make_it_belated(database: Database) -> None:
    for now_ms in (MONDAY_MS, REBOOT.to_ms):
        say(database, Maintenance("reboot", REBOOT), now_ms=now_ms)

    with database.reading() as session:
        [declared] = maintenance.between(session, DAY)
    assert declared.recorded_ms == MONDAY_MS


@pytest.mark.parametrize(
    ("now_ms", "is_held"),
    [(REBOOT.from_ms - 1, False), (REBOOT.from_ms, True), (REBOOT.to_ms, False)],
)
def test_a_standing_says_whether_maintenance_runs(
    database: Database, now_ms: int, *, is_held: bool
) -> None:
    say(database, Maintenance("reboot", REBOOT))

    with database.reading() as session:
        assert health.standings(session, now_ms)[2].is_in_maintenance is is_held
