"""Channels tested from their page."""

from collections.abc import Iterator
from threading import Event

import pytest
from playwright.sync_api import Browser

from monitor.storage import channels
from tests.alerting import to_hooks
from tests.browser.site import Visit, serve, visit
from tests.dashboard.book import Book
from tests.receiver import Answer, Got, Receiver, run_receiver

pytestmark = pytest.mark.browser


@pytest.fixture
def monitor() -> Iterator[Receiver]:
    with run_receiver() as running:
        yield running


@pytest.fixture
def watching(browser: Browser, book: Book, monitor: Receiver) -> Iterator[Visit]:
    with book.database.writing() as session:
        channels.state(session, to_hooks("https://hooks.example.com/T0KEN").channels)
    port, size = int(monitor.url.split("/")[2].split(":")[1]), {"width": 390, "height": 844}
    with (
        serve(book.database, monitor_port=port) as site,
        visit(browser, site, viewport=size) as seen,
    ):
        seen.go("/alerts")
        yield seen


def test_a_test_is_sent_once_however_often_it_is_clicked_and_its_end_is_told(
    watching: Visit, monitor: Receiver
) -> None:
    release = Event()

    def hang(_: Got) -> Answer:
        release.wait(30)
        return Answer(200, body=b'{"is_delivered": true}')

    monitor.answer = hang
    watching.page.get_by_role("button", name="Test hook").dblclick()
    watching.page.get_by_text("The monitor is asked").wait_for()
    release.set()
    watching.page.get_by_text("Channel hook took the test.").wait_for()
    watching.page.get_by_text("The monitor is asked").wait_for(state="hidden")

    assert [each.said for each in monitor.got] == [{"channel": "hook"}]
    assert watching.page.evaluate("document.documentElement.scrollWidth") == 390
    assert watching.complaints == []
