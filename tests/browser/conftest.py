"""Dashboards to be looked at in a real browser."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, BrowserContext

from tests.browser.site import Site, Visit, open_page, profile, serve
from tests.dashboard.book import Book
from tests.dashboard.conftest import book as book  # noqa: PLC0414 - the same fixtures
from tests.dashboard.conftest import day as day  # noqa: PLC0414
from tests.dashboard.conftest import template as template  # noqa: PLC0414


@pytest.fixture(scope="module")
def day_site(day: Book) -> Iterator[Site]:
    """A dashboard of a day of calls."""
    with serve(day.database, is_demo=True) as site:
        yield site


@pytest.fixture(scope="module")
def reader(browser: Browser) -> Iterator[BrowserContext]:
    """A reader's profile, which keeps our scripts from test to test."""
    with profile(browser, viewport={"width": 1280, "height": 800}) as context:
        yield context


@pytest.fixture
def looking(reader: BrowserContext, day_site: Site) -> Iterator[Visit]:
    """A reader at that dashboard."""
    with open_page(reader, day_site) as seen:
        yield seen
