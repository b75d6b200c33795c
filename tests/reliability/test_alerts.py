"""Alerts of a real monitor: told once, also by one that was killed in the middle of it."""

import time
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from threading import Event

import pytest

from monitor.domain.outcomes import Outcome
from monitor.runtime.arrangement import arrange, fit
from monitor.settings.load import load
from monitor.storage.engine import Database
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
