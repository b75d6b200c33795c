"""Bills: what providers say that days cost, asked over the network and taken down in the ledger.

All pages of a source are read before anything of it is taken, in one transaction.
"""

import asyncio
import logging
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import NamedTuple
from urllib.parse import urlencode

from monitor.collectors.billing import BadBill, Page
from monitor.collectors.bills import COLLECTORS
from monitor.domain.bills import Biller, BillLine, Span
from monitor.domain.secrets import redact
from monitor.runtime.monitor import Monitor
from monitor.services import bills
from monitor.settings.model import Settings
from monitor.storage.engine import Database, Session
from monitor.wire.feeds import fetch, read_json
from monitor.wire.transport import Transport

log = logging.getLogger(__name__)

_MOST_PAGES = 60


class Outcome(NamedTuple):
    """How asking a source went: how many lines it told, or why it failed."""

    name: str
    lines: int = 0
    error: str | None = None


@dataclass(frozen=True, slots=True)
class Asker:
    """What it takes to ask for bills. `write` runs a task in a transaction of the one writer."""

    settings: Settings
    database: Database
    transport: Transport
    write: Callable[[Callable[[Session], Outcome]], Awaitable[Outcome]]
    now_ms: Callable[[], int]

    async def ask_all(self, *, only_due: bool) -> list[Outcome]:
        """How each source went, in the settings' order. Raises DatabaseRefused."""
        wanted = await asyncio.to_thread(self._look_up, only_due)
        return [await self._ask(biller, span) for biller, span in wanted]

    def _look_up(self, only_due: bool) -> list[tuple[Biller, Span]]:  # noqa: FBT001
        billers, now_ms = self.settings.billers, self.now_ms()
        with self.database.reading() as session:
            wanted = bills.due(session, billers, now_ms) if only_due else billers.sources
            return [(each, bills.span(session, each, now_ms)) for each in wanted]

    async def _ask(self, biller: Biller, span: Span) -> Outcome:
        now_ms = self.now_ms()
        try:
            lines = await self._read(biller, span)
        except BadBill as error:
            problem = redact(str(error), [biller.key])
            log.warning("bills: %s: %s", biller.name, problem)
            return await self.write(lambda s: _fail(s, biller, problem, now_ms))
        taken = await self.write(lambda s: _take(s, biller, span, lines, now_ms))
        log.info("bills: %s: %d lines", biller.name, taken.lines)
        return taken

    async def _read(self, biller: Biller, span: Span) -> list[BillLine]:
        """All pages. Raises BadBill."""
        lines: list[BillLine] = []
        page: str | None = None
        for _ in range(_MOST_PAGES):
            found = await self._read_page(biller, span, page)
            lines += found.lines
            page = found.following
            if page is None:
                return lines
        raise BadBill(f"it has over {_MOST_PAGES} pages")

    async def _read_page(self, biller: Biller, span: Span, page: str | None) -> Page:
        collector = COLLECTORS[biller.kind]
        path, query, headers = collector.ask(biller.key.reveal(), span, page)
        url = f"{biller.url}{path}" + (f"?{urlencode(query)}" if query else "")
        fetched = await fetch(self.transport, url, more=headers)
        if fetched.body is None:
            raise BadBill(fetched.problem)
        try:
            return await asyncio.to_thread(lambda: collector.read(read_json(fetched.body or b"")))
        except BadBill as error:
            raise BadBill(f"what it sends is not understood: {error}") from None
        except ValueError as error:
            raise BadBill(f"what it sends {error}") from None


def _take(
    session: Session, biller: Biller, span: Span, lines: list[BillLine], now_ms: int
) -> Outcome:
    return Outcome(biller.name, bills.take(session, biller, span, lines, now_ms))


def _fail(session: Session, biller: Biller, problem: str, now_ms: int) -> Outcome:
    bills.note_failure(session, biller, problem, now_ms)
    return Outcome(biller.name, error=problem)


async def ask_billers(monitor: Monitor, *, only_due: bool = True) -> list[Outcome]:
    """Ask the sources of bills that a monitor's settings name. Raises DatabaseRefused."""

    async def write(task: Callable[[Session], Outcome]) -> Outcome:
        return await asyncio.wrap_future(monitor.ledger.write(task))

    now_ms = monitor.clock.now_ms
    asker = Asker(monitor.settings, monitor.database, monitor.transport, write, now_ms)
    return await asker.ask_all(only_due=only_due)
