from collections.abc import Iterator
from pathlib import Path

import pytest

from monitor.domain.deliveries import Refused
from monitor.domain.promptness import Took
from monitor.domain.windows import DAY_MS, Window
from monitor.services import alerts, deliveries
from monitor.storage.engine import Database
from monitor.storage.queries.deliveries import arrived
from tests.alerting import outage, recovery, to_hooks
from tests.making import MONDAY_MS, open_database, record

pytestmark = pytest.mark.usefixtures("keeper")
HOOK = to_hooks("https://a.example/")
DAY = Window(MONDAY_MS, MONDAY_MS + DAY_MS)


@pytest.fixture
def database(tmp_path: Path) -> Iterator[Database]:
    database = open_database(tmp_path)
    yield database
    database.close()


def send(database: Database, at_s: float, refused: Refused | None = None) -> None:
    at_ms = MONDAY_MS + round(at_s * 1000)
    with database.writing() as session:
        alerts.plan(session, HOOK, at_ms)
        for parcel in list(deliveries.due(session, at_ms, ())):
            deliveries.note(session, parcel, refused, at_ms, 0.5)


def took(database: Database, window: Window = DAY) -> list[Took]:
    with database.reading() as session:
        return arrived(session, window)


def test_what_was_held_for_others_is_told_apart_from_what_we_took(database: Database) -> None:
    record(database, outage(100))
    send(database, 141)
    send(database, 143)

    assert took(database) == [Took("hook", MONDAY_MS + 143_000, own_ms=500, held_ms=1_500)]


def test_what_a_newer_message_told_arrived_with_it(database: Database) -> None:
    record(database, outage(100))
    send(database, 141)
    send(database, 143, Refused("busy"))
    record(database, recovery(200))
    send(database, 221)

    assert took(database) == [
        Took("hook", MONDAY_MS + 221_000, own_ms=80_000 - 1_500, held_ms=1_500),
        Took("hook", MONDAY_MS + 221_000, own_ms=10_000, held_ms=0),
    ]


def test_a_window_is_half_open(database: Database) -> None:
    record(database, outage(100))
    send(database, 141)
    send(database, 143)
    at_ms = MONDAY_MS + 143_000

    assert len(took(database, Window(at_ms, at_ms + 1))) == 1
    assert took(database, Window(at_ms - 1, at_ms)) == []
