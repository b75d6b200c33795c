from typing import Any
from urllib.parse import quote

import pytest
from playwright.sync_api import Browser, expect

from monitor.domain.windows import HOUR_MS
from tests.browser.site import Site, Visit, serve, visit
from tests.dashboard.book import FAILING, GOOD, HOSTILE, Book, request

pytestmark = pytest.mark.browser

PATHS = [
    "/",
    "/models",
    f"/models/{GOOD}",
    "/providers",
    "/providers/borealis",
    "/usage",
    "/incidents",
    "/incidents/1",
    "/alerts",
    "/calls",
    "/calls/1",
    "/spend?window=30d",
    "/monitor",
    "/nowhere",
]
LOUD_404 = "the server responded with a status of 404"


@pytest.mark.parametrize("path", PATHS)
def test_a_page_is_drawn_without_an_error_or_a_foreign_request(looking: Visit, path: str) -> None:
    looking.go(path)
    looking.page.wait_for_timeout(500)

    assert [each for each in looking.complaints if LOUD_404 not in each] == []


def test_charts_are_drawn_under_the_strict_policy(looking: Visit) -> None:
    looking.go(f"/models/{GOOD}")
    looking.page.wait_for_selector("#model-spend .main-svg")

    assert looking.page.locator(".iw-figure .main-svg").count() >= 4
    assert looking.complaints == []


@pytest.mark.parametrize("path", ["/", "/models", f"/models/{quote(HOSTILE)}", "/calls"])
def test_hostile_names_are_shown_as_they_are_and_run_nothing(looking: Visit, path: str) -> None:
    looking.go(path)
    looking.page.wait_for_timeout(300)

    assert looking.page.get_by_text('onerror="window.hurt=1"').first.is_visible()
    assert looking.page.evaluate("window.hurt") is None


def test_a_hostile_error_text_is_shown_as_it_is_and_runs_nothing(looking: Visit) -> None:
    looking.go("/calls?outcome=bad")
    looking.page.locator("tbody tr a").first.click()
    looking.page.wait_for_selector(".iw-excerpt")

    assert "<script>" in looking.page.locator(".iw-excerpt").inner_text()
    assert looking.page.evaluate("window.hurt") is None


def measure(browser: Browser, site: Site, widths: list[int], what: str) -> dict[str, list[Any]]:
    """What a script finds on each page at each width; each is drawn once, at the first of them."""
    found: dict[str, list[Any]] = {}
    with visit(browser, site, viewport={"width": widths[0], "height": 844}) as seen:
        for path in PATHS[:-1]:
            seen.page.set_viewport_size({"width": widths[0], "height": 844})
            seen.go(path)
            for width in widths:
                seen.page.set_viewport_size({"width": width, "height": 844})
                found.setdefault(path, []).append(seen.page.evaluate(what))
    return found


def test_no_narrow_page_scrolls_sideways(browser: Browser, day_site: Site) -> None:
    excess = "document.documentElement.scrollWidth - innerWidth"
    found = measure(browser, day_site, [390, 360], excess)

    assert not any(more > 0 for each in found.values() for more in each), found


def test_no_table_is_cut_off_on_a_wide_page(browser: Browser, day_site: Site) -> None:
    cut = "[...document.querySelectorAll('.iw-scroll')].map(e => e.scrollWidth - e.clientWidth)"
    found = measure(browser, day_site, [1440, 1280], cut)

    assert not any(any(each) for cuts in found.values() for each in cuts), found


def test_a_sentence_gives_way_to_a_chart_once_there_is_something_to_draw(
    browser: Browser, book: Book
) -> None:
    book.watch([GOOD], since_ms=book.now_ms - HOUR_MS)
    with serve(book.database) as site, visit(browser, site) as seen:
        seen.go(f"/models/{GOOD}")
        seen.page.wait_for_selector("#model-tokens >> text=No calls on these days")
        book.record([request(GOOD, book.now_ms - 1_000)])
        seen.page.wait_for_selector("#model-tokens .ytick", state="attached")

        assert seen.page.locator("#model-tokens .annotation").count() == 0


def test_demo_is_said_on_the_page(looking: Visit) -> None:
    looking.go("/calls")

    assert looking.page.locator(".iw-demo").inner_text() == "demo"


def test_a_link_changes_the_page_without_loading_it_anew(looking: Visit) -> None:
    looking.go("/")
    looking.page.evaluate("window.mark = 1")
    looking.page.get_by_role("link", name="Models", exact=True).click()
    looking.page.wait_for_selector("#models-table tbody tr")

    assert looking.page.evaluate("window.mark") == 1
    assert looking.page.title() == "Models · inferwatch"


def test_a_group_of_endpoints_leads_to_its_provider(looking: Visit) -> None:
    looking.go("/?window=7d")
    looking.page.locator(".iw-group").get_by_role("link", name="borealis").click()
    looking.page.wait_for_url("**/providers/borealis?window=7d")
    looking.page.wait_for_selector("#provider-endpoints tbody tr")

    assert looking.page.title() == "borealis · inferwatch"


def test_the_window_is_in_the_address_and_stays_on_the_way(looking: Visit) -> None:
    looking.go("/")
    looking.page.get_by_role("link", name="7 d", exact=True).click()
    looking.page.wait_for_url("**/?window=7d")
    looking.page.get_by_role("link", name="Calls", exact=True).click()
    looking.page.wait_for_url("**/calls?window=7d")

    current = looking.page.locator(".iw-pick a[aria-current]")
    assert current.first.inner_text() == "7 d"


def test_the_browsers_own_zone_can_be_chosen(looking: Visit) -> None:
    looking.go("/")
    looking.page.get_by_role("link", name="New York").click()
    looking.page.wait_for_selector(".iw-headline >> text=America/New York")

    assert "zone=America%2FNew_York" in looking.page.url


def test_going_back_shows_what_was_there(looking: Visit) -> None:
    looking.go("/")
    looking.page.get_by_role("link", name="Models", exact=True).click()
    looking.page.wait_for_selector("#models-table tbody tr")
    looking.page.go_back()

    looking.page.wait_for_selector("#overview-table tbody tr")


def test_a_filter_is_written_to_the_address(looking: Visit) -> None:
    looking.go("/calls")
    looking.page.locator("#calls-group").click()
    looking.page.get_by_role("option", name="bad", exact=True).click()
    looking.page.wait_for_url("**/calls?outcome=bad")
    expect(looking.page.locator("tbody tr")).to_have_count(6)

    assert looking.complaints == []


def test_a_search_keeps_only_what_matches(looking: Visit) -> None:
    looking.go("/")
    looking.page.get_by_label("Filter Endpoints").fill("boreal")

    assert looking.page.locator("tbody tr:not(.iw-group)").count() == 1


def test_a_column_can_be_sorted_both_ways(looking: Visit) -> None:
    looking.go("/")
    header = looking.page.get_by_role("button", name="Availability")
    header.click()
    first = looking.page.locator("tbody tr").first.inner_text()
    header.click()

    assert FAILING in first
    assert FAILING in looking.page.locator("tbody tr").last.inner_text()


@pytest.mark.parametrize("kind", ["CSV", "JSON"])
def test_a_table_is_saved_as_it_is_shown(looking: Visit, kind: str) -> None:
    looking.go("/")
    looking.page.get_by_label("Filter Endpoints").fill("boreal")
    with looking.page.expect_download() as saving:
        looking.page.get_by_role("button", name=kind).click()

    text = saving.value.path().read_text()
    assert FAILING in text
    assert GOOD not in text
