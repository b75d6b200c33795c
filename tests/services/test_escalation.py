"""Escalation over a real ledger: what lasts is told again, until somebody acknowledges it."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from sqlalchemy.exc import IntegrityError

from monitor.domain.acknowledgements import Acknowledgement
from monitor.domain.alerts import Severity, Telling
from monitor.domain.escalation import Escalation, Reminders
from monitor.domain.outcomes import Outcome
from monitor.domain.routes import Route
from monitor.domain.silences import Scope
from monitor.services import acknowledgements, alerts
from monitor.storage import steps
from monitor.storage.engine import Database
from tests.alerting import NIGHT, hook, outage, recovery, to_hooks
from tests.making import ENDPOINT, open_database, record
from tests.services.test_deliveries import plan, send_all
from tests.services.test_silences import at_ms, silence

HOOK = to_hooks("https://example.com/a")
REMINDING = replace(HOOK, reminders=Reminders())
BOSS = hook("https://example.com/boss", "boss")
WANTED = (Escalation(900_000, ("boss",)),)
ESCALATING = replace(
    HOOK, channels=(*HOOK.channels, BOSS), routes=(Route(("hook",)),), escalate=WANTED
)
HOUR_S = 3600.0


@pytest.fixture
def database(tmp_path: Path) -> Iterator[Database]:
    database = open_database(tmp_path)
    yield database
    database.close()


def hours(database: Database, first: int, last: int) -> list[list[tuple[str, Telling]]]:
    """What is sent at each of these hours after the opening."""
    sent = []
    for number in range(first, last + 1):
        at_s = 142 + number * HOUR_S
        plan(database, at_s, REMINDING)
        sent.append(send_all(database, at_s + 2))
    return sent


def test_what_lasts_is_told_again_each_hour_six_times_at_most(database: Database) -> None:
    record(database, outage(100))
    opening, *reminders = hours(database, 0, 9)

    assert opening == [("hook", Telling.OPENED)]
    assert reminders == [[("hook", Telling.REMINDER)]] * 6 + [[]] * 3


def test_a_monitor_that_was_away_reminds_once(database: Database) -> None:
    record(database, outage(100))
    hours(database, 0, 0)

    assert hours(database, 5, 5) == [[("hook", Telling.REMINDER)]]


def test_an_acknowledgement_ends_reminders_and_a_recovery_does(database: Database) -> None:
    record(database, outage(100))
    hours(database, 0, 1)
    with database.writing() as session:
        said = Acknowledgement(1, at_ms(4000), "alice", "", "page")
        acknowledgements.acknowledge(session, said)

    assert hours(database, 2, 3) == [[], []]
    record(database, recovery(20_000))
    plan(database, 20_012, REMINDING)
    assert send_all(database, 20_013) == [("hook", Telling.CLOSED)]
    assert hours(database, 6, 7) == [[], []]


def test_a_silence_holds_reminders(database: Database) -> None:
    record(database, outage(100))
    hours(database, 0, 0)
    silence(database, Scope(endpoint=ENDPOINT.id), 200, 3.5 * HOUR_S)

    assert hours(database, 1, 4) == [[], [], [], [("hook", Telling.REMINDER)]]


def test_reminders_of_warnings_wait_for_the_end_of_quiet_hours(database: Database) -> None:
    record(database, outage(100, outcome=Outcome.RATE_LIMITED))
    quiet = replace(REMINDING, quiet=NIGHT)
    for number in range(5):
        plan(database, 142 + number * HOUR_S, quiet)
    night, morning = send_all(database, 5 * HOUR_S), send_all(database, 7 * HOUR_S)

    assert (night, morning) == ([], [("hook", Telling.OPENED)]), "one for all that piled up"


def test_whoever_it_is_escalated_to_hears_of_the_end_too(database: Database) -> None:
    record(database, outage(100))
    plan(database, 142, ESCALATING)
    first = send_all(database, 145)
    plan(database, 1042, ESCALATING)
    plan(database, 1043, ESCALATING)
    later = send_all(database, 1044)
    record(database, recovery(2000))
    plan(database, 2012, ESCALATING)

    assert (first, later) == ([("hook", Telling.OPENED)], [("boss", Telling.ESCALATED)])
    assert sorted(send_all(database, 2013)) == [("boss", Telling.CLOSED), ("hook", Telling.CLOSED)]


def test_a_route_escalates_only_what_it_takes(database: Database) -> None:
    warnings = Route(("hook",), Severity.WARNING, escalate=WANTED)
    routed = replace(ESCALATING, escalate=(), routes=(warnings, Route(("hook",))))
    record(database, outage(100))
    plan(database, 142, routed)
    send_all(database, 145)
    plan(database, 5000, routed)

    assert send_all(database, 5001) == []


def test_what_is_planned_again_after_a_crash_is_told_once(database: Database) -> None:
    record(database, outage(100))
    plan(database, 142, REMINDING)
    send_all(database, 145)
    with database.writing() as session:
        alerts.plan(session, REMINDING, at_ms(142 + HOUR_S))
        session.rollback()
    plan(database, 143 + HOUR_S, REMINDING)

    assert send_all(database, 150 + HOUR_S) == [("hook", Telling.REMINDER)]
    with pytest.raises(IntegrityError), database.writing() as session:
        steps.take(session, 1, "reminder 1", at_ms(9000))
