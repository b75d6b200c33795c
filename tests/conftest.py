"""What tests on every floor share: the browser, and where ledgers are kept."""

import os
from collections.abc import Iterator

import hypothesis
import pytest
from playwright.sync_api import Browser, sync_playwright

from monitor.storage import sqlite
from scripts.find_browser import find_browser
from tests import databases, servers
from tests.databases import Keeper, keep

# A busy machine is slow, not wrong.
hypothesis.settings.register_profile("steady", deadline=None)
# There the same examples each time: a change is judged by what it does, not by luck.
hypothesis.settings.register_profile("ci", deadline=None, derandomize=True)
hypothesis.settings.load_profile("ci" if os.environ.get("CI") else "steady")

QUIET = [
    "--no-sandbox",  # tests may run as root
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]


#: Marks of tests that take long, the longest first.
SLOW = ("model", "slow", "browser")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Files that take long come first: no worker is left alone with one at the end."""
    ranks: dict[str, int] = {}
    for item in items:
        marks = {mark.name for mark in item.iter_markers()}
        rank = next((n for n, name in enumerate(SLOW) if name in marks), len(SLOW))
        ranks[item.location[0]] = min(rank, ranks.get(item.location[0], rank))
    items.sort(key=lambda item: ranks[item.location[0]])


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """A headless Chromium.

    Not kept for the whole session: while Playwright's synchronous interface is open its event
    loop counts as running, and no test of another module could call `asyncio.run`.
    """
    path = find_browser()
    assert path, "no browser here; run: .venv/bin/python scripts/find_browser.py"
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=path, args=QUIET)
        yield chromium
        chromium.close()


@pytest.fixture(scope="session")
def server() -> Iterator[servers.Server]:
    """A real PostgreSQL, one for each process of tests."""
    with servers.run_server() as running:
        yield running


@pytest.fixture(scope="module", params=list(Keeper))
def keeper(request: pytest.FixtureRequest) -> Iterator[Keeper]:
    """Let what keeps ledgers be SQLite, and PostgreSQL: a test that uses it runs on each."""
    yield from keep(request)


@pytest.fixture
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    """Who finds a file of SQLite locked gives up at once, not after five seconds."""
    for pragmas in (sqlite._WRITER_PRAGMAS, sqlite._READER_PRAGMAS):
        monkeypatch.setitem(pragmas, "busy_timeout", 20)


@pytest.fixture(autouse=True)
def _forget_databases() -> Iterator[None]:
    """A test leaves no database behind on the server."""
    with databases.forgetting():
        yield
