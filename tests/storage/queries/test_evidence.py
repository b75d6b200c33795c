from sqlalchemy import insert

from monitor.domain.health import Policy, State
from monitor.domain.outcomes import Outcome
from monitor.domain.windows import DAY_MS, HOUR_MS, MINUTE_MS, Window
from monitor.storage.engine import Database
from monitor.storage.models.health import SliceRow
from monitor.storage.models.ledger import CallRow
from monitor.storage.queries import evidence
from tests.storage.queries.seeds import ALPHA, BETA, make_call
from tests.storage.queries.test_incidents import make_incident

START_MS = 20_000 * DAY_MS


def write(database: Database, *calls: dict[str, object]) -> None:
    with database.writing() as session:
        session.execute(insert(CallRow), list(calls))


def test_the_calls_that_opened_an_incident_come_in_their_order(database: Database) -> None:
    failed = {"outcome": Outcome.OVERLOADED}
    write(
        database,
        make_call(1, ALPHA, START_MS - 1, **failed),
        make_call(2, ALPHA, START_MS, **failed),
        make_call(3, BETA, START_MS + 1, **failed),
        make_call(4, ALPHA, START_MS + 10, **failed),
    )
    with database.reading() as session:
        found = evidence.starting(session, Window(START_MS, START_MS + 11), [ALPHA])

    assert [line.id for line in found] == [2, 4]


def test_a_long_call_is_found_by_its_end(database: Database) -> None:
    write(
        database,
        make_call(1, ALPHA, START_MS - 5 * MINUTE_MS, ended_ms=START_MS + 7),
        make_call(2, ALPHA, START_MS - HOUR_MS, ended_ms=START_MS - 1),
        make_call(3, ALPHA, START_MS, ended_ms=START_MS + 5),
    )
    with database.reading() as session:
        found = evidence.ending(session, Window(START_MS, START_MS + 8), [ALPHA])

    assert [line.id for line in found] == [3, 1]


def test_time_that_nobody_saw_is_that_of_the_slices_that_an_incident_meets(
    database: Database,
) -> None:
    unknown, up = State.UNKNOWN, State.UP
    held = ((0, unknown), (50, up), (90, unknown), (150, up), (160, unknown), (220, unknown))
    with database.writing() as session:
        session.add(make_incident(1, ALPHA, 100, ended_ms=200, closed_ms=210))
        session.add(make_incident(2, ALPHA, 300))
        session.add(make_incident(3, BETA, 100))
        for from_ms, state in held:
            row = {"endpoint_id": ALPHA, "policy": Policy.PROVIDER, "from_ms": from_ms}
            session.add(SliceRow(**row, state=state))
        session.flush()
        found = evidence.unknown_spans(session, Policy.PROVIDER, [1, 2, 3])

    assert found.keys() == {1, 2}
    assert found[1] == [Window(90, 150), Window(160, 220)]
    assert [window.from_ms for window in found[2]] == [220]
