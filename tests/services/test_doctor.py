# ruff: noqa: S608 -- each statement is the test's own, no input in it
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from shutil import copy
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import text

from monitor.domain.calls import Attribution, Detail, Timings
from monitor.domain.outcomes import Outcome
from monitor.domain.usage import Usage, UsageState
from monitor.domain.windows import DAY_MS, Window
from monitor.services import doctor
from monitor.services.doctor import MAX_DISAGREEMENTS, Disagreement
from monitor.storage.engine import Database
from tests.making import MONDAY_MS, open_database, probe, record, request
from tests.storage.queries.oracle import write_book
from tests.storage.queries.seeds import HOMES, create_tables, make_book

HOME = "Europe/Berlin"


def open_seeded(folder: Path, zone: str = HOME) -> Database:
    """Four random days over a change of the clock, with rollups summed up by plain loops."""
    database = Database(f"sqlite:///{folder / 'some.db'}")
    with database.writing() as session:
        create_tables(session)
        write_book(session, make_book(ZoneInfo(zone), HOMES[zone], days=4))
    return database


@pytest.fixture(scope="module")
def original(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("original")
    open_seeded(folder).close()
    return folder / "some.db"


@pytest.fixture
def seeded(original: Path, tmp_path: Path) -> Iterator[Database]:
    database = Database(f"sqlite:///{copy(original, tmp_path)}")
    yield database
    database.close()


def examine(database: Database, *changes: str) -> list[Disagreement]:
    """What does not agree after some statements."""
    with database.writing() as session:
        for change in changes:
            session.execute(text(change))
    with database.reading() as session:
        return doctor.sums_agree(session)


@pytest.mark.parametrize("zone", ["Asia/Kathmandu", "Australia/Lord_Howe"])
def test_sums_of_plain_loops_agree(tmp_path: Path, zone: str) -> None:
    database = open_seeded(tmp_path, zone)

    assert examine(database) == []
    database.close()


def test_what_is_recorded_agrees(tmp_path: Path) -> None:
    database = open_database(tmp_path, zone="Pacific/Chatham")
    known: dict[str, Any] = {"usage": Usage(input=9, output=4), "usage_state": UsageState.MEASURED}
    timed: dict[str, Any] = {
        "timings": Timings(0.01, 0.02, 0.3, 0.4, 1.0, 0.0),
        "detail": Detail(request_id="r"),
    }
    calls = [
        *(probe(n * 300, **known, **timed) for n in range(1, 40)),
        *(probe(n * 300 + 40 * 300, Outcome.OVERLOADED) for n in range(1, 5)),
        *(request(n * 977, attribution=Attribution(app="chat"), **known) for n in range(60)),
    ]
    record(database, calls)

    assert examine(database) == []
    database.close()


def test_an_empty_ledger_agrees(tmp_path: Path) -> None:
    database = open_database(tmp_path)

    assert examine(database) == []
    database.close()


@pytest.mark.parametrize(
    ("table", "column"),
    [("usage_15m", "input"), ("usage_day", "cost_nano_usd"), ("health_15m", "ms")],
)
def test_a_number_that_is_off_is_named_with_both_values(
    seeded: Database, table: str, column: str
) -> None:
    place = "day" if table.endswith("_day") else "bucket"
    first = f"FROM {table} WHERE endpoint_id = 2 AND {column} > 0 ORDER BY {place} LIMIT 1"
    with seeded.reading() as session:
        at, value = session.execute(text(f"SELECT {place}, {column} {first}")).one()

    found = examine(
        seeded,
        f"UPDATE {table} SET {column} = {column} + 5"
        f" WHERE {place} = {at} AND endpoint_id = 2 AND {column} = {value}",
    )

    assert (found[0].table, found[0].column) == (table, column)
    assert (found[0].ledger, found[0].rollup) == (value, value + 5)


def test_a_key_is_named_as_people_read_it(seeded: Database) -> None:
    day = date(2025, 10, 26).toordinal()
    found = examine(seeded, f"UPDATE usage_day SET n = n + 1 WHERE day = {day} AND endpoint_id = 3")

    assert found[0].key.startswith("2025-10-26, endpoint_id 3, attribution_id 1, origin probe")


@pytest.mark.parametrize(
    "table",
    [
        "usage_15m",
        "usage_day",
        "failure_15m",
        "latency_15m",
        "latency_day",
        "health_15m",
        "health_day",
    ],
)
def test_rows_that_are_gone_are_missed(seeded: Database, table: str) -> None:
    found = examine(seeded, f"DELETE FROM {table} WHERE endpoint_id = 3")

    assert {(each.table, each.rollup) for each in found} == {(table, 0)}


@pytest.mark.parametrize("table", ["usage_15m", "latency_day", "health_day"])
def test_rows_that_nothing_accounts_for_are_found(seeded: Database, table: str) -> None:
    found = examine(seeded, f"UPDATE {table} SET endpoint_id = 9 WHERE endpoint_id = 3")

    assert 0 in {each.ledger for each in found if "endpoint_id 9" in each.key}


def test_a_lost_call_shows_in_every_rollup_of_calls(seeded: Database) -> None:
    gone = "(SELECT id FROM call WHERE outcome = 1 AND ttft_us IS NOT NULL LIMIT 1)"
    found = examine(
        seeded,
        f"DELETE FROM call_detail WHERE call_id = {gone}",
        f"DELETE FROM call WHERE id = {gone}",
    )

    tables = {"usage_15m", "usage_day", "latency_15m", "latency_day"}
    assert {each.table for each in found} == tables


def test_what_is_before_the_start_of_the_ledger_is_left_alone(seeded: Database) -> None:
    start = HOMES[HOME].toordinal() + 2
    found = examine(
        seeded,
        f"UPDATE usage_day SET n = n + 1 WHERE day < {start}",
        f"INSERT INTO fact (name, value) VALUES ('ledger_from_day', '{start}')",
    )

    assert found == []


def test_details_and_latency_buckets_that_were_pruned_are_not_missed(seeded: Database) -> None:
    with seeded.reading() as session:
        middle_ms = session.execute(text("SELECT avg(started_ms) FROM call")).scalar_one()

    found = examine(
        seeded,
        f"DELETE FROM call_detail WHERE started_ms < {middle_ms}",
        f"DELETE FROM latency_15m WHERE bucket < {middle_ms} / 900000",
    )

    assert found == []


def test_only_the_days_of_a_window_are_looked_into_where_one_is_given(tmp_path: Path) -> None:
    database = open_database(tmp_path)
    record(database, [probe(0), probe(86_400 * 3)])
    window = Window(MONDAY_MS + 3 * DAY_MS, MONDAY_MS + 4 * DAY_MS)
    with database.writing() as session:
        session.execute(text("UPDATE usage_day SET n = 7"))
        found = doctor.sums_agree(session, window)

    assert [each.key[:10] for each in found] == ["2026-03-05"]
    database.close()


def test_the_list_ends_somewhere(seeded: Database) -> None:
    assert len(examine(seeded, "UPDATE usage_15m SET n = n + 1")) == MAX_DISAGREEMENTS


def test_the_oldest_disagreement_comes_first(tmp_path: Path) -> None:
    database = open_database(tmp_path)
    record(database, [probe(0), probe(86_400 * 3)])

    found = examine(database, "UPDATE usage_day SET n = 7")

    assert [each.key[:10] for each in found] == ["2026-03-02", "2026-03-05"]
    database.close()
