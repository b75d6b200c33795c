"""Traffic that fails asks for the next probe, and decides nothing itself."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import func, select

from monitor.domain.calls import Attribution, Call
from monitor.domain.outcomes import Outcome
from monitor.services import calls
from monitor.services.calls import Receipt
from monitor.services.reference import Reference
from monitor.storage import attributions
from monitor.storage.engine import Database
from monitor.storage.models.health import IncidentRow
from tests.making import ENDPOINT, load_reference, open_database, probe, request

ASKED = frozenset({ENDPOINT.id})


@pytest.fixture
def database(tmp_path: Path) -> Iterator[Database]:
    database = open_database(tmp_path)
    yield database
    database.close()


def minute(good: int, failed: int, at_s: float = 60, **more: object) -> list[Call]:
    outcomes = [Outcome.OK] * good + [Outcome.OVERLOADED] * failed
    return [request(at_s + i / 2, o, lasts_s=0.1, **more) for i, o in enumerate(outcomes)]


def record(database: Database, reference: Reference, made: list[Call]) -> list[Receipt]:
    with database.writing() as session:
        known = attributions.intern(session, {call.attribution for call in made})
        reference.attribution_ids.update(known)
        entries = [calls.price(call, reference, call.ended_ms) for call in made]
        return calls.record(session, entries, reference)


def asked(database: Database, *batches: list[Call]) -> list[frozenset[str]]:
    """Who is suspected after each batch; the endpoint was well before."""
    reference = load_reference(database)
    record(database, reference, [probe(0)])
    return [record(database, reference, made)[0].suspected for made in batches]


@pytest.mark.parametrize(
    ("good", "failed", "expected"),
    [(14, 6, ASKED), (15, 5, frozenset()), (0, 19, frozenset()), (0, 20, ASKED)],
)
def test_a_large_share_of_enough_calls_asks_for_a_probe(
    database: Database, good: int, failed: int, expected: frozenset[str]
) -> None:
    assert asked(database, minute(good, failed)) == [expected]
    with database.reading() as session:
        assert session.scalar(select(func.count(IncidentRow.id))) == 0


def test_calls_of_several_transactions_are_counted_together(database: Database) -> None:
    made = minute(14, 6)

    assert asked(database, made[:7], made[7:19], made[19:]) == [frozenset(), frozenset(), ASKED]


def test_good_calls_of_an_earlier_transaction_count_against_suspicion(database: Database) -> None:
    made = minute(60, 20)

    assert asked(database, made[:30], made[30:]) == [frozenset(), frozenset()]


def test_good_calls_of_the_minute_before_do_not_excuse_those_that_fail_now(
    database: Database,
) -> None:
    assert asked(database, [*minute(60, 0, 60), *minute(0, 20, 120)]) == [ASKED]


def test_a_minute_asks_once_and_the_next_may_ask_again(database: Database) -> None:
    batches = minute(0, 20), minute(0, 20, 75), minute(0, 20, 120)

    assert asked(database, *batches) == [ASKED, frozenset(), ASKED]


@pytest.mark.parametrize(("teams", "expected"), [(3, ASKED), (2, frozenset())])
def test_all_of_three_callers_failing_asks_for_a_probe(
    database: Database, teams: int, expected: frozenset[str]
) -> None:
    made = [c for i in range(teams) for c in minute(0, 1, 60 + i, attribution=Attribution(f"t{i}"))]

    assert asked(database, made) == [expected]


def test_three_failing_callers_are_nothing_while_anybody_is_served(database: Database) -> None:
    failing = [c for i in range(3) for c in minute(0, 1, 60 + i, attribution=Attribution(f"t{i}"))]

    assert asked(database, [*minute(1, 0, 60), *failing]) == [frozenset()]


def test_what_our_account_or_the_caller_did_is_no_complaint(database: Database) -> None:
    made = [request(60 + i, o) for i in range(12) for o in (Outcome.AUTH, Outcome.BAD_REQUEST)]

    assert asked(database, made) == [frozenset()]


def test_an_endpoint_that_is_known_to_be_down_is_not_asked_for(database: Database) -> None:
    down = [probe(t, Outcome.OVERLOADED) for t in (30, 33, 55)]

    assert asked(database, down, minute(0, 20)) == [frozenset(), frozenset()]
