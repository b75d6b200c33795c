from sqlalchemy import create_engine, insert
from sqlalchemy.orm import Session

from monitor.domain.windows import Window
from monitor.storage.engine import Database
from monitor.storage.models.ledger import CallRow
from monitor.storage.models.operations import Fact, GapRow, QuarantineRow
from monitor.storage.queries import operations
from tests.storage.queries.seeds import ALPHA, BETA, make_call


def write(database: Database, *rows: object) -> None:
    with database.writing() as session:
        session.add_all(rows)


def make_gap(endpoint_id: int, at_ms: int) -> GapRow:
    return GapRow(endpoint_id=endpoint_id, at_ms=at_ms, reason="missed", runs=2)


def test_the_token_changes_with_what_others_commit_and_only_then(database: Database) -> None:
    engine = create_engine(database.url)
    with engine.connect() as kept:
        tokens = [look(kept_session) for kept_session in [Session(kept)] * 2]
        write(database, Fact(name="demo", value="yes"))
        tokens.append(look(Session(kept)))
    engine.dispose()

    assert tokens[0] == tokens[1] != tokens[2]


def look(session: Session) -> int:
    connection = session.connection()
    token = operations.change_token(connection)
    connection.rollback()
    return token


def test_gaps_are_those_of_the_window_and_the_newest_first(database: Database) -> None:
    write(database, *(make_gap(ALPHA, at_ms) for at_ms in (9, 10, 19, 20)), make_gap(BETA, 15))

    with database.reading() as session:
        found = operations.gaps(session, Window(10, 20), [ALPHA])

    assert [(gap.at_ms, gap.reason, gap.runs) for gap in found] == [
        (19, "missed", 2),
        (10, "missed", 2),
    ]


def test_quarantine_is_counted_and_shown_newest_first(database: Database) -> None:
    write(database, *(QuarantineRow(at_ms=n, reason=f"reason {n}", call="{}") for n in (1, 2, 3)))

    with database.reading() as session:
        found = operations.quarantined(session, limit=2)
        count = operations.count_quarantined(session)

    assert [each.reason for each in found] == ["reason 3", "reason 2"]
    assert count == 3


def test_a_fact_that_nobody_stored_is_not_known(database: Database) -> None:
    with database.reading() as session:
        assert operations.fact(session, "home_zone") == "UTC"
        assert operations.fact(session, "weather") is None


def test_the_last_call_is_the_one_that_started_last(database: Database) -> None:
    with database.writing() as session:
        before = operations.last_call_ms(session)
        session.execute(insert(CallRow), [make_call(1, ALPHA, 50), make_call(2, ALPHA, 40)])
        after = operations.last_call_ms(session)

    assert (before, after) == (None, 50)
