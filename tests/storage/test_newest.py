from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from monitor.domain.calls import Call, Detail, Kind
from monitor.domain.capabilities import Capability
from monitor.domain.outcomes import LocalFailure, Outcome
from monitor.domain.purposes import INFER, Purpose
from monitor.storage import newest
from monitor.storage.engine import Database
from monitor.storage.newest import Newest
from monitor.storage.queries import calls, capabilities
from tests.making import ENDPOINT, MONDAY_MS, load_reference, open_database, probe, record, request

TOOL = Purpose(Kind.CAPABILITY, Capability.TOOL)


@pytest.fixture
def database(tmp_path: Path) -> Iterator[Database]:
    database = open_database(tmp_path)
    yield database
    database.close()


def ability(at_s: float, tested: Capability, outcome: Outcome = Outcome.OK) -> Call:
    detail = Detail(capability=tested)
    return probe(at_s, outcome, kind=Kind.CAPABILITY, detail=detail)


def load(database: Database) -> dict[Purpose, Newest]:
    number = load_reference(database).endpoint_ids[ENDPOINT.id]
    with database.reading() as session:
        return newest.load(session, [number])[number]


def test_the_newest_probe_of_each_purpose_is_remembered(database: Database) -> None:
    record(database, [probe(0), probe(300), request(400), ability(500, Capability.TOOL)])
    found = load(database)

    assert {str(purpose): each.started_ms - MONDAY_MS for purpose, each in found.items()} == {
        "infer": 300_000,
        "capability tool": 500_000,
    }


def test_a_failure_is_remembered_beyond_the_next_good_probe(database: Database) -> None:
    record(database, [probe(0, Outcome.OVERLOADED), probe(10)])

    assert load(database)[INFER][3:5] == (Outcome.OK, MONDAY_MS + 1_000)


@pytest.mark.parametrize("outcome", [Outcome.AUTH, LocalFailure.MONITOR_ERROR, Outcome.UNKNOWN])
def test_what_is_not_charged_is_no_failure(database: Database, outcome: Outcome) -> None:
    record(database, [probe(0, outcome)])

    assert load(database)[INFER].failed_ms is None


def test_a_call_that_is_written_late_takes_no_newer_ones_place(database: Database) -> None:
    record(database, [probe(300)])
    record(database, [probe(0, Outcome.OVERLOADED)])

    assert load(database)[INFER].outcome is Outcome.OK


def test_what_was_asked_for_by_retry_after_is_an_instant(database: Database) -> None:
    record(database, [probe(0, Outcome.RATE_LIMITED, detail=Detail(retry_after_s=90))])

    assert load(database)[INFER].retry_ms == MONDAY_MS + 91_000


def test_failing_traffic_is_remembered_beside_probes(database: Database) -> None:
    number = load_reference(database).endpoint_ids[ENDPOINT.id]
    with database.writing() as session:
        newest.note_traffic(session, number, MONDAY_MS)
        newest.note_traffic(session, number, MONDAY_MS + 5)

    assert load(database)[Purpose(Kind.REQUEST)].failed_ms == MONDAY_MS + 5


def test_the_newest_test_of_each_capability_is_told(database: Database) -> None:
    image, tool = Capability.IMAGE, Capability.TOOL
    record(
        database,
        [
            ability(0, tool),
            ability(10, image),
            ability(20, tool, Outcome.WRONG_ANSWER),
        ],
    )
    with database.reading() as session:
        tested = capabilities.newest_tests(session)

    assert [(each.capability, each.outcome) for each in tested] == [
        (image, Outcome.OK),
        (tool, Outcome.WRONG_ANSWER),
    ]


def test_a_call_says_which_capability_it_tested(database: Database) -> None:
    [receipt] = record(database, [ability(0, Capability.SCHEMA)])
    with database.reading() as session:
        full = calls.detail(session, receipt.call_id or 0)

    assert full is not None
    assert full.detail is not None
    assert full.detail.capability is Capability.SCHEMA


def test_probes_of_one_transaction_are_taken_in_their_order(database: Database) -> None:
    calls_ = [replace(probe(n), outcome=Outcome.OK) for n in range(3)]
    record(database, calls_)

    assert load(database)[INFER].started_ms == MONDAY_MS + 2_000
