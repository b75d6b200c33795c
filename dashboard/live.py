"""Live: one look at the database a second, shared by all who watch.

A token is a text that differs from the last one after any change. It is not a time.
"""

import asyncio
from collections.abc import AsyncGenerator
from itertools import count
from threading import Lock
from typing import Any

from monitor.storage.engine import Database, DatabaseRefused
from monitor.storage.queries.operations import change_token

_INTERVAL_S = 1.0
_run = count(1)


class Pulse:
    """Tells viewers that something was stored. Reads only while somebody watches."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._lock = Lock()
        self._connection: Any = None
        # Another process's numbers must not look like ours after a restart.
        self._name = f"{id(self):x}-{next(_run)}"
        self._seen = asyncio.Condition()
        self._poller: asyncio.Task[None] | None = None
        self._viewers = 0

    def token(self) -> str:
        """The token now. An unreadable database has one of its own."""
        with self._lock:
            try:
                return f"{self._name}-{self._version()}"
            except DatabaseRefused:
                self._connection = None
                return f"{self._name}-unreadable"

    def _version(self) -> int:
        # A connection of its own: SQLite compares with what that one saw before.
        with self._database.reading() as session:
            if self._connection is None:
                self._connection = session.connection().engine.connect()
            version = change_token(self._connection)
            self._connection.rollback()
        return version

    async def tokens(self) -> AsyncGenerator[str, None]:
        """The token now, and again after each change, until the viewer leaves."""
        self._enter()
        try:
            token = self.token()
            while True:
                yield token
                token = await self._next(token)
        finally:
            self._leave()

    async def _next(self, known: str) -> str:
        async with self._seen:
            await self._seen.wait()
        token = self.token()
        return token if token != known else await self._next(known)

    def _enter(self) -> None:
        self._viewers += 1
        if self._poller is None:
            self._poller = asyncio.create_task(self._poll())

    def _leave(self) -> None:
        self._viewers -= 1
        if self._viewers == 0 and self._poller is not None:
            self._poller.cancel()
            self._poller = None

    async def _poll(self) -> None:
        known = ""
        while True:
            token = await asyncio.to_thread(self.token)
            if token != known:
                known = token
                async with self._seen:
                    self._seen.notify_all()
            await asyncio.sleep(_INTERVAL_S)
