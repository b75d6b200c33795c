"""Acknowledgements and notes: said once, by whoever was first, whatever else is written."""

import subprocess
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from pathlib import Path

import pytest

from monitor.domain.acknowledgements import Acknowledgement
from monitor.domain.alerts import FLAPPING_MS
from monitor.domain.incidents import Stage
from monitor.domain.notes import Note, NoteKind
from monitor.services import alerts, histories, notes
from monitor.services.acknowledgements import (
    Acknowledged,
    IncidentOver,
    UnknownIncident,
    acknowledge,
)
from monitor.services.notes import KeyTaken, StillOpen
from monitor.storage.engine import Database
from tests.alerting import outage, recovery, to_hooks
from tests.making import MONDAY_MS, OTHER, open_database, record

HOOK = to_hooks("https://example.com/a")


@pytest.fixture
def database(tmp_path: Path) -> Iterator[Database]:
    """Incidents 1 and 2 of one provider are open, and told as one."""
    with closing(open_database(tmp_path)) as database:
        record(database, outage(100))
        record(database, outage(101, OTHER.id))
        plan(database, 150)
        yield database


def plan(database: Database, at_s: float) -> None:
    with database.writing() as session:
        alerts.plan(session, HOOK, MONDAY_MS + round(at_s * 1000))


def say(database: Database, incident_id: int, by: str = "ada") -> Acknowledged:
    with database.writing() as session:
        said = Acknowledgement(incident_id, MONDAY_MS + 200_000, by, "on it", "page")
        return acknowledge(session, said)


def write(database: Database, kind: NoteKind, text: str = "a") -> bool:
    with database.writing() as session:
        return notes.write(session, Note(1, kind, MONDAY_MS, "ada", text, f"key of {text}"))


def stage(database: Database, incident_id: int) -> Stage:
    with database.reading() as session:
        return histories.read(session, incident_id).stage


def test_who_acknowledges_second_hears_who_was_first(database: Database) -> None:
    first, second = say(database, 1), say(database, 1, "grace")

    assert (first.is_new, second.is_new) == (True, False)
    assert second.holding == first.holding


def test_acknowledging_one_is_being_at_all_that_is_told_with_it(database: Database) -> None:
    say(database, 1)

    assert not say(database, 2, "grace").is_new
    assert [stage(database, n) for n in (1, 2)] == [Stage.ACKNOWLEDGED] * 2


def test_of_many_at_once_one_is_first(database: Database) -> None:
    with ThreadPoolExecutor(8) as pool:
        done = list(pool.map(lambda n: say(database, 1 + n % 2, f"n{n}"), range(8)))

    assert [each.is_new for each in done].count(True) == 1
    assert len({each.holding for each in done}) == 1


def test_what_is_over_takes_no_acknowledgement(database: Database) -> None:
    record(database, [*recovery(200), *recovery(201, OTHER.id)])
    plan(database, 250)

    with pytest.raises(IncidentOver, match="incident 1 is over"):
        say(database, 1)


def test_one_of_two_that_is_up_again_still_stands_for_both(database: Database) -> None:
    record(database, recovery(200))
    plan(database, 250)

    assert say(database, 1).is_new
    assert stage(database, 2) is Stage.ACKNOWLEDGED


def test_what_flaps_can_be_acknowledged_while_it_is_up(database: Database) -> None:
    for begin_s in (300, 500, 700):
        record(database, recovery(begin_s - 100))
        record(database, outage(begin_s))
        plan(database, begin_s + 60)
    record(database, [*recovery(800), *recovery(801, OTHER.id)])
    plan(database, 850)
    with database.reading() as session:
        newest = max(member.id for member in histories.read(session, 3).together)
    assert say(database, newest).is_new
    plan(database, 850 + FLAPPING_MS / 1000)

    assert stage(database, newest) is Stage.RESOLVED


def test_an_incident_that_is_not_there_is_named(database: Database) -> None:
    with pytest.raises(UnknownIncident, match="no incident 7"):
        say(database, 7)
    with database.writing() as session, pytest.raises(UnknownIncident, match="no incident 7"):
        notes.write(session, Note(7, NoteKind.NOTE, 0, "ada", "a", "key"))


def test_a_post_mortem_comes_after_the_end_and_the_newest_holds(database: Database) -> None:
    with pytest.raises(StillOpen, match="incident 1 is not over"):
        write(database, NoteKind.POST_MORTEM)
    record(database, recovery(200))
    written = [write(database, NoteKind.POST_MORTEM, text) for text in ("first", "second")]
    with database.reading() as session:
        history = histories.read(session, 1)

    assert written == [True, True]
    assert (history.post_mortem and history.post_mortem.text, history.notes) == ("second", ())
    assert history.stage is Stage.REVIEWED


def test_a_note_is_written_once_under_its_key(database: Database) -> None:
    assert [write(database, NoteKind.NOTE) for _ in range(2)] == [True, False]


def test_a_key_stands_for_one_text(database: Database) -> None:
    write(database, NoteKind.NOTE)

    with database.writing() as session, pytest.raises(KeyTaken, match="take another one"):
        notes.write(session, Note(2, NoteKind.NOTE, MONDAY_MS, "ada", "a", "key of a"))


KILLED = """
import os, sys
from monitor.domain.acknowledgements import Acknowledgement
from monitor.services.acknowledgements import acknowledge
from monitor.storage.engine import Database
database = Database(sys.argv[1])
with database.writing() as session:
    acknowledge(session, Acknowledgement(1, 1, "first", "", "page"))
with database.writing() as session:
    acknowledge(session, Acknowledgement(2, 2, "second", "", "page"))
    os.kill(os.getpid(), 9)
"""


def test_what_was_acknowledged_survives_a_kill(database: Database) -> None:
    run = subprocess.run([sys.executable, "-c", KILLED, database.url], check=False)

    assert run.returncode == -9
    assert say(database, 2).holding.by == "first"
