from collections.abc import Iterator
from pathlib import Path

import pytest

from monitor.storage import channels, rounds
from monitor.storage.engine import Database
from monitor.storage.rounds import SILENT_MS
from tests.alerting import hook
from tests.making import MONDAY_MS, open_database

pytestmark = pytest.mark.usefixtures("keeper")


@pytest.fixture
def database(tmp_path: Path) -> Iterator[Database]:
    database = open_database(tmp_path)
    yield database
    database.close()


def silent_ms(database: Database, since_ms: int = SILENT_MS + 1) -> int | None:
    with database.reading() as session:
        return rounds.silent_since_ms(session, MONDAY_MS + since_ms)


def test_who_was_round_some_minutes_ago_is_silent_since(database: Database) -> None:
    with database.writing() as session:
        channels.state(session, [hook("https://a.example/")])
        rounds.note(session, MONDAY_MS)

    assert (silent_ms(database, SILENT_MS), silent_ms(database)) == (None, MONDAY_MS)


def test_where_nobody_is_to_be_told_or_nobody_was_round_yet_nothing_is_missing(
    database: Database,
) -> None:
    with database.writing() as session:
        rounds.note(session, MONDAY_MS)
    without_channels = silent_ms(database)
    with database.writing() as session:
        channels.state(session, [hook("https://a.example/")])
        rounds.note(session, MONDAY_MS + SILENT_MS)

    assert (without_channels, silent_ms(database)) == (None, None)
