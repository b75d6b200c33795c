"""Digests over a real ledger: warnings wait for their hour, and are told as one, once."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import time
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from monitor.domain.alerts import AlertKind, Severity, Telling
from monitor.domain.digest_messages import compose_digest
from monitor.domain.digests import Digest, Entry, Schedule, Spending
from monitor.domain.escalation import Escalation, Reminders
from monitor.domain.outcomes import Outcome
from monitor.domain.routes import Route
from monitor.domain.silences import Scope
from monitor.services import digests
from monitor.storage.engine import Database
from tests.alerting import hook, outage, recovery, to_hooks
from tests.making import ENDPOINT, MONDAY_MS, OTHER, open_database, record
from tests.services.test_deliveries import due, note, plan, send_all, states
from tests.services.test_silences import at_ms, silence

UTC = ZoneInfo("UTC")
EIGHT = Schedule(time(8), frozenset(range(7)), UTC)
HOOK = to_hooks("https://example.com/a")
GATHERING = replace(HOOK, routes=(Route(("hook",), digest=EIGHT),))
EIGHT_S, DAY_S = 8 * 3600.0, 86_400.0


@pytest.fixture
def database(tmp_path: Path) -> Iterator[Database]:
    database = open_database(tmp_path)
    yield database
    database.close()


def limit(database: Database, at_s: float, endpoint: str = ENDPOINT.id) -> None:
    record(database, outage(at_s, endpoint, Outcome.RATE_LIMITED))
    plan(database, at_s + 42, GATHERING)


def gathered(database: Database, at_s: float) -> Digest:
    [parcel] = due(database, at_s)
    note(database, parcel, at_s)
    with database.reading() as session:
        found = digests.find(session, parcel.standing.id)
    assert found is not None
    return found


def test_warnings_wait_for_their_hour_and_are_one_message(database: Database) -> None:
    limit(database, 100)
    record(database, recovery(300))
    plan(database, 312, GATHERING)
    limit(database, 2000, OTHER.id)
    meanwhile = send_all(database, EIGHT_S - 1)
    plan(database, EIGHT_S, GATHERING)
    plan(database, EIGHT_S + 1, GATHERING)
    found = gathered(database, EIGHT_S + 1)

    assert meanwhile == []
    assert found.telling is Telling.DIGEST
    assert [(each.subject, each.to_ms is None) for each in found.entries] == [
        (ENDPOINT.id, False),
        (OTHER.id, True),
    ]
    assert send_all(database, DAY_S) == []


def test_what_is_critical_goes_out_at_once(database: Database) -> None:
    record(database, outage(100))
    plan(database, 142, GATHERING)

    assert send_all(database, 145) == [("hook", Telling.OPENED)]


def test_the_end_of_what_a_digest_told_is_in_the_next(database: Database) -> None:
    limit(database, 100)
    plan(database, EIGHT_S, GATHERING)
    first = gathered(database, EIGHT_S)
    record(database, recovery(EIGHT_S + 100))
    plan(database, EIGHT_S + 112, GATHERING)
    meanwhile = send_all(database, DAY_S)
    plan(database, DAY_S + EIGHT_S, GATHERING)
    second = gathered(database, DAY_S + EIGHT_S)

    assert (first.entries[0].to_ms, meanwhile) == (None, [])
    assert [each.to_ms is None for each in second.entries] == [False]


def test_what_is_still_open_stands_in_each_digest_in_which_anything_does(
    database: Database,
) -> None:
    limit(database, 100)
    plan(database, EIGHT_S, GATHERING)
    gathered(database, EIGHT_S)
    limit(database, EIGHT_S + 1000, OTHER.id)
    plan(database, DAY_S + EIGHT_S, GATHERING)

    found = gathered(database, DAY_S + EIGHT_S)
    assert [each.subject for each in found.entries] == [ENDPOINT.id, OTHER.id]


def test_a_warning_that_becomes_critical_is_told_at_once_with_all_of_it(
    database: Database,
) -> None:
    record(database, outage(100, outcome=Outcome.RATE_LIMITED))
    plan(database, 142, GATHERING)
    record(database, outage(200, OTHER.id, Outcome.AUTH))
    plan(database, 242, GATHERING)

    assert send_all(database, 300) == [("hook", Telling.OPENED)]


def test_a_silence_holds_what_was_gathered_too(database: Database) -> None:
    limit(database, 100)
    silence(database, Scope(), 200, EIGHT_S + 100)
    plan(database, EIGHT_S, GATHERING)
    held = states(database)
    plan(database, EIGHT_S + 101, GATHERING)
    plan(database, DAY_S + EIGHT_S, GATHERING)

    assert held == [("opened", "held")]
    assert len(gathered(database, DAY_S + EIGHT_S).entries) == 1


def test_nobody_is_reminded_of_what_a_digest_tells(database: Database) -> None:
    reminding = replace(GATHERING, reminders=Reminders(), escalate=(Escalation(60_000, ("boss",)),))
    wanted = replace(reminding, channels=(*HOOK.channels, hook("https://example.com/b", "boss")))
    limit(database, 100)
    plan(database, 3 * 3600, wanted)

    assert send_all(database, 3 * 3600 + 2) == [("boss", Telling.ESCALATED)]


@pytest.mark.parametrize(("asked", "told"), [(False, []), (True, [("hook", Telling.DIGEST)])])
def test_an_empty_digest_is_told_only_where_it_is_asked_for(
    database: Database, *, asked: bool, told: list[tuple[str, Telling]]
) -> None:
    schedule = replace(EIGHT, with_empty=asked)
    alerting = replace(HOOK, routes=(Route(("hook",), Severity.WARNING, digest=schedule),))
    for at_s in (EIGHT_S - 1, EIGHT_S, EIGHT_S + 1, EIGHT_S + 4000):
        plan(database, at_s, alerting)

    assert send_all(database, DAY_S) == told


def test_a_schedule_keeps_to_the_clock_of_its_zone() -> None:
    mondays = Schedule(time(8), frozenset({0}), ZoneInfo("Europe/Berlin"))

    assert mondays.next_ms(MONDAY_MS) == at_ms(7 * 3600)
    assert mondays.next_ms(at_ms(7 * 3600)) == at_ms(7 * 3600) + 7 * 86_400_000
    assert mondays.last_ms(at_ms(7 * 3600)) == at_ms(7 * 3600)
    assert mondays.next_ms(at_ms(23 * DAY_S)) == at_ms(28 * DAY_S + 6 * 3600), "summer time"


def test_a_digest_says_what_is_open_first_and_how_budgets_stand() -> None:
    entries = (
        Entry("acme/a", AlertKind.ACCOUNT, MONDAY_MS, MONDAY_MS + 60_000),
        Entry("acme/b\nc", AlertKind.ACCOUNT, MONDAY_MS + 1, None),
    )
    spending = (Spending("all", 1_500_000_000, 10_000_000_000),)
    digest = Digest(Telling.DIGEST, MONDAY_MS, MONDAY_MS, entries, spending)
    message = compose_digest(digest, "", UTC)

    assert message.title == "Digest: 2 warnings, 1 still open"
    assert message.body.splitlines() == [
        "2 × account refused.",
        "acme/b c: account refused (02 Mar 00:00, still open)",
        "acme/a: account refused (02 Mar 00:00, 1 min)",
        "Budget all: $1.50 of $10.00 spent.",
    ]
