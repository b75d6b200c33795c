import pytest

from tests.browser.site import Visit
from tests.dashboard.book import FAILING

pytestmark = pytest.mark.browser

BARS = "#overview-table .iw-bars"


def test_bars_are_reached_by_the_tab_key_and_told_day_by_day(looking: Visit) -> None:
    looking.go("/")
    page = looking.page
    page.get_by_label("Filter Endpoints").focus()
    for _ in range(40):
        page.keyboard.press("Tab")
        if page.evaluate("document.activeElement.classList.contains('iw-bars')"):
            break
    today = page.evaluate("document.activeElement.getAttribute('aria-valuetext')")
    page.keyboard.press("ArrowLeft")

    assert "so far" in today
    assert "so far" not in page.locator(".iw-tip").inner_text()


def test_a_bar_is_told_under_the_pointer_with_its_zone(looking: Visit) -> None:
    looking.go("/")
    box = looking.page.locator(BARS).first.bounding_box()
    assert box is not None
    looking.page.mouse.move(box["x"] + box["width"] - 1, box["y"] + 10)
    told = looking.page.locator(".iw-tip").inner_text()

    assert "% available" in told
    assert "Europe/Berlin" in told


def test_a_day_without_checks_is_told_as_one(looking: Visit) -> None:
    looking.go("/")
    box = looking.page.locator(BARS).first.bounding_box()
    assert box is not None
    looking.page.mouse.move(box["x"] + 5, box["y"] + 10)

    assert "not watched: no figure" in looking.page.locator(".iw-tip").inner_text()


def test_a_bar_leads_to_the_calls_of_its_day(looking: Visit) -> None:
    looking.go("/")
    looking.page.locator(BARS).first.focus()
    looking.page.keyboard.press("End")
    looking.page.keyboard.press("Enter")
    looking.page.wait_for_selector("#calls-table tbody tr")

    assert "window=custom" in looking.page.url
    assert FAILING in looking.page.locator("tbody tr").first.inner_text()


def test_a_bar_says_all_of_it_to_who_cannot_see(looking: Visit) -> None:
    looking.go("/")
    label = looking.page.locator(BARS).first.get_attribute("aria-label")

    assert label is not None
    assert label.startswith(f"{FAILING}, last 90 days: ")
