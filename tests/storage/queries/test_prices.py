from collections.abc import Iterator

import pytest
from sqlalchemy.orm import Session

from monitor.domain.prices import Rate
from monitor.storage.engine import Database
from monitor.storage.models.prices import PriceListRow, PriceRow
from monitor.storage.queries import prices
from tests.storage.queries.seeds import ALPHA, BETA


def make_list(number: int, from_ms: int, to_ms: int | None, recorded_ms: int) -> PriceListRow:
    return PriceListRow(
        id=number,
        endpoint_id=ALPHA,
        source=f"list {number}",
        valid_from_ms=from_ms,
        valid_to_ms=to_ms,
        recorded_ms=recorded_ms,
    )


@pytest.fixture
def session(database: Database) -> Iterator[Session]:
    """Of alpha: a list till 100, one from 100 on, and a later word on the time from 200 on."""
    with database.writing() as session:
        session.add_all([make_list(1, 0, 100, 0), make_list(2, 100, None, 0)])
        session.add(make_list(3, 200, None, 150))
        session.flush()
        session.add(PriceRow(price_list_id=2, leaf="input", pico_usd=5, above_tokens=-1))
        session.add(
            PriceRow(
                price_list_id=2,
                leaf="output",
                pico_usd=6,
                above_tokens=9,
                from_minute=1,
                to_minute=2,
            )
        )
        yield session


@pytest.mark.parametrize(("at_ms", "number"), [(0, 1), (99, 1), (100, 2), (199, 2), (200, 3)])
def test_the_list_in_force_is_the_one_recorded_last(
    session: Session, at_ms: int, number: int
) -> None:
    found = prices.in_force(session, [ALPHA, BETA], at_ms)

    assert {owner: each.id for owner, each in found.items()} == {ALPHA: number}


def test_history_is_newest_first_with_its_rates(session: Session) -> None:
    found = prices.history(session, ALPHA)

    assert [each.id for each in found] == [3, 2, 1]
    assert found[1].rates == (Rate("input", 5), Rate("output", 6, 9, 1, 2))


def test_an_endpoint_without_prices_has_no_history(session: Session) -> None:
    assert prices.history(session, BETA) == []
