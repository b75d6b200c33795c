"""More alerts than a channel takes one by one: the last message it has room for tells the rest."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from monitor.domain.alerts import Severity, Telling
from monitor.domain.channels import Pace
from monitor.domain.deliveries import Refused
from monitor.domain.digest_messages import compose_digest
from monitor.domain.outcomes import Outcome
from monitor.domain.routes import Alerting
from monitor.services import alerts, crowding, deliveries, digests
from monitor.services.deliveries import Parcel
from monitor.storage.engine import Database
from monitor.storage.queries import alerts as asked
from tests.alerting import hook, outage, recovery
from tests.making import ENDPOINT, MONDAY_MS, OTHER, open_database, record

UTC = ZoneInfo("UTC")
HOUR_S = 3_600.0


@pytest.fixture
def database(tmp_path: Path) -> Iterator[Database]:
    database = open_database(tmp_path)
    yield database
    database.close()


def paced(n: int) -> Alerting:
    return Alerting((replace(hook("https://example.com/a"), pace=Pace(n, 3_600_000)),))


def ms(at_s: float) -> int:
    return MONDAY_MS + round(at_s * 1000)


def break_all(database: Database, alerting: Alerting) -> None:
    """Two alerts, of which the second is critical."""
    record(database, outage(100, outcome=Outcome.RATE_LIMITED))
    record(database, outage(110, OTHER.id))
    with database.writing() as session:
        alerts.plan(session, alerting, ms(153))


def go_round(
    database: Database, alerting: Alerting, at_s: float, refused: Refused | None = None
) -> list[Parcel]:
    """What a courier does once."""
    with database.writing() as session:
        crowding.gather(session, ms(at_s), (), alerting)
        parcels = list(deliveries.due(session, ms(at_s), (), alerting))
        for parcel in parcels:
            deliveries.note(session, parcel, refused, ms(at_s), 0.5)
    return parcels


def tellings(parcels: list[Parcel]) -> list[Telling]:
    return [each.picked.delivery.telling for each in parcels]


def test_with_room_for_one_all_are_told_as_one(database: Database) -> None:
    break_all(database, paced(1))
    [parcel] = go_round(database, paced(1), 160)
    with database.reading() as session:
        told = digests.find(session, parcel.standing.id)

    assert (parcel.picked.delivery.telling, parcel.standing.alert.severity) == (
        Telling.CROWD,
        Severity.CRITICAL,
    )
    assert told is not None
    message = compose_digest(told, "https://watch.example/alerts", UTC)
    assert message.title == "2 alerts at once, more than this channel takes"
    assert f"{ENDPOINT.id}: " in message.body
    assert f"{OTHER.id}: down (02 Mar 00:01, still open)" in message.body


def test_with_room_for_all_each_is_told_by_itself(database: Database) -> None:
    break_all(database, paced(2))

    assert tellings(go_round(database, paced(2), 160)) == [Telling.OPENED, Telling.OPENED]


def test_without_any_room_they_wait_and_are_told_as_one_when_there_is(database: Database) -> None:
    full = paced(1)
    with database.writing() as session:
        deliveries.note_test(session, "hook", "key of the test", None, ms(120))
    break_all(database, full)
    nothing = go_round(database, full, 160)
    later = go_round(database, full, 121 + HOUR_S)

    assert (nothing, tellings(later)) == ([], [Telling.CROWD])


def test_each_is_over_by_a_message_of_its_own(database: Database) -> None:
    break_all(database, paced(1))
    go_round(database, paced(1), 160)
    record(database, recovery(200, OTHER.id))
    with database.writing() as session:
        alerts.plan(session, paced(1), ms(212))
    [closing] = go_round(database, paced(1), 161 + HOUR_S)

    assert (closing.picked.delivery.telling, closing.told_before) == (Telling.CLOSED, True)


def test_one_that_was_tried_keeps_its_own_message(database: Database) -> None:
    record(database, outage(100))
    with database.writing() as session:
        alerts.plan(session, paced(1), ms(141))
    go_round(database, paced(1), 150, Refused("answered HTTP 503"))
    record(database, outage(300, OTHER.id))
    with database.writing() as session:
        alerts.plan(session, paced(1), ms(600))
        crowding.gather(session, ms(600), (), paced(1))
    with database.reading() as session:
        states = [line.state for line in asked.log(session, 9)]

    assert states == ["waiting", "waiting"]
