"""A dashboard on a loopback port, in a thread of the test's own process."""

import socket
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from functools import partial
from threading import Thread
from typing import Any

import uvicorn
from playwright.sync_api import Browser, BrowserContext, Page

from dashboard.app import create_app
from monitor.storage.engine import Database
from tests.dashboard.conftest import settings_for

_DRAWN = ".iw-page .iw-table tr, .iw-page .iw-notice, .iw-page .iw-panel, .iw-page .iw-empty"


@dataclass(frozen=True, slots=True)
class Site:
    """Where the dashboard answers."""

    url: str


@dataclass(frozen=True, slots=True)
class Visit:
    """A page being looked at, and what went wrong meanwhile."""

    page: Page
    url: str
    complaints: list[str] = field(default_factory=list)

    def go(self, path: str) -> None:
        """Open an address and wait until it is drawn."""
        self.page.goto(f"{self.url}{path}")
        self.page.wait_for_selector(_DRAWN, state="attached")

    def listen(self) -> None:
        """Note errors, and requests that leave this host."""
        self.page.on("console", partial(Visit._note_message, self))
        self.page.on("pageerror", lambda error: self.complaints.append(str(error)))
        self.page.on("request", lambda request: self._note_request(request.url))

    def _note_message(self, message: Any) -> None:  # noqa: ANN401 - Playwright's own
        if message.type in {"error", "warning"}:
            self.complaints.append(message.text)

    def _note_request(self, url: str) -> None:
        if not url.startswith((self.url, "data:", "blob:")):
            self.complaints.append(f"left this host: {url}")


@contextmanager
def serve(database: Database, *, is_demo: bool = False, monitor_port: int = 0) -> Iterator[Site]:
    """Serve the dashboard of a database while the context is open."""
    settings = replace(settings_for(database, is_demo=is_demo), monitor_port=monitor_port)
    app: Any = create_app(settings, database)
    listener = socket.create_server(("127.0.0.1", 0))
    config = uvicorn.Config(app.server, log_level="error", timeout_graceful_shutdown=1)
    server = uvicorn.Server(config)
    thread = Thread(target=server.run, kwargs={"sockets": [listener]}, daemon=True)
    thread.start()
    while not server.started:
        time.sleep(0.02)
    try:
        yield Site(f"http://127.0.0.1:{listener.getsockname()[1]}")
    finally:
        server.should_exit = True
        thread.join(10)


@contextmanager
def profile(browser: Browser, **options: Any) -> Iterator[BrowserContext]:
    """A fresh browser profile; `options` are those of Playwright's contexts."""
    context = browser.new_context(**{"timezone_id": "America/New_York", **options})
    context.set_default_timeout(60_000)
    try:
        yield context
    finally:
        context.close()


@contextmanager
def open_page(context: BrowserContext, site: Site) -> Iterator[Visit]:
    """A page of a profile, at a site."""
    page = context.new_page()
    try:
        seen = Visit(page, site.url)
        seen.listen()
        yield seen
    finally:
        page.close()


@contextmanager
def visit(browser: Browser, site: Site, **options: Any) -> Iterator[Visit]:
    """A page of a fresh profile, at a site."""
    with profile(browser, **options) as context, open_page(context, site) as seen:
        yield seen
