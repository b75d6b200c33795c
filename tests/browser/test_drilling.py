import json

import pytest
from playwright.sync_api import Browser

from monitor.domain.outcomes import Outcome
from monitor.domain.windows import HOUR_MS, MINUTE_MS
from tests.browser.site import Visit, serve, visit
from tests.dashboard.book import FAILING, GOOD, Book, probe, probes

pytestmark = pytest.mark.browser


def click_bar(seen: Visit, chart: str) -> None:
    """Click where the tallest bar of a chart stands."""
    seen.page.wait_for_selector(f"{chart} .points path", state="attached")
    seen.page.locator(chart).scroll_into_view_if_needed()
    bars = seen.page.locator(f"{chart} .points path")
    boxes = [box for box in (bars.nth(n).bounding_box() for n in range(bars.count())) if box]
    tallest = max(boxes, key=lambda box: box["height"])
    x, y = tallest["x"] + tallest["width"] / 2, tallest["y"] + tallest["height"] / 2
    seen.page.mouse.move(x - 1, y)
    seen.page.mouse.move(x, y)
    seen.page.mouse.click(x, y)


def test_a_bar_of_failed_calls_leads_to_those_calls(looking: Visit) -> None:
    looking.go("/providers/borealis")
    click_bar(looking, "#provider-failures")
    looking.page.wait_for_url("**/calls?**")
    looking.page.wait_for_selector("#calls-table tbody tr")

    wanted = {"provider=borealis", "outcome=failed", "window=custom"}
    assert wanted <= set(looking.page.url.partition("?")[2].split("&"))
    assert 1 <= looking.page.locator("#calls-table tbody tr").count() <= 6
    assert looking.complaints == []


def test_a_bar_of_usage_leads_to_the_calls_of_its_owner(looking: Visit) -> None:
    looking.go("/usage?window=7d&by=team")
    click_bar(looking, "#usage-chart")
    looking.page.wait_for_url("**/calls?**")
    looking.page.wait_for_selector("#calls-table tbody tr")

    wanted = {"team=search", "kind=request", "window=custom"}
    assert wanted <= set(looking.page.url.partition("?")[2].split("&"))
    assert looking.page.get_by_role("link", name="team: search").is_visible()
    assert looking.complaints == []


def test_what_is_picked_is_written_to_the_address(looking: Visit) -> None:
    looking.go("/usage?window=7d")
    looking.page.get_by_role("link", name="Team and probes").click()
    looking.page.wait_for_selector("#usage-legend >> text=Probes")
    looking.page.get_by_role("link", name="App", exact=True).click()
    looking.page.wait_for_selector("#usage-legend >> text=assistant")

    assert set(looking.page.url.partition("?")[2].split("&")) == {"window=7d", "probes=1", "by=app"}
    assert looking.complaints == []


def test_a_chart_is_saved_as_its_data_and_as_a_picture(looking: Visit) -> None:
    looking.go("/usage?window=7d")
    looking.page.wait_for_selector("#usage-chart .main-svg")
    saved = {}
    for kind in ("CSV", "JSON", "PNG"):
        with looking.page.expect_download() as saving:
            looking.page.locator(".iw-save").get_by_role("button", name=kind).click()
        saved[kind] = saving.value.path().read_bytes()

    lines = saved["CSV"].decode().splitlines()
    assert lines[0] == f'"time","{GOOD}"'
    assert len(lines) == 1 + 7
    assert [line["time"] for line in json.loads(saved["JSON"])] == [x[1:11] for x in lines[1:]]
    assert saved["PNG"].startswith(b"\x89PNG")
    assert looking.complaints == []


def test_an_incident_is_reached_from_the_overview_and_leads_to_its_calls(looking: Visit) -> None:
    looking.go("/")
    looking.page.get_by_role("link", name="the incident").click()
    looking.page.wait_for_selector(".iw-timeline li")
    looking.page.get_by_role("link", name="All calls of this time").click()
    looking.page.wait_for_selector("#calls-table tbody tr")

    assert looking.page.locator("#calls-table tbody tr").count() == 6


def test_a_filter_of_incidents_is_written_to_the_address(looking: Visit) -> None:
    looking.go("/incidents")
    looking.page.locator("#incidents-stage").click()
    looking.page.get_by_role("option", name="Resolved").click()
    looking.page.wait_for_url("**/incidents?stage=resolved")
    looking.page.wait_for_selector("#incidents-table >> text=No incident in this window")

    assert looking.complaints == []


def test_an_open_incident_closes_before_the_readers_eyes(browser: Browser, book: Book) -> None:
    start_ms, down_ms = book.now_ms - HOUR_MS, book.now_ms - 5 * MINUTE_MS
    book.watch([GOOD], since_ms=start_ms)
    book.record(probes(GOOD, start_ms, down_ms))
    failed_ms = (0, 5_000, 25_000)
    book.record(probe(GOOD, down_ms + after_ms, Outcome.OVERLOADED) for after_ms in failed_ms)
    with serve(book.database) as site, visit(browser, site) as seen:
        seen.go("/incidents/1")
        seen.page.wait_for_selector(".iw-timeline >> text=Still open")
        book.record(probe(GOOD, book.now_ms - after_ms) for after_ms in (9_000, 5_000))
        seen.page.wait_for_selector(".iw-timeline >> text=First good call")

        assert seen.page.locator(".iw-headline").inner_text().count("resolved") == 1
        assert seen.complaints == []


def test_the_page_of_a_provider_follows_what_is_recorded(browser: Browser, book: Book) -> None:
    start_ms = book.now_ms - HOUR_MS
    book.watch([FAILING], since_ms=start_ms)
    book.record(probes(FAILING, start_ms, book.now_ms - 60_000))
    with serve(book.database) as site, visit(browser, site) as seen:
        seen.go("/providers/borealis")
        seen.page.wait_for_selector("#provider-failures >> text=None of 12 calls failed")
        book.record([probe(FAILING, book.now_ms - 5_000, Outcome.OVERLOADED)])
        seen.page.wait_for_selector("#provider-failures-legend >> text=Overloaded")

        assert seen.page.locator("#provider-failures .annotation").count() == 0
        assert seen.complaints == []
