"""Calls told again: what they add, what they contradict, and that no sum goes astray."""

from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest
from hypothesis import Phase, given, settings
from hypothesis import strategies as st
from sqlalchemy import select

from monitor.domain.calls import Attribution, Call, Detail, Timings
from monitor.domain.dedupe import dedupe_key, is_day_in_doubt
from monitor.domain.outcomes import Outcome
from monitor.domain.prices import CostState
from monitor.domain.usage import Usage, UsageState
from monitor.domain.verdicts import Verdict
from monitor.domain.windows import DAY_MS, HOUR_MS
from monitor.services import doctor
from monitor.services.rebuild import rebuild
from monitor.storage import history, quarantine
from monitor.storage.engine import Database
from monitor.storage.models.ledger import CallDetailRow, CallRow
from tests.making import MONDAY_MS, OTHER, open_database, record, request
from tests.services.test_replay import MADE, dump

COUNTED: dict[str, Any] = {
    "usage": Usage(input=1_000, output=100),
    "usage_state": UsageState.MEASURED,
}
LATER_MS = MONDAY_MS + DAY_MS


@pytest.fixture
def database(tmp_path: Path) -> Iterator[Database]:
    opened = open_database(tmp_path)
    yield opened
    opened.close()


def told(name: str = "one", at_s: float = 60, **more: Any) -> Call:
    """A team's call that a provider knows by a name."""
    key = dedupe_key("response", name, MONDAY_MS + round(at_s * 1000))
    return request(at_s, dedupe_key=key, **more)


def tell(database: Database, *calls: Call) -> list[Verdict]:
    """What became of calls, each told in a transaction of its own."""
    return [record(database, [call], LATER_MS)[0].verdict for call in calls]


def row(database: Database) -> CallRow:
    with database.reading() as session:
        return session.scalars(select(CallRow)).one()


def disagreements(database: Database) -> list[doctor.Disagreement]:
    with database.reading() as session:
        return doctor.sums_agree(session)


def test_a_repeat_changes_nothing(database: Database) -> None:
    tell(database, told(**COUNTED))
    before = dump(database, (*MADE, "call"))

    assert tell(database, told(**COUNTED)) == [Verdict.REPEATED]
    assert dump(database, (*MADE, "call")) == before


def test_a_repeat_fills_what_was_unknown_and_its_cost_follows(database: Database) -> None:
    bare = told(outcome=Outcome.UNKNOWN)
    full = told(
        http_status=200,
        timings=Timings(ttft_s=0.5, total_s=1.0),
        attribution=Attribution(team="search"),
        **COUNTED,
    )

    assert tell(database, bare, full, bare) == [
        Verdict.RECORDED,
        Verdict.FILLED,
        Verdict.REPEATED,
    ]
    known = row(database)
    assert (known.outcome, known.http_status, known.ttft_us) == (Outcome.OK, 200, 500_000)
    assert (known.cost_state, known.cost_nano_usd) == (CostState.COMPUTED, 3_500_000)
    assert disagreements(database) == []


def test_a_count_takes_the_place_of_an_estimate_and_no_other_way_round(database: Database) -> None:
    guess = told(
        usage=Usage(input=900, output=0),
        usage_state=UsageState.ESTIMATED,
        detail=Detail(estimated_by="characters / 4"),
    )

    assert tell(database, guess, told(**COUNTED), guess) == [
        Verdict.RECORDED,
        Verdict.FILLED,
        Verdict.REPEATED,
    ]
    with database.reading() as session:
        assert session.scalars(select(CallDetailRow.estimated_by)).one() is None
    assert (row(database).input, disagreements(database)) == (1_000, [])


def test_the_providers_own_figure_takes_the_place_of_a_computed_cost(database: Database) -> None:
    own = told(cost_nano_usd=7, **COUNTED)

    assert tell(database, told(**COUNTED), own) == [Verdict.RECORDED, Verdict.FILLED]
    assert (row(database).cost_state, row(database).cost_nano_usd) == (CostState.REPORTED, 7)


@pytest.mark.parametrize(
    ("other", "says"),
    [
        ({"usage": Usage(input=1), "usage_state": UsageState.MEASURED}, "usage is known to be"),
        ({"outcome": Outcome.OVERLOADED}, "outcome is known to be ok, and told to be overloaded"),
        ({"http_status": 500}, "HTTP status is known to be 200"),
        ({"cost_nano_usd": 8}, "reported cost is known to be 7"),
        ({"attribution": Attribution(team="sales")}, "team is known to be search"),
        ({"endpoint": OTHER.id}, "it went to acme/small, not to acme/large"),
    ],
)
def test_a_contradiction_is_put_aside_once_with_its_reason(
    database: Database, other: dict[str, Any], says: str
) -> None:
    known: dict[str, Any] = {
        "http_status": 200,
        "cost_nano_usd": 7,
        "attribution": Attribution(team="search"),
        **COUNTED,
    }
    tell(database, told(**known))
    before = dump(database, (*MADE, "call"))
    [receipt] = record(database, [told(**known | other)], LATER_MS)
    tell(database, told(**known | other))

    assert (receipt.verdict, says in str(receipt.reason)) == (Verdict.QUARANTINED, True)
    with database.reading() as session:
        assert quarantine.count(session) == 1
    assert dump(database, (*MADE, "call")) == before


