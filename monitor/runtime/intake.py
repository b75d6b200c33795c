"""The intake: events that somebody tells, until they are durable in the ledger."""

import asyncio
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from monitor.domain.calls import Attribution, Origin
from monitor.domain.events import Addressee, Event
from monitor.domain.secrets import Secret
from monitor.domain.verdicts import Verdict
from monitor.runtime.clock import Clock
from monitor.runtime.desk import Quarantined
from monitor.runtime.ledger import Ledger
from monitor.services import catalogue, directory
from monitor.services.calls import Receipt
from monitor.services.directory import Directory, TooManyMet
from monitor.services.tellings import AHEAD_MS, Aside, Teller, Told, read
from monitor.storage import apps, facts, quarantine
from monitor.storage.engine import Database, Session

#: From so many events on, calls of others go first.
_BULK = 50
#: The ledger begins a day later each day.
_STALE_MS = 600_000
#: Reading fewer takes less than handing them to a thread.
_AT_ONCE = 20


class Taken(NamedTuple):
    """What became of an event, and why where it was not taken as it was told."""

    verdict: Verdict
    reason: str | None = None


@dataclass(frozen=True, slots=True)
class _Known:
    """What has to be known to read events."""

    directory: Directory
    user_key: bytes
    from_ms: int
    read_ms: int
    titles: dict[str, str]


class Intake:
    """Takes events in. For the event loop alone."""

    def __init__(
        self,
        database: Database,
        ledger: Ledger,
        clock: Clock,
        secrets: Callable[[], tuple[Secret, ...]],
    ) -> None:
        self._database, self._ledger, self._clock = database, ledger, clock
        self._secrets = secrets
        self._known: _Known | None = None

    def forget(self) -> None:
        """Look up again what endpoints there are: they were changed."""
        self._known = None

    async def take(
        self, events: Sequence[Event], origin: Origin, sender: str, attribution: Attribution
    ) -> list[Taken]:
        """What became of events, in their order; all that was not refused is durable.

        `sender` is who issued the events' own ids. Raises DatabaseRefused, and then nothing but
        endpoints may have been written.
        """
        known = self._known
        if known is None or self._clock.now_ms() - known.read_ms > _STALE_MS:
            known = await self._look_up()
        strangers = {e.to for e in events if e.to.endpoint is None} - {
            e.to for e in events if known.directory.find(e.to, e.attribution.key) is not None
        }
        trouble = None
        if strangers:
            trouble = await self._meet(strangers)
            known = await self._look_up()
        teller = Teller(origin, sender, known.user_key, attribution, self._secrets())
        if len(events) > _AT_ONCE:
            told = await asyncio.to_thread(self._read, events, teller, known, trouble)
        else:
            told = self._read(events, teller, known, trouble)
        taken = await self._record([each for each in told if isinstance(each, Told)])
        await self._note(events, known)
        return [each if isinstance(each, Taken) else taken.pop(0) for each in told]

    def _read(
        self, events: Sequence[Event], teller: Teller, known: _Known, trouble: str | None
    ) -> list[Told | Taken]:
        now_ms = self._clock.now_ms()
        read_: list[Told | Taken] = []
        for event in events:
            place = known.directory.find(event.to, event.attribution.key)
            if place is None:
                reason = trouble or f"endpoint {event.to.endpoint!r} is not known; name its model"
                read_.append(Taken(Verdict.REFUSED, reason))
                continue
            problem = date_problem(event, known.from_ms, now_ms)
            read_.append(
                read(event, place, teller, now_ms)
                if problem is None
                else Taken(Verdict.REFUSED, problem)
            )
        return read_

    async def _record(self, told: Sequence[Told]) -> list[Taken]:
        if not told:
            return []
        calls = [each.call for each in told]
        try:
            receipts = await self._ledger.record(calls, is_bulk=len(calls) > _BULK)
        except Quarantined as error:  # a single one
            receipts = [Receipt(None, verdict=Verdict.QUARANTINED, reason=str(error))]
        asides = [each.aside for each in told if each.aside is not None]
        if asides:
            await self._put_aside(asides)
        return [_taken(each, receipt) for each, receipt in zip(told, receipts, strict=True)]

    async def _put_aside(self, asides: Sequence[Aside]) -> None:
        now_ms = self._clock.now_ms()

        def put(session: Session) -> None:
            for aside in asides:
                quarantine.add(session, now_ms, aside.reason, aside.usage)

        await asyncio.wrap_future(self._ledger.reform(put))

    async def _meet(self, strangers: set[Addressee]) -> str | None:
        """Make endpoints of those who nobody watches; why it was not done, where it was not."""
        await asyncio.to_thread(catalogue.load)  # not while the writer waits
        now_ms = self._clock.now_ms()
        try:
            await asyncio.wrap_future(
                self._ledger.reform(lambda session: directory.meet(session, strangers, now_ms))
            )
        except TooManyMet as error:
            return str(error)
        return None

    async def _note(self, events: Sequence[Event], known: _Known) -> None:
        new = _titles(events, known.titles)
        if new:
            now_ms = self._clock.now_ms()
            await asyncio.wrap_future(self._ledger.write(lambda s: apps.note(s, new, now_ms)))
            known.titles.update(new)

    async def _look_up(self) -> _Known:
        if self._known is None:
            await asyncio.wrap_future(
                self._ledger.write(lambda session: facts.ensure_key(session, facts.USER_KEY))
            )
        self._known = await asyncio.to_thread(self._read_known)
        return self._known

    def _read_known(self) -> _Known:
        with self._database.reading() as session:
            return _Known(
                Directory(session),
                facts.key(session, facts.USER_KEY),
                facts.ledger_from_ms(session),
                self._clock.now_ms(),
                apps.titles(session),
            )


def _titles(events: Sequence[Event], known: Mapping[str, str]) -> dict[str, str]:
    told = {
        e.attribution.app: e.app_title
        for e in events
        if e.app_title is not None and e.attribution.app is not None
    }
    return {app: title for app, title in told.items() if known.get(app) != title}


def date_problem(event: Event, from_ms: int, now_ms: int) -> str | None:
    """Why an event of such a time cannot be taken, where it cannot."""
    ahead_ms = event.ended_ms - now_ms
    if ahead_ms > AHEAD_MS:
        return f"it ends {ahead_ms / 1000:,.0f} s from now; set the sender's clock"
    if event.started_ms < from_ms:
        return f"it started before the ledger begins ({from_ms}); what is older is not kept"
    return None


def _taken(told: Told, receipt: Receipt) -> Taken:
    if told.aside is not None and receipt.verdict is not Verdict.QUARANTINED:
        return Taken(Verdict.QUARANTINED, told.aside.reason)
    return Taken(receipt.verdict, receipt.reason)
