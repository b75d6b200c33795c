"""Windows that people declare, beside those of the settings."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from monitor.domain.pauses import Scope
from monitor.domain.recurrence import name_window
from monitor.domain.windows import Window
from monitor.services import maintenance
from monitor.services.maintenance import PEOPLE, SETTINGS, FileOwned, UnknownWindow
from monitor.storage import maintenance as rows
from monitor.storage.engine import Database
from monitor.storage.queries import maintenance as queries
from monitor.storage.queries.maintenance import Declared
from tests.databases import Keeper
from tests.making import ENDPOINT, MONDAY_MS, open_database

WINDOW = Window(MONDAY_MS + 1000, MONDAY_MS + 9000)


@pytest.fixture
def database(tmp_path: Path) -> Iterator[Database]:
    database = open_database(tmp_path)
    yield database
    database.close()


def add(database: Database, window: Window = WINDOW, at_ms: int = MONDAY_MS) -> None:
    made = name_window(window, Scope(endpoint=ENDPOINT.id), "new disks", "alice")
    with database.writing() as session:
        maintenance.add(session, made, at_ms)


def end(database: Database, at_ms: int, number: int = 1) -> list[Declared]:
    with database.writing() as session:
        maintenance.end(session, number, MONDAY_MS + at_ms)
    return found(database)


def found(database: Database) -> list[Declared]:
    with database.reading() as session:
        return queries.between(session, Window(0, 2**60))


def test_a_window_is_kept_with_who_declared_it_and_declared_again_is_one(
    database: Database,
) -> None:
    add(database)
    add(database)
    [window] = found(database)

    assert (window.source, window.by, window.reason) == (PEOPLE, "alice", "new disks")
    assert (window.from_ms, window.to_ms) == (WINDOW.from_ms, WINDOW.to_ms)


def test_ended_early_its_past_stays(database: Database) -> None:
    add(database)
    [window] = end(database, 5000)

    assert (window.to_ms, window.by) == (MONDAY_MS + 5000, "alice")
    assert [each.to_ms for each in end(database, 20_000)] == [MONDAY_MS + 5000]


def test_ended_before_it_begins_it_is_gone(database: Database) -> None:
    add(database)

    assert end(database, 500) == []
    with pytest.raises(UnknownWindow):
        end(database, 500)


def test_what_stands_in_the_settings_is_ended_there(database: Database) -> None:
    made = name_window(WINDOW, Scope(), "", line=7)
    with database.writing() as session:
        maintenance.declare(session, SETTINGS, [made], MONDAY_MS)

    with pytest.raises(FileOwned, match="window 1 stands in the settings, line 7; remove it there"):
        end(database, 5000)


def test_a_window_that_only_moved_to_another_line_was_declared_when_it_was(
    database: Database,
) -> None:
    for line, at_ms in ((7, MONDAY_MS), (9, MONDAY_MS + 5000)):
        with database.writing() as session:
            made = name_window(WINDOW, Scope(), "", line=line)
            maintenance.declare(session, SETTINGS, [made], at_ms)
    [window] = found(database)

    assert (window.line, window.recorded_ms) == (9, MONDAY_MS)


def test_settings_leave_what_people_declared(database: Database, keeper: Keeper) -> None:
    assert keeper in Keeper
    add(database)
    with database.writing() as session:
        maintenance.declare(session, SETTINGS, [], MONDAY_MS + 5000)
        rows.rename_provider(session, PEOPLE, "acme", "other")

    assert [each.to_ms for each in found(database)] == [WINDOW.to_ms]
