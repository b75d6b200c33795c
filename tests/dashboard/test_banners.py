from dataclasses import replace

import pytest

from dashboard.components.banners import banner
from dashboard.reads import Reads
from monitor.domain.outcomes import LocalFailure
from monitor.domain.pauses import Pause, Scope
from monitor.domain.windows import DAY_MS
from monitor.services import pauses
from monitor.storage import channels, facts, notices, rounds, vitals
from monitor.storage.notices import Notice
from monitor.storage.rounds import SILENT_MS
from tests.alerting import hook
from tests.dashboard.book import GOOD, INTERVAL_MS, Book, probe
from tests.dashboard.components import texts
from tests.dashboard.test_monitor import LOOK


def test_settings_that_were_refused_are_told_as_plain_text(book: Book) -> None:
    with book.database.writing() as session:
        notices.put(session, Notice(book.now_ms, ("some.yaml:3: colour: <b>: unknown key",)))
    said = texts(banner(Reads(book.database, book.home)))

    assert "The settings were refused at" in said
    assert "some.yaml:3: colour: <b>: unknown key" in said


def test_changes_that_wait_for_a_restart_are_told(book: Book) -> None:
    with book.database.writing() as session:
        notices.put(session, Notice(book.now_ms, restarts=("demo: True takes its place",)))

    assert "demo: True takes its place" in texts(banner(Reads(book.database, book.home)))


def test_while_our_own_network_is_away_that_is_said_on_every_page(book: Book) -> None:
    book.watch([GOOD], since_ms=book.now_ms - DAY_MS)
    book.record([probe(GOOD, book.now_ms - 1_000, LocalFailure.NETWORK_LOCAL)])
    reads = Reads(book.database, book.home)
    assert "Our own network is away since" in texts(banner(reads))

    book.record([probe(GOOD, book.now_ms)])
    assert banner(Reads(book.database, book.home)) is None


@pytest.mark.parametrize(("behind_s", "is_told"), [(5.0, False), (3600.0, True)])
def test_a_clock_that_was_set_back_is_told(book: Book, *, behind_s: float, is_told: bool) -> None:
    with book.database.writing() as session:
        vitals.add(session, replace(LOOK, at_ms=book.now_ms, clock_behind_s=behind_s))
    said = texts(banner(Reads(book.database, book.home)))

    assert ("This machine's clock is 1 h behind" in said) is is_told


def test_when_nobody_delivers_alerts_that_is_said_on_every_page(book: Book) -> None:
    with book.database.writing() as session:
        channels.state(session, [hook("https://hooks.example/T0KEN")])
        rounds.note(session, book.now_ms - SILENT_MS - 60_000)
    said = texts(banner(Reads(book.database, book.home)))
    with book.database.writing() as session:
        rounds.note(session, book.now_ms)

    assert "Alerts are not delivered since" in said
    assert banner(Reads(book.database, book.home)) is None


def test_nothing_is_said_where_nothing_is_wrong(book: Book) -> None:
    assert banner(Reads(book.database, book.home)) is None


def test_a_running_dashboard_follows_the_zone_of_the_settings(book: Book) -> None:
    reads = Reads(book.database, book.home)
    before = reads.home
    with book.database.writing() as session:
        facts.state(session, facts.HOME_ZONE, "Asia/Kathmandu")

    assert (before, reads.home.key) == (book.home, "Asia/Kathmandu")


def test_what_is_paused_is_told_and_no_longer_missed(book: Book) -> None:
    book.watch([GOOD], since_ms=book.now_ms - DAY_MS)
    book.record([probe(GOOD, book.now_ms - 4 * INTERVAL_MS)])
    made = Pause(Scope(GOOD), book.now_ms - 60_000, None, "alice", "<b>too dear</b>")
    with book.database.writing() as session:
        pauses.pause(session, made)
    said = texts(banner(Reads(book.database, book.home)))

    assert f"Paused: {GOOD}, since " in said
    assert "by alice: <b>too dear</b>" in said
    assert "The monitor is not recording" not in said
