import pytest
from playwright.sync_api import Browser

from monitor.domain.windows import HOUR_MS
from tests.browser.site import Visit, serve, visit
from tests.dashboard.book import Book
from tests.dashboard.test_monitor import run_monitor

pytestmark = pytest.mark.browser


def test_sums_are_checked_when_a_reader_asks(looking: Visit) -> None:
    looking.go("/monitor")
    looking.page.get_by_role("button", name="Check the sums").click()
    looking.page.wait_for_selector("#monitor-checked >> text=all sums of 2 days agree")

    assert looking.page.get_by_role("button", name="Check the sums").is_enabled()
    assert looking.complaints == []


def test_a_monitor_that_starts_is_seen_without_a_reload(browser: Browser, book: Book) -> None:
    book.watch(["a/b"], since_ms=book.now_ms - HOUR_MS)
    with serve(book.database) as site, visit(browser, site) as seen:
        seen.go("/monitor")
        seen.page.wait_for_selector(".iw-headline >> text=No monitor has run here yet")
        run_monitor(book)
        seen.page.wait_for_selector(".iw-headline >> text=The monitor runs")
        seen.page.wait_for_selector("#monitor-lag .points path", state="attached")

        assert seen.page.locator("#monitor-lag .annotation").count() == 0
        assert seen.complaints == []
