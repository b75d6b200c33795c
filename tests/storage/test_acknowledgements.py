"""Who is at which alert, and what people wrote of its incidents, on every kind of database."""

from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from monitor.domain.acknowledgements import Acknowledgement
from monitor.domain.notes import Note, NoteKind
from monitor.services import alerts
from monitor.storage import acknowledgements, notes
from monitor.storage.engine import Database
from tests.alerting import outage, recovery, to_hooks
from tests.making import MONDAY_MS, OTHER, open_database, record


@pytest.fixture
def database(tmp_path: Path) -> Iterator[Database]:
    """Incidents 1 and 2 of one provider, told as alert 1, of which 2 is acknowledged."""
    with closing(open_database(tmp_path)) as database:
        record(database, outage(100))
        record(database, outage(101, OTHER.id))
        with database.writing() as session:
            alerts.plan(session, to_hooks("https://example.com/a"), MONDAY_MS + 150_000)
            acknowledgements.add(session, say(2, 160))
        yield database


def say(incident_id: int, at_s: int) -> Acknowledgement:
    return Acknowledgement(incident_id, MONDAY_MS + at_s * 1000, "ada", "on it", "page")


def write(text: str, key: str) -> Note:
    return Note(1, NoteKind.NOTE, MONDAY_MS, "ada", text, key)


def test_an_alert_is_acknowledged_once_one_of_its_incidents_is(database: Database) -> None:
    with database.reading() as session:
        assert acknowledgements.of_alerts(session, [1, 7]) == {1: say(2, 160)}


def test_an_incident_is_acknowledged_with_another_of_its_alert(database: Database) -> None:
    with database.reading() as session:
        assert acknowledgements.of_incidents(session, [1, 7]) == {1: say(2, 160)}


def test_one_that_nobody_was_told_of_is_acknowledged_by_itself(database: Database) -> None:
    record(database, [*recovery(200), *outage(9_000)])
    with database.writing() as session:
        acknowledgements.add(session, say(3, 9_100))

    with database.reading() as session:
        assert acknowledgements.of_incidents(session, [3]) == {3: say(3, 9_100)}


def test_of_two_at_one_alert_the_first_counts(database: Database) -> None:
    with database.writing() as session:
        acknowledgements.add(session, say(1, 130))

    with database.reading() as session:
        assert acknowledgements.of_alerts(session, [1]) == {1: say(1, 130)}
        assert acknowledgements.of_incidents(session, [2]) == {2: say(1, 130)}


def test_a_text_that_is_sent_twice_is_written_once(database: Database) -> None:
    with database.writing() as session:
        added = [notes.add(session, write(*each)) for each in ("ab", "cd", "eb")]

    with database.reading() as session:
        assert [each.text for each in notes.of_incident(session, 1)] == ["a", "c"]
    assert added == [True, True, False]
