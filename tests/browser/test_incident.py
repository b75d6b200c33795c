"""An incident answered from its page, by a reader who is not to be believed."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser

from monitor.domain.invitations import invite, path
from monitor.domain.outcomes import Outcome
from monitor.domain.windows import HOUR_MS, MINUTE_MS
from monitor.storage import acknowledgements, facts
from tests.browser.site import Site, Visit, serve, visit
from tests.dashboard.book import GOOD, INTERVAL_MS, Book, probe, probes

pytestmark = pytest.mark.browser
CANARY = '<img src=x onerror="window.owned=1"><script>window.owned=1</script>'


SIZE = {"width": 390, "height": 844}


@pytest.fixture
def site(book: Book) -> Iterator[Site]:
    """A dashboard of an open incident."""
    start_ms = book.now_ms - HOUR_MS
    down_ms = book.now_ms - 9 * MINUTE_MS
    book.watch([GOOD], since_ms=start_ms)
    book.record(probes(GOOD, start_ms, down_ms))
    failed = (probe(GOOD, down_ms + t, Outcome.OVERLOADED) for t in (0, 3_000, 25_000))
    book.record(failed)
    with serve(book.database) as site:
        yield site


@pytest.fixture
def watching(browser: Browser, site: Site) -> Iterator[Visit]:
    """A reader at its page, on a phone."""
    with visit(browser, site, viewport=SIZE) as seen:
        seen.go("/incidents/1")
        yield seen


def test_an_incident_is_acknowledged_noted_and_reviewed_from_its_page(
    watching: Visit, book: Book
) -> None:
    page = watching.page
    page.get_by_label("Your name").fill("ada")
    page.get_by_label("What you say to it").fill(CANARY)
    page.get_by_role("button", name="Acknowledge").click()
    page.get_by_text("You are at it.").wait_for()
    page.locator("#incident-timeline").get_by_text("Acknowledged", exact=True).wait_for()
    assert page.get_by_label("What you say to it").input_value() == ""
    page.get_by_role("button", name="Acknowledge").wait_for(state="hidden")
    page.get_by_label("What you say to it").fill(f"{CANARY}\nsecond line")
    page.get_by_role("button", name="Add a note").click()
    page.locator("#incident-notes pre").get_by_text(CANARY).wait_for()
    book.record(probes(GOOD, book.now_ms - INTERVAL_MS, book.now_ms))
    book.record([probe(GOOD, book.now_ms)])
    page.get_by_label("What happened, why").fill("They were full.")
    page.get_by_role("button", name="Write the post-mortem").click()
    page.locator("#incident-post-mortem pre").get_by_text("They were full.").wait_for()
    page.reload()
    page.locator("#incident-post-mortem pre").get_by_text("They were full.").wait_for()

    assert page.get_by_label("Your name").input_value() == "ada"
    assert page.evaluate("[window.owned, document.documentElement.scrollWidth]") == [None, 390]
    assert watching.complaints == []


def test_the_link_of_a_message_needs_no_script(browser: Browser, site: Site, book: Book) -> None:
    down_ms = book.now_ms - 9 * MINUTE_MS
    with book.database.writing() as session:
        key = facts.ensure_key(session, facts.LINK_KEY)
    link = path(invite(1, down_ms, "ops", book.now_ms), key)
    with visit(browser, site, viewport=SIZE, java_script_enabled=False) as seen:
        page = seen.page
        page.goto(f"{site.url}{link}")
        page.get_by_label("Your name").fill(CANARY)
        page.get_by_label("A few words").fill(CANARY)
        page.get_by_role("button", name="I am at it").click()
        page.get_by_text("is at it since").wait_for()
        assert CANARY in page.locator("main").inner_text()
        assert seen.complaints == []

    with book.database.reading() as session:
        assert acknowledgements.of_incidents(session, [1])[1].by == CANARY
