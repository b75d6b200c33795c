"""What the catalogue says of other times than now: announced prices, past ones, and who was met."""

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from monitor.domain.endpoints import Endpoint, Flavour, Target
from monitor.domain.events import Addressee
from monitor.domain.prices import Authority, PriceList, Rate, in_force
from monitor.domain.windows import DAY_MS, HOUR_MS
from monitor.services import catalogue, directory, prices
from monitor.services.prices import OwnPrice
from monitor.storage.engine import Database
from tests.making import load_reference, open_database

OPENAI = "https://api.openai.com/v1"
#: o3 became cheaper on this day.
CUT_MS = int(datetime(2025, 6, 10, tzinfo=UTC).timestamp()) * 1000
TARGET = Target("openai@default", "openai", OPENAI, Flavour.OPENAI_CHAT, "default", None)
O3 = Endpoint("openai/o3", TARGET, "openai/o3", "o3")
DATED = {O3.id: catalogue.price_lists(OPENAI, "o3")}
BEFORE, AFTER = (
    in_force(DATED[O3.id], CUT_MS - 1),
    in_force(DATED[O3.id], CUT_MS),
)


@pytest.fixture
def database(tmp_path: Path) -> Iterator[Database]:
    opened = open_database(tmp_path, (O3,), {}, now_ms=CUT_MS - 30 * DAY_MS)
    yield opened
    opened.close()


def look(database: Database, now_ms: int) -> int:
    """What a start, or the daily look, does; how many lists there are then."""
    current = in_force(DATED[O3.id], now_ms)
    assert current is not None
    with database.writing() as session:
        prices.install(session, {O3.id: current}, now_ms)
        prices.install_dated(session, DATED, now_ms)
    return len(lists(database))


def lists(database: Database, endpoint: str = O3.id) -> tuple[PriceList, ...]:
    return load_reference(database).tariff(endpoint).prices


def rates_at(database: Database, at_ms: int) -> tuple[Rate, ...] | None:
    found = in_force(lists(database), at_ms)
    return None if found is None else found.rates


def test_an_announced_price_holds_from_its_own_instant_on(database: Database) -> None:
    look(database, CUT_MS - DAY_MS)

    assert BEFORE is not None
    assert AFTER is not None
    assert rates_at(database, CUT_MS - 1) == BEFORE.rates
    assert rates_at(database, CUT_MS) == AFTER.rates


def test_what_is_further_off_is_not_written_down_yet(database: Database) -> None:
    assert look(database, CUT_MS - 3 * DAY_MS) == 1


def test_looking_again_and_again_writes_each_price_once(database: Database) -> None:
    counts = [look(database, CUT_MS + hours * HOUR_MS) for hours in range(-60, 60, 7)]

    assert counts == [1, 1] + [2] * 16


def test_calls_that_are_told_late_have_the_price_of_their_own_time(database: Database) -> None:
    look(database, CUT_MS + 400 * DAY_MS)

    assert BEFORE is not None
    assert rates_at(database, CUT_MS - 1) == BEFORE.rates


def test_an_announcement_does_not_take_the_place_of_a_user_s_word(database: Database) -> None:
    own = OwnPrice(O3.id, (Rate("input", 7),), "alice", from_ms=0)
    with database.writing() as session:
        prices.set_own(session, own, CUT_MS - 2 * DAY_MS)
    look(database, CUT_MS - DAY_MS)

    assert rates_at(database, CUT_MS) == own.rates


def test_a_user_s_later_word_stands_over_what_was_announced_before(database: Database) -> None:
    look(database, CUT_MS - DAY_MS)
    own = OwnPrice(O3.id, (Rate("input", 7),), "alice")
    with database.writing() as session:
        prices.set_own(session, own, CUT_MS - HOUR_MS)

    assert rates_at(database, CUT_MS) == own.rates


def test_an_endpoint_met_in_calls_has_the_catalogue_s_price_from_its_first_call_on(
    database: Database,
) -> None:
    with database.writing() as session:
        directory.meet(session, [Addressee(model="gpt-4o-2024-08-06", url=OPENAI)], CUT_MS)
    found = in_force(lists(database, "openai/gpt-4o-2024-08-06"), CUT_MS)

    assert found is not None
    assert found.source.endswith("openai/gpt-4o")
    assert found.authority is Authority.CATALOGUE


def test_what_no_catalogue_has_stays_unpriced(database: Database) -> None:
    with database.writing() as session:
        directory.meet(session, [Addressee(model="our-own", url=OPENAI)], CUT_MS)

    assert lists(database, "openai/our-own") == ()
