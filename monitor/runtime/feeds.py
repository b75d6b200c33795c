"""Feeds: sources of prices, asked over the network and taken down in the ledger, one by one."""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TypeVar
from urllib.parse import quote

from monitor.collectors import openrouter, price_files
from monitor.domain.endpoints import Endpoint, Flavour
from monitor.domain.feeds import Feed, FeedKind
from monitor.domain.offers import Said
from monitor.domain.secrets import redact
from monitor.runtime.monitor import Monitor
from monitor.services import feeds
from monitor.services.feeds import Outcome
from monitor.settings.model import Settings
from monitor.storage.engine import Database, Session
from monitor.wire.feeds import MAX_BYTES, Fetched, fetch, read_json
from monitor.wire.transport import Transport

log = logging.getLogger(__name__)

T = TypeVar("T")
#: So many models are asked for by who serves them.
_MOST_PINNED = 50


@dataclass(frozen=True, slots=True)
class Asker:
    """What it takes to ask feeds. `write` runs a task in a transaction of the one writer."""

    settings: Settings
    database: Database
    transport: Transport
    write: Callable[[Callable[[Session], Outcome]], Awaitable[Outcome]]
    now_ms: Callable[[], int]

    async def ask_all(self, *, only_due: bool) -> list[Outcome]:
        """How each feed went, in the settings' order. Raises DatabaseRefused."""
        wanted, endpoints = await asyncio.to_thread(self._look_up, only_due)
        return [await self._ask(feed, endpoints) for feed in wanted]

    def _look_up(self, only_due: bool) -> tuple[Sequence[Feed], list[Endpoint]]:  # noqa: FBT001
        sources = self.settings.feeds
        with self.database.reading() as session:
            wanted = (
                feeds.due(session, sources, self.now_ms()) if only_due else list(sources.sources)
            )
            return wanted, feeds.priceable(session, self.settings)

    async def _ask(self, feed: Feed, endpoints: list[Endpoint]) -> Outcome:
        with self.database.reading() as session:
            etag = feeds.known_etag(session, feed, endpoints)
        fetched = await self._fetch(feed, etag)
        now_ms = self.now_ms()
        if fetched.body is None and fetched.problem is None:
            return await self.write(lambda s: feeds.note_same(s, feed, now_ms))
        said: Said | str = fetched.problem or ""
        if fetched.body is not None:
            said = await asyncio.to_thread(_read, fetched.body, endpoints, now_ms)
        if isinstance(said, Said) and feed.kind is FeedKind.OPENROUTER:
            said = await self._add_pinned(feed, said, endpoints, now_ms)
        if isinstance(said, str):
            problem = redact(said)
            log.warning("prices: feed %s: %s", feed.name, problem)
            return await self.write(lambda s: feeds.note_failure(s, feed, problem, now_ms))
        return await self._take(feed, said, fetched, endpoints, now_ms)

    async def _take(
        self, feed: Feed, said: Said, fetched: Fetched, endpoints: list[Endpoint], now_ms: int
    ) -> Outcome:
        as_of_ms = now_ms if fetched.modified_ms is None else min(fetched.modified_ms, now_ms)
        # Who is pinned is asked for at other addresses, which may be new where the list is not.
        etag = None if feed.kind is FeedKind.OPENROUTER else fetched.etag

        def take(session: Session) -> Outcome:
            policy = self.settings.feeds.policy
            taken = feeds.take(session, feed, said, as_of_ms, now_ms, policy)
            feeds.keep_etag(session, taken.asked, etag, endpoints)
            feeds.forget_others(session, [each.name for each in self.settings.feeds.sources])
            return taken

        taken = await self.write(take)
        log.info("prices: feed %s: %d new, of %d", feed.name, taken.new, taken.asked.said)
        return taken

    async def _fetch(self, feed: Feed, etag: str | None) -> Fetched:
        if feed.is_file:
            return await asyncio.to_thread(_read_file, Path(feed.place))
        url = f"{feed.place}/models" if feed.kind is FeedKind.OPENROUTER else feed.place
        return await fetch(self.transport, url, etag)

    async def _add_pinned(
        self, feed: Feed, said: Said, endpoints: list[Endpoint], now_ms: int
    ) -> Said | str:
        """The prices of those who are pinned to one provider behind OpenRouter."""
        ours = [e for e in endpoints if e.target.flavour is Flavour.OPENROUTER]
        pinned = dict.fromkeys(e.model_name for e in ours if openrouter.pinned(e) is not None)
        for model in list(pinned)[:_MOST_PINNED]:
            url = f"{feed.place}/models/{quote(model, safe='/:')}/endpoints"
            fetched = await fetch(self.transport, url)
            if fetched.body is None:
                remark = f"who serves it is not known: {fetched.problem} ({model})"
                said = replace(said, remarks=(*said.remarks, remark))
                continue
            more = await asyncio.to_thread(_read, fetched.body, endpoints, now_ms)
            if isinstance(more, str):
                return more
            offers, remarks = (*said.offers, *more.offers), (*said.remarks, *more.remarks)
            said = replace(said, offers=offers, remarks=remarks)
        return said


async def ask_feeds(monitor: Monitor, *, only_due: bool = True) -> list[Outcome]:
    """Ask the sources that a monitor's settings name; plan by what of it holds since.

    Raises DatabaseRefused.
    """

    async def write(task: Callable[[Session], Outcome]) -> Outcome:
        return await asyncio.wrap_future(monitor.ledger.reform(task))

    now_ms = monitor.clock.now_ms
    asker = Asker(monitor.settings, monitor.database, monitor.transport, write, now_ms)
    found = await asker.ask_all(only_due=only_due)
    if any(each.accepted for each in found):
        await monitor.rearrange()
    return found


def _read(body: bytearray, endpoints: list[Endpoint], now_ms: int) -> Said | str:
    """What a document says, or what is wrong with it."""
    try:
        said = price_files.read(read_json(body), endpoints, now_ms)
    except ValueError as error:
        return f"what it sends {error}"
    return replace(said, remarks=tuple(redact(text, limit=300) for text in said.remarks[:100]))


def _read_file(path: Path) -> Fetched:
    try:
        modified_ms = int(path.stat().st_mtime * 1000)
        if path.stat().st_size > MAX_BYTES:
            return Fetched(problem=f"{path} is over {MAX_BYTES // 1024**2} MiB")
        return Fetched(bytearray(path.read_bytes()), modified_ms=modified_ms)
    except OSError as error:
        return Fetched(problem=f"{path} cannot be read: {error.strerror or error}")
