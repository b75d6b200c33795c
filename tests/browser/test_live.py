from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser

from monitor.domain.windows import HOUR_MS
from tests.browser.site import Site, Visit, serve, visit
from tests.dashboard.book import GOOD, Book, probe, probes

pytestmark = pytest.mark.browser


@pytest.fixture
def site(book: Book) -> Iterator[Site]:
    """A dashboard that is written to while it is looked at."""
    book.watch([GOOD], since_ms=book.now_ms - HOUR_MS)
    book.record(probes(GOOD, book.now_ms - HOUR_MS, book.now_ms - 10_000))
    with serve(book.database) as site:
        yield site


@pytest.fixture
def watching(browser: Browser, site: Site) -> Iterator[Visit]:
    """A reader at that dashboard."""
    with visit(browser, site, viewport={"width": 1280, "height": 500}) as seen:
        yield seen


def test_a_new_call_appears_without_a_reload_and_keeps_focus_and_scroll(
    watching: Visit, book: Book
) -> None:
    watching.go("/calls")
    page = watching.page
    page.evaluate("window.mark = 1")
    page.locator("tbody tr a").nth(6).focus()
    page.evaluate("scrollTo(0, 120)")
    held = page.evaluate("document.activeElement.getAttribute('href')")
    number = book.record([probe(GOOD, book.now_ms - 1_000)])[0]
    page.wait_for_selector(f"tbody tr a[href='/calls/{number}']")

    assert page.evaluate("document.activeElement.getAttribute('href')") == held
    assert page.evaluate("[window.mark, scrollY]") == [1, 120]


def test_the_overview_follows_what_is_recorded(watching: Visit, book: Book) -> None:
    watching.go("/")
    watching.page.locator(".iw-bars").focus()
    watching.page.get_by_text("12 calls to 1 endpoint").wait_for()
    book.record([probe(GOOD, book.now_ms - 1_000)])
    watching.page.get_by_text("13 calls to 1 endpoint").wait_for()

    assert watching.page.evaluate("document.activeElement.className") == "iw-bars is-marked"
    assert watching.complaints == []


def test_a_chart_keeps_its_zoom_when_data_arrives(watching: Visit, book: Book) -> None:
    watching.go(f"/models/{GOOD}")
    page = watching.page
    page.wait_for_selector("#model-ttft .main-svg")
    page.locator("#model-ttft").scroll_into_view_if_needed()
    area = page.locator("#model-ttft .nsewdrag").bounding_box()
    assert area is not None
    x, y = area["x"], area["y"] + area["height"] / 2
    page.mouse.move(x + area["width"] * 0.9, y)
    page.mouse.down()
    page.mouse.move(x + area["width"] * 0.98, y, steps=4)
    page.mouse.up()
    shown = "document.querySelector('#model-ttft .js-plotly-plot').layout.xaxis"
    page.wait_for_timeout(500)
    zoomed = page.evaluate(f"[{shown}.autorange, {shown}.range]")
    book.record([probe(GOOD, book.now_ms - 70_000 + n * 1_000) for n in range(60)])
    page.locator("#model-providers").get_by_text("n 72").first.wait_for()

    assert zoomed[0] is False
    assert page.evaluate(f"[{shown}.autorange, {shown}.range]") == zoomed
