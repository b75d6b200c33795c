import pytest
from playwright.sync_api import Browser

from tests.browser.site import serve, visit
from tests.browser.test_drilling import click_bar
from tests.dashboard.book import GOOD, Book, request
from tests.dashboard.test_spend import spend_some

pytestmark = pytest.mark.browser


def test_spend_is_drawn_grouped_and_leads_to_its_calls(browser: Browser, book: Book) -> None:
    spend_some(book)
    with serve(book.database) as site, visit(browser, site) as seen:
        seen.go("/spend?window=7d")
        for chart in ("spend-days", "spend-course"):
            seen.page.wait_for_selector(f"#{chart} .trace", state="attached")
        seen.page.get_by_role("link", name="team", exact=True).click()
        seen.page.wait_for_selector("#spend-owners >> text=red")

        assert "by=team" in seen.page.url
        assert seen.page.locator("#spend-owners tbody tr").count() == 3

        click_bar(seen, "#spend-days")
        seen.page.wait_for_url("**/calls?**")
        seen.page.wait_for_selector("#calls-table tbody tr")

        assert "window=custom" in seen.page.url
        assert seen.complaints == []


def test_the_first_call_of_a_team_appears_without_a_reload(browser: Browser, book: Book) -> None:
    book.watch([GOOD], since_ms=book.now_ms - 3_600_000)
    options = {"viewport": {"width": 390, "height": 800}, "color_scheme": "dark"}
    with serve(book.database) as site, visit(browser, site, **options) as seen:
        seen.go("/spend")
        seen.page.wait_for_selector("#spend-notice >> text=No team usage yet")
        book.record([request(GOOD, book.now_ms - 60_000)])
        seen.page.wait_for_selector("#spend-owners >> text=aurora-large")
        width = seen.page.evaluate("document.documentElement.scrollWidth")

        assert seen.page.locator("#spend-notice").inner_text() == ""
        assert width <= 390
        assert seen.complaints == []
