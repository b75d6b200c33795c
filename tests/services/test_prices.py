"""Which price holds: a user's word stands, the catalogue's is taken up, nothing is edited."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from monitor.domain.prices import Authority, PriceList, Rate, in_force
from monitor.services import prices
from monitor.services.prices import NothingPriced, OwnPrice
from monitor.settings.load import load
from monitor.settings.model import Settings
from monitor.storage import prices as rows
from monitor.storage.engine import Database
from tests.making import ENDPOINT, MONDAY_MS, OTHER, PRICES, load_reference, open_database

LATER_MS = MONDAY_MS + 1_000
OWN = OwnPrice(ENDPOINT.id, (Rate("input", 7),), "alice")
IN_SETTINGS = replace(PRICES, authority=Authority.SETTINGS, source="settings", rates=OWN.rates)


@pytest.fixture
def database(tmp_path: Path) -> Iterator[Database]:
    database = open_database(tmp_path)
    yield database
    database.close()


def standing(database: Database, now_ms: int = LATER_MS, of: str = ENDPOINT.id) -> PriceList | None:
    return in_force(load_reference(database).tariff(of).prices, now_ms)


def install(database: Database, price: PriceList, now_ms: int = LATER_MS) -> int:
    """How many lists there are once a price was installed."""
    with database.writing() as session:
        prices.install(session, {ENDPOINT.id: price}, now_ms)
    return len(load_reference(database).tariff(ENDPOINT.id).prices)


def set_own(database: Database, price: OwnPrice = OWN, now_ms: int = LATER_MS) -> list[str]:
    with database.writing() as session:
        return prices.set_own(session, price, now_ms)


def test_a_price_set_by_hand_holds_from_now_on_and_says_by_whom(database: Database) -> None:
    set_own(database)
    found = standing(database)

    assert found is not None
    assert (found.rates, found.source, found.valid_from_ms) == (OWN.rates, "set by alice", LATER_MS)
    assert standing(database, MONDAY_MS) != found


def test_a_price_may_be_set_for_a_time_that_is_past(database: Database) -> None:
    set_own(database, replace(OWN, from_ms=MONDAY_MS))

    assert standing(database, MONDAY_MS) == standing(database)


def test_a_model_s_price_is_written_to_each_of_its_endpoints(tmp_path: Path) -> None:
    twin = replace(ENDPOINT, id="acme/twin")
    database = open_database(tmp_path, (ENDPOINT, twin, OTHER))
    named = set_own(database, replace(OWN, name=OTHER.model))
    assert named == [OTHER.id]
    assert set_own(database, replace(OWN, name="acme/twin")) == ["acme/twin"]
    database.close()


def test_a_name_that_is_nobody_s_says_whose_there_are(database: Database) -> None:
    with pytest.raises(NothingPriced, match=r"'nobody' is no endpoint.*acme/large, acme/small"):
        set_own(database, replace(OWN, name="nobody"))


@pytest.mark.parametrize("authority", [Authority.HAND, Authority.ACCEPTED])
def test_the_catalogue_does_not_take_the_place_of_what_somebody_decided(
    database: Database, authority: Authority
) -> None:
    decided = replace(PRICES, authority=authority, rates=OWN.rates)
    with database.writing() as session:
        number = load_reference(database).tariff(ENDPOINT.id).endpoint_id
        rows.append(session, number, replace(decided, recorded_ms=LATER_MS))
    install(database, PRICES, LATER_MS + 1)

    found = standing(database, LATER_MS + 1)
    assert found is not None
    assert found.authority is authority


def test_settings_that_say_nothing_new_leave_a_later_word_alone(database: Database) -> None:
    install(database, IN_SETTINGS, LATER_MS)
    set_own(database, replace(OWN, rates=(Rate("input", 9),)), LATER_MS + 1)
    assert install(database, IN_SETTINGS, LATER_MS + 2) == 3

    edited = replace(IN_SETTINGS, rates=(Rate("input", 11),))
    assert install(database, edited, LATER_MS + 3) == 4
    found = standing(database, LATER_MS + 3)
    assert found is not None
    assert found.rates == edited.rates


def test_settings_that_no_longer_say_a_price_give_way_to_the_catalogue(database: Database) -> None:
    install(database, IN_SETTINGS, LATER_MS)
    install(database, PRICES, LATER_MS + 1)
    assert standing(database, LATER_MS + 1) == standing(database, LATER_MS + 9)

    install(database, IN_SETTINGS, LATER_MS + 2)
    found = standing(database, LATER_MS + 2)
    assert found is not None
    assert found.authority is Authority.SETTINGS


def test_the_same_word_again_writes_nothing(database: Database) -> None:
    assert [install(database, PRICES) for _ in range(3)] == [1, 1, 1]


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    path = tmp_path / "inferwatch.yaml"
    path.write_text(
        "zone: UTC\n"
        "providers: {acme: {base_url: 'http://127.0.0.1:1/v1', models: [small, large]}}\n"
    )
    return load(path, {})


def test_what_is_planned_by_is_what_holds(database: Database, settings: Settings) -> None:
    before = prices.effective_at(settings, LATER_MS)
    set_own(database, replace(OWN, name=OTHER.id))
    found = prices.effective_at(settings, LATER_MS)

    assert before.keys() == {ENDPOINT.id}
    assert {each: found[each].authority for each in found} == {
        ENDPOINT.id: Authority.CATALOGUE,
        OTHER.id: Authority.HAND,
    }


def test_without_a_database_the_catalogue_and_the_settings_are_what_there_is(
    settings: Settings, tmp_path: Path
) -> None:
    own = replace(settings, prices={ENDPOINT.id: IN_SETTINGS})

    assert not (tmp_path / "inferwatch.db").exists()
    assert prices.effective_at(own, LATER_MS) == {ENDPOINT.id: IN_SETTINGS}
