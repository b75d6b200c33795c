"""Reads: what pages are drawn from, the database and the clock; one drawing serves all viewers.

What readers say is written from here, too: rows of their own tables, a transaction each.
"""

import asyncio
import time
from collections import OrderedDict
from collections.abc import Callable, Hashable
from contextlib import suppress
from threading import Lock
from typing import Any, TypeVar
from zoneinfo import ZoneInfo

from dash.exceptions import PreventUpdate

from dashboard.choices import BadChoice, Choice, choose
from dashboard.live import Pulse
from monitor.storage import facts
from monitor.storage.engine import Database, DatabaseRefused, Session
from monitor.storage.queries import endpoints

T = TypeVar("T")

_KEPT_DRAWINGS = 64
_FRESH_MS = 15_000


class NotHere(LookupError):
    """A path that names something we do not have: says what, and where to look."""


class Reads:
    """The database as pages read it. `draw` functions take (session, choice, *path).

    The monitor is asked on `monitor_port`; nobody has the port 0.
    """

    def __init__(
        self,
        database: Database,
        home: ZoneInfo,
        *,
        is_demo: bool = False,
        monitor_port: int = 0,
        link: str = "",
    ) -> None:
        self._home, self._link, self._settings_token = home, link, ""
        self.is_demo, self.monitor_port = is_demo, monitor_port
        self.pulse = Pulse(database)
        self._database = database
        self._drawings: OrderedDict[Hashable, Any] = OrderedDict()
        self._lock = Lock()

    @property
    def home(self) -> ZoneInfo:
        """The zone of the settings in force, which the monitor may have read again since."""
        self._follow()
        return self._home

    @property
    def link(self) -> str:
        """Where the pages are reached from elsewhere, by the same settings; "" nowhere."""
        self._follow()
        return self._link

    def _follow(self) -> None:
        token = self.pulse.token()
        if token == self._settings_token:
            return
        with suppress(DatabaseRefused), self._database.reading() as session:
            self._home = facts.home_zone(session, self._home)
            told = facts.read(session, facts.PAGES_LINK)
            self._link = self._link if told is None else told
        self._settings_token = token

    def choice(self, search: str | None) -> Choice:
        """The choice of a query string, now. Raises `BadChoice`."""
        return choose(search, self.home, time.time_ns() // 1_000_000)

    def demand_readable(self) -> None:
        """Raise DatabaseRefused, which says why, where the database cannot be read."""
        with self._database.reading() as session:
            endpoints.watched(session)

    def drawn(self, draw: Callable[..., T], choice: Choice, *path: Hashable) -> T:
        """What `draw` makes of the database as it is. Drawn once for a view and a change.

        Raises DatabaseRefused, NotHere, and BadChoice where a filter of the page cannot be.
        """
        query = tuple(sorted(choice.query.items()))
        moment = self.pulse.token(), choice.now_ms // _FRESH_MS
        key = (draw, path, query, moment)
        with self._lock:
            if key not in self._drawings:
                with self._database.reading() as session:
                    self._drawings[key] = draw(session, choice, *path)
            self._drawings.move_to_end(key)
            if len(self._drawings) > _KEPT_DRAWINGS:
                self._drawings.popitem(last=False)
            drawing: T = self._drawings[key]
            return drawing

    async def asked(self, ask: Callable[..., T], search: str | None) -> T:
        """What `ask` makes of (session, choice), each time anew and beside all drawing."""
        try:
            choice = self.choice(search)
            return await self.looked(lambda session: ask(session, choice))
        except (DatabaseRefused, BadChoice) as error:
            raise PreventUpdate from error

    async def looked(self, look: Callable[[Session], T]) -> T:
        """What `look` makes of the database as it is. Raises DatabaseRefused."""
        return await asyncio.to_thread(self._look, look)

    def _look(self, look: Callable[[Session], T]) -> T:
        with self._database.reading() as session:
            return look(session)

    async def worked(self, work: Callable[[Database], T]) -> T:
        """What work in sessions of its own makes of the database. Raises DatabaseRefused."""
        return await asyncio.to_thread(work, self._database)

    async def written(self, write: Callable[[Session], T]) -> T:
        """What `write` makes of a transaction of its own, committed. Raises DatabaseRefused."""
        return await asyncio.to_thread(self._write, write)

    def _write(self, write: Callable[[Session], T]) -> T:
        with self._database.writing() as session:
            return write(session)

    async def redrawn(self, draw: Callable[..., T], search: str | None, *path: Hashable) -> T:
        """The same for a page that is already shown: where nothing can be drawn, it stays."""
        try:
            choice = self.choice(search)
            return await asyncio.to_thread(self.drawn, draw, choice, *path)
        except (DatabaseRefused, NotHere, BadChoice) as error:
            raise PreventUpdate from error