def test_two_who_measure_times_apart_do_not_contradict_each_other(database: Database) -> None:
    here = told(timings=Timings(ttft_s=0.5, total_s=1.0))
    there = told(at_s=60.2, timings=Timings(ttft_s=0.4, total_s=0.9))

    assert tell(database, here, there) == [Verdict.RECORDED, Verdict.REPEATED]


@pytest.mark.parametrize("step_s", [-86_400, 86_400])
def test_a_repeat_that_is_dated_one_day_off_is_found_next_door(
    database: Database, step_s: int
) -> None:
    assert tell(database, told(), told(at_s=60 + step_s)) == [Verdict.RECORDED, Verdict.REPEATED]
    assert tell(database, told(at_s=60 + 3 * step_s)) == [Verdict.RECORDED]


def test_of_two_in_one_transaction_that_are_dated_a_day_apart_one_stands(
    database: Database,
) -> None:
    receipts = record(database, [told(at_s=86_460), told()], 2 * LATER_MS)

    assert {receipt.verdict for receipt in receipts} == {Verdict.RECORDED, Verdict.REPEATED}


def test_an_outcome_that_comes_later_moves_no_state_in_a_replay(database: Database) -> None:
    record(database, [told(outcome=Outcome.UNKNOWN)])
    tell(database, told(outcome=Outcome.OVERLOADED))
    states = ("slice", "health", "account")
    before = dump(database, states)
    rebuild(database)

    assert dump(database, states) == before


FACTS = st.fixed_dictionaries(
    {
        "outcome": st.sampled_from([Outcome.OK, Outcome.UNKNOWN, Outcome.OVERLOADED]),
        "http_status": st.sampled_from([None, 200, 500]),
        "timings": st.builds(
            Timings, ttft_s=st.none() | st.floats(0.01, 3), total_s=st.just(3.5) | st.none()
        ),
        "attribution": st.builds(Attribution, st.sampled_from([None, "a", "b"])),
        "cost_nano_usd": st.sampled_from([None, None, 7]),
    }
)
USED = st.sampled_from(
    [
        {},
        COUNTED,
        {"usage": Usage(input=3, output=2), "usage_state": UsageState.ESTIMATED},
        {"usage": Usage(input=1), "usage_state": UsageState.MEASURED},
    ]
)
LEDGERS = st.lists(
    st.tuples(st.sampled_from("xyz"), st.sampled_from([60, 61, 900, 86_400]), FACTS, USED),
    min_size=1,
    max_size=12,
)


@settings(max_examples=25, deadline=None, phases=(Phase.explicit, Phase.reuse, Phase.generate))
@given(LEDGERS, st.integers(1, 12))
def test_sums_are_those_of_the_rows_whatever_is_told_again(
    ledger: list[tuple[str, int, dict[str, Any], dict[str, Any]]], size: int
) -> None:
    calls = [told(name, at_s, **facts | used) for name, at_s, facts, used in ledger]
    with TemporaryDirectory() as folder:
        database = open_database(Path(folder), zone="Asia/Kathmandu")
        for start in range(0, len(calls), size):
            record(database, calls[start : start + size], 3 * LATER_MS)
        rows = dump(database, (*MADE, "call", "quarantine"))
        for call in reversed(calls):
            record(database, [call], 3 * LATER_MS)

        assert disagreements(database) == []
        with database.reading() as session:
            assert history.count(session) == len(rows["call"])
        database.close()


@pytest.mark.parametrize(
    ("hour", "in_doubt"), [(0, "always"), (1, "late"), (12, "late"), (22, "late"), (23, "always")]
)
def test_only_round_midnight_may_a_call_that_has_just_ended_be_dated_twice(
    hour: int, in_doubt: str
) -> None:
    started_ms = MONDAY_MS + hour * HOUR_MS

    assert is_day_in_doubt(started_ms, is_live=True) is (in_doubt == "always")
    assert is_day_in_doubt(started_ms, is_live=False)


def test_a_late_repeat_of_a_noon_that_is_dated_one_day_off_is_found(database: Database) -> None:
    noon_s, day_s = 43_200, 86_400
    receipts = tell(database, told(at_s=noon_s), told(at_s=noon_s - day_s))

    assert receipts == [Verdict.RECORDED, Verdict.REPEATED]
