"""Alerts of a real monitor: told once, also by one that was killed in the middle of it."""

import time
from collections.abc import Iterator
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path
from threading import Event

import pytest

from monitor.domain.outcomes import Outcome
from monitor.runtime.arrangement import arrange, fit
from monitor.services import conditions, notices
from monitor.services import rules as reporting
from monitor.services.conditions import Found
from monitor.settings.load import load
from monitor.storage import rules
from monitor.storage.engine import Database
from monitor.storage.sizes import volumes
from tests import making
from tests.alerting import SECRET
from tests.making import MONDAY_MS
from tests.monitors import Provider, run_provider
from tests.receiver import Answer, Got, Receiver, run_receiver
from tests.reliability.lone_monitor import ENDPOINT, Home, make_home, run_monitor

pytestmark = [pytest.mark.slow]

ALERTS = """
alerts:
  channels:
    hook: {{webhook: {url}, secret: {secret}}}
"""


@pytest.fixture
def provider() -> Iterator[Provider]:
    with run_provider() as running:
        yield running


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    with run_receiver() as running:
        yield running


@pytest.fixture
def home(tmp_path: Path, provider: Provider, receiver: Receiver) -> Home:
    """An installation that tells the receiver, and whose endpoint has failed for half a minute."""
    home = make_home(tmp_path, provider.base_url)
    with (tmp_path / "inferwatch.yaml").open("a") as file:
        file.write(ALERTS.format(url=receiver.url, secret=SECRET))
    provider.fail("500")
    settings, now_ms = load(tmp_path / "inferwatch.yaml"), time.time_ns() // 1_000_000
    begun_s = (now_ms - MONDAY_MS) / 1000 - 40
    with closing(Database(settings.database_url)) as database:
        fitted = fit(database, settings, now_ms - 60_000)
        with database.writing() as session:
            arrange(session, settings, fitted, now_ms - 60_000)
        times_s = begun_s, begun_s + 20
        failing = [
            making.probe(at_s, Outcome.SERVER_ERROR, endpoint=ENDPOINT, gap_s=3600.0)
            for at_s in times_s
        ]
        making.record(database, failing)
    return home


def test_an_outage_is_told_by_exactly_one_opening_and_one_closing(
    home: Home, provider: Provider, receiver: Receiver
) -> None:
    with run_monitor(home) as monitor:
        receiver.wait(lambda: len(receiver.got) == 1, 60)
        provider.fail(None)
        monitor.check()
        monitor.check()
        receiver.wait(lambda: len(receiver.got) == 2)
        assert monitor.stop() == 0

    opening, ending = (each.said for each in receiver.got)
    assert opening["title"] == f"{ENDPOINT} is down"
    assert opening["alert"]["failed"] == {"server_error": opening["alert"]["calls"]}
    assert "theirs, not ours" in opening["body"]
    assert ending["title"].startswith(f"{ENDPOINT} is up again after ")


def test_a_monitor_that_is_killed_while_it_tells_leaves_nobody_told_twice_or_never(
    home: Home, receiver: Receiver
) -> None:
    release = Event()

    def hang(_: Got) -> Answer:
        release.wait(60)
        return Answer()

    receiver.answer = hang
    with run_monitor(home) as monitor:
        receiver.wait(lambda: len(receiver.got) == 1, 60)
        monitor.process.kill()
        monitor.process.wait()
    release.set()
    receiver.answer = lambda _: Answer()
    with run_monitor(home) as monitor:
        receiver.wait(lambda: len(receiver.got) == 2)
        assert monitor.stop() == 0

    assert [each["event"] for each in receiver.taken()] == ["alert.opened"]


@pytest.fixture
def ailing(tmp_path: Path, provider: Provider, receiver: Receiver) -> Home:
    """An installation whose model ends tomorrow, on a disk that is called nearly full."""
    home, path = make_home(tmp_path, provider.base_url), tmp_path / "inferwatch.yaml"
    told = ALERTS.format(url=receiver.url, secret=SECRET) + "  rules: {disk: {free_percent: 100}}\n"
    tomorrow = datetime.now(UTC).date() + timedelta(days=1)
    text = path.read_text().replace("id: quick", f"id: quick\n        retires: {tomorrow}")
    path.write_text(text + told)
    return home


def test_a_notice_and_a_condition_are_told_once_by_a_monitor_that_is_killed_over_it(
    ailing: Home, receiver: Receiver
) -> None:
    release = Event()

    def hang(_: Got) -> Answer:
        release.wait(60)
        return Answer()

    receiver.answer = hang
    with run_monitor(ailing) as monitor:
        receiver.wait(lambda: len(receiver.got) == 2, 60)
        monitor.process.kill()
        monitor.process.wait()
    release.set()
    receiver.answer = lambda _: Answer()
    with run_monitor(ailing) as monitor:
        receiver.wait(lambda: len(receiver.got) == 4)
        assert monitor.stop() == 0

    by_event = {each["event"]: each for each in receiver.taken()}
    assert len(receiver.taken()) == 2
    assert by_event["alert.fired"]["title"] == "aurora/aurora-small ends tomorrow"
    assert by_event["alert.opened"]["alert"]["rule"] == "disk"
    assert look_again(ailing) == ([], [False])


def look_again(home: Home) -> tuple[list[Found], list[bool]]:
    """What a monitor that starts anew would find, and which notices it would tell."""
    settings, now_ms = load(home.folder / "inferwatch.yaml"), time.time_ns() // 1_000_000
    with closing(Database(settings.database_url)) as database, database.writing() as session:
        ruleset = rules.read(session)
        rooms = volumes(database, settings.home)
        found = conditions.find(session, ruleset, rooms, settings.feeds, now_ms)
        told = [reporting.notice(session, *each) for each in notices.find(session, ruleset, now_ms)]
    return found, told
