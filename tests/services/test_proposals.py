"""What sources say: nothing holds until it is accepted, and the old never replaces the new."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from monitor.domain.offers import Offer
from monitor.domain.prices import Authority, PriceList, Rate, in_force
from monitor.services import prices, proposals
from monitor.services.prices import OwnPrice
from monitor.services.proposals import CannotDecide, Disagreement, Proposed
from monitor.storage.engine import Database
from tests.making import ENDPOINT, MONDAY_MS, OTHER, PRICES, load_reference, open_database

NOW_MS = MONDAY_MS + 60_000


@pytest.fixture
def database(tmp_path: Path) -> Iterator[Database]:
    database = open_database(tmp_path)
    yield database
    database.close()


def offer(pico_usd: int = 3_000_000, endpoint: str = ENDPOINT.id) -> Offer:
    rates = [Rate("input", pico_usd), *PRICES.rates[1:]]
    return Offer(endpoint, "small", tuple(rates))


def propose(
    database: Database, *offers: Offer, as_of_ms: int = NOW_MS, source: str = "feed"
) -> Proposed:
    with database.writing() as session:
        return proposals.propose(session, source, offers, as_of_ms, NOW_MS)


def look(database: Database, *, only_open: bool = True) -> list[Disagreement]:
    with database.reading() as session:
        return proposals.disagreements(session, NOW_MS, only_open=only_open)


def accept(database: Database, *ids: int, now_ms: int = NOW_MS) -> list[str]:
    with database.writing() as session:
        return proposals.accept(session, ids, "alice", now_ms)


def standing(database: Database, of: str = ENDPOINT.id) -> PriceList | None:
    return in_force(load_reference(database).tariff(of).prices, NOW_MS + 9)


def test_a_proposal_changes_nothing_until_it_is_accepted(database: Database) -> None:
    before = standing(database)
    assert propose(database, offer()) == Proposed(new=1, same=0, older=0)
    assert standing(database) == before

    [found] = look(database)
    assert found.differs == {"input": (2_500_000, 3_000_000)}
    assert accept(database, found.proposal.id) == [ENDPOINT.id]
    after = standing(database)
    assert after is not None
    assert (after.rates, after.authority) == (offer().rates, Authority.ACCEPTED)
    assert look(database) == []


def test_an_unpriced_endpoint_gets_a_proposal_too(database: Database) -> None:
    propose(database, offer(endpoint=OTHER.id))
    [found] = look(database)

    assert (found.endpoint, found.standing, found.differs) == (OTHER.id, None, {})
    accept(database, found.proposal.id)
    assert standing(database, OTHER.id) is not None


def test_what_says_the_same_as_what_holds_or_as_before_is_no_news(database: Database) -> None:
    assert propose(database, offer(2_500_000)) == Proposed(0, 1, 0)
    told = [propose(database, offer(), as_of_ms=NOW_MS + n) for n in range(2)]

    assert told == [Proposed(1, 0, 0), Proposed(0, 1, 0)]


def test_an_older_word_of_a_source_is_left_out(database: Database) -> None:
    propose(database, offer())

    assert propose(database, offer(9), as_of_ms=NOW_MS - 1) == Proposed(0, 0, 1)
    assert len(look(database)) == 1


def test_what_somebody_decided_since_is_not_replaced_by_what_was_said_before(
    database: Database,
) -> None:
    propose(database, offer(), as_of_ms=NOW_MS - 10)
    [found] = look(database)
    with database.writing() as session:
        own = OwnPrice(ENDPOINT.id, (Rate("input", 1),), "alice")
        prices.set_own(session, own, NOW_MS - 1)

    assert propose(database, offer(4_000_000), as_of_ms=NOW_MS - 9) == Proposed(0, 0, 1)
    with pytest.raises(CannotDecide, match="is older than the price"):
        accept(database, found.proposal.id)


def test_a_rejected_proposal_is_a_disagreement_and_not_open(database: Database) -> None:
    propose(database, offer())
    [found] = look(database)
    with database.writing() as session:
        proposals.reject(session, [found.proposal.id], "alice", NOW_MS)

    assert (look(database), len(look(database, only_open=False))) == ([], 1)
    with pytest.raises(CannotDecide, match="is not open"):
        accept(database, found.proposal.id)


def test_two_sources_are_listed_side_by_side(database: Database) -> None:
    propose(database, offer(3_000_000))
    propose(database, offer(4_000_000), source="another")

    assert [d.differs["input"] for d in look(database)] == [
        (2_500_000, 3_000_000),
        (2_500_000, 4_000_000),
    ]


@pytest.mark.parametrize(
    ("pico_usd", "doubt"),
    [
        (24_999_999, ""),
        (25_000_000, "input: 10 times or more of a change"),
        (250_000, "input: 10 times or more of a change"),
        (2, "input: dollars a token taken for dollars a million, or the other way"),
        (2_500_000_000_000, "input: dollars a token taken for dollars a million, or the other way"),
        (0, "input: free from now on"),
    ],
)
def test_what_is_out_of_reason_is_doubted(database: Database, pico_usd: int, doubt: str) -> None:
    propose(database, offer(pico_usd))

    assert [found.proposal.doubts for found in look(database)] == [doubt]


def test_a_first_price_out_of_all_reason_is_doubted(database: Database) -> None:
    propose(database, replace(offer(2_500_000_000_000, OTHER.id)))
    [found] = look(database)

    assert found.proposal.doubts == (
        "input: is that dollars a million tokens, not dollars a token?"
    )
