"""Reloading: the settings file as it is now, in force without a restart, or refused as a whole."""

import asyncio
import logging
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass, replace
from pathlib import Path

from monitor.logs import hide
from monitor.runtime.monitor import Monitor
from monitor.runtime.watch import FileWatch
from monitor.settings.load import load
from monitor.settings.model import Settings
from monitor.settings.problems import SettingsError
from monitor.storage import notices
from monitor.storage.engine import DatabaseRefused, Session, name_of
from monitor.storage.notices import Notice

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Reload:
    """What became of a look at the settings file; endpoints by id.

    Where there are `problems` nothing else changed. `renamed` are new ids. `restarts` wait for
    the next start.
    """

    problems: tuple[str, ...] = ()
    added: tuple[str, ...] = ()
    removed: tuple[str, ...] = ()
    changed: tuple[str, ...] = ()
    renamed: tuple[str, ...] = ()
    restarts: tuple[str, ...] = ()

    @property
    def is_refused(self) -> bool:
        """Whether the settings before it hold on."""
        return bool(self.problems)


class Reloader:
    """Keeps a monitor to its settings file."""

    def __init__(self, monitor: Monitor, path: Path) -> None:
        self._monitor, self._path = monitor, path
        self._watch = FileWatch(path)
        self._turn = asyncio.Lock()
        self._underway: set[asyncio.Task[Reload]] = set()
        self._is_owed = False
        self.notice: Notice | None = None

    async def look(self) -> None:
        """Begin to reload where the file was changed, or could not be stored; returns at once."""
        is_due = self._is_owed and self._monitor.ledger.status().is_writable
        if await asyncio.to_thread(self._watch.has_changed) or is_due:
            self.begin()

    def begin(self) -> None:
        """Reload soon; to be called in the event loop."""
        task = asyncio.create_task(self.reload())
        self._underway.add(task)
        task.add_done_callback(self._underway.discard)

    async def reload(self) -> Reload:
        """Read the file; if it is good, go by it from now on, else tell what is wrong with it."""
        async with self._turn:
            try:
                read = await asyncio.to_thread(load, self._path)
                hide(read.secrets)
                found = await self._apply(read)
            except SettingsError as error:
                found = Reload(problems=tuple(map(str, error.problems)))
            except DatabaseRefused as error:
                found = Reload(problems=(f"{error}; it is tried again once it does not",))
                self._is_owed = True
            else:
                self._is_owed = False
            await self._tell(found)
            return found

    async def _apply(self, read: Settings) -> Reload:
        before = self._monitor.settings
        settings = _keep_what_stays(before, read)
        found = compare(before, settings, tuple(_list_restarts(before, read)))
        if settings != before:
            await self._monitor.rearrange(lambda _: settings)
            log.info("settings read again: %s", describe(found))
        return found

    async def _tell(self, found: Reload) -> None:
        for problem in found.problems:
            log.error("settings refused, those before hold on: %s", problem)
        for restart in found.restarts:
            log.warning("settings: %s", restart)
        notice = Notice(self._monitor.clock.now_ms(), found.problems, found.restarts)
        is_needed = bool(notice.problems or notice.restarts)
        if is_needed or self.notice is not None:
            self.notice = notice if is_needed else None
            await self._show(self.notice)

    async def _show(self, notice: Notice | None) -> None:
        def store(session: Session) -> None:
            notices.put(session, notice)

        with suppress(DatabaseRefused):  # the pages say by themselves that it refuses
            await asyncio.wrap_future(self._monitor.ledger.write(store))


def compare(before: Settings, after: Settings, restarts: tuple[str, ...]) -> Reload:
    """What is different, endpoint by endpoint: prices and intervals too."""
    old = {e.id: (e, before.prices.get(e.id)) for e in before.endpoints}
    new = {e.id: (e, after.prices.get(e.id)) for e in after.endpoints}
    came, went = new.keys() - old.keys(), old.keys() - new.keys()
    renamed = {each for each in came if after.former_ids.get(each) in went}
    return Reload(
        added=tuple(sorted(came - renamed)),
        removed=tuple(sorted(went - {after.former_ids[each] for each in renamed})),
        renamed=tuple(sorted(renamed)),
        changed=tuple(each for each in new if each in old and new[each] != old[each]),
        restarts=restarts,
    )


def describe(found: Reload) -> str:
    """One line for the log."""
    parts = {
        "added": found.added,
        "removed": found.removed,
        "renamed to": found.renamed,
        "changed": found.changed,
    }
    words = [f"{name} {', '.join(each)}" for name, each in parts.items() if each]
    return "; ".join(words) or "no endpoint is different"


_UNTIL_RESTART = {
    "database_url": "database",
    "monitor_port": "ports.monitor",
    "monitor_host": "monitor.host",
    "dashboard_port": "ports.dashboard",
    "simulator_port": "ports.simulator",
    "is_demo": "demo",
}


def _keep_what_stays(before: Settings, read: Settings) -> Settings:
    stays = {name: getattr(before, name) for name in ("path", *_UNTIL_RESTART)}
    return replace(read, **stays)


def _list_restarts(before: Settings, read: Settings) -> Iterator[str]:
    for name, key in _UNTIL_RESTART.items():
        old, new = getattr(before, name), getattr(read, name)
        if old != new:
            if name == "database_url":  # a password may stand in it
                old, new = name_of(old), name_of(new)
            yield f"{key}: {new} takes the place of {old} at the next start of `inferwatch up`"
