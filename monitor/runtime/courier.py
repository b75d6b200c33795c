"""The courier: carries what lies in the outbox to the channels, one worker for a database.

Each channel has its own few hands, so that a slow one delays no other. What was sent and not yet
noted when the monitor dies is sent again by the next one, under the same key.
"""

import asyncio
import logging
import random
import time
from collections import defaultdict
from contextlib import suppress
from dataclasses import replace
from typing import NamedTuple, Protocol

from monitor.channels.posting import Posting
from monitor.channels.wording import words
from monitor.domain.channels import Channel
from monitor.domain.deliveries import DeliveryState, Refused
from monitor.domain.messages import Message
from monitor.domain.routes import Alerting
from monitor.domain.secrets import redact
from monitor.runtime.clock import Clock
from monitor.runtime.composing import FRESH_S, Composer
from monitor.runtime.lateness import Lateness
from monitor.runtime.lease import DeliveryDuty
from monitor.runtime.ledger import Ledger
from monitor.runtime.lines import Lines
from monitor.services import alerts, crowding, deliveries
from monitor.services.deliveries import Parcel
from monitor.settings.model import Settings
from monitor.storage.engine import Database, DatabaseRefused
from monitor.wire.transport import Transport

log = logging.getLogger(__name__)

ROUND_S = 1.0
#: So many messages to one channel may be under way at a time.
HANDS = 2
#: A round that is missing for so long is trouble.
STUCK_S = 60.0
_FATES = {
    DeliveryState.DEAD: "is a dead letter",
    DeliveryState.PASSED: "goes to the fallback channel",
    DeliveryState.MERGED: "is let go",
}


class Around(Protocol):
    """Where a courier works: a running monitor."""

    database: Database
    ledger: Ledger
    clock: Clock
    transport: Transport

    @property
    def settings(self) -> Settings:
        """Those in force."""


class _Look(NamedTuple):
    """What there is to do; nothing for a courier that another one works in the place of.

    `crowds` are channels of which more waits than they take.
    """

    is_planned: bool = False
    parcels: tuple[Parcel, ...] = ()
    crowds: frozenset[str] = frozenset()
    is_ours: bool = True


class Courier:
    """Delivers until it is stopped, looking every `round_s`; to be used in the event loop."""

    def __init__(self, around: Around, round_s: float = ROUND_S) -> None:
        self._around, self._pause_s = around, round_s
        self._lines = Lines(around)
        self._composer = Composer(around.database)
        self._sending: dict[tuple[int, str], asyncio.Task[None]] = {}
        self._running: asyncio.Task[None] | None = None
        self._duty = DeliveryDuty(around.database)
        self._round_s = time.monotonic()
        self._hands = defaultdict[str, asyncio.Semaphore](lambda: asyncio.Semaphore(HANDS))
        self.lateness = Lateness()

    @property
    def is_stuck(self) -> bool:
        """Whether it should run, and has not for a while."""
        return self._running is not None and time.monotonic() - self._round_s > STUCK_S

    def start(self) -> None:
        """Begin to deliver."""
        self._round_s = time.monotonic()
        self._running = asyncio.create_task(self._run())

    async def stop(self, patience_s: float) -> None:
        """Begin no more, wait for what is under way, and close all connections."""
        if self._running is not None:
            self._running.cancel()
            await asyncio.gather(self._running, return_exceptions=True)
        under_way = tuple(self._sending.values())
        if under_way:
            _, left = await asyncio.wait(under_way, timeout=patience_s)
            for task in left:
                task.cancel()
            await asyncio.gather(*left, return_exceptions=True)
        await self._lines.aclose()
        await asyncio.to_thread(self._duty.release)

    async def post(
        self, channel: Channel, message: Message, key: str, tries: int = 0
    ) -> Refused | None:
        """Send a message to a channel now, once."""
        posting = Posting(message, words(channel, message), key, self._around.clock.now_ms(), tries)
        refused = await self._lines.send(channel, posting)
        if refused is None:
            return None
        reason = redact(refused.reason, self._around.settings.secrets)
        return replace(refused, reason=reason)

    async def _run(self) -> None:
        while True:
            try:
                await self._go_round()
            except DatabaseRefused as error:
                log.debug("alerts wait: %s", error)
            except Exception:
                log.exception("a round of the courier failed; it goes on")
            await asyncio.sleep(self._pause_s)

    async def _go_round(self) -> None:
        now_ms, alerting = self._around.clock.now_ms(), self._around.settings.alerts
        look = await asyncio.to_thread(self._look, alerting, now_ms, frozenset(self._sending))
        if not look.is_ours:
            self._drop()
        if look.is_planned:
            planned = self._around.ledger.write(
                lambda session: alerts.plan(session, alerting, now_ms)
            )
            await asyncio.wrap_future(planned)
        if look.crowds:
            busy = frozenset(self._sending)
            gathered = self._around.ledger.write(
                lambda session: crowding.gather(session, now_ms, busy, alerting)
            )
            await asyncio.wrap_future(gathered)
        offered = [each for each in look.parcels if each.channel not in look.crowds]
        self.lateness.offer({each.channel for each in offered})
        for parcel in offered:
            self._hand_out(parcel)
        await self._lines.keep(alerting.channels)
        self._round_s = time.monotonic()
        self.lateness.round_ms = now_ms if look.is_ours else None

    def _look(self, alerting: Alerting, now_ms: int, busy: frozenset[tuple[int, str]]) -> _Look:
        if not self._duty.take():
            return _Look(is_ours=False)
        with self._around.database.reading() as session:
            parcels = tuple(deliveries.due(session, now_ms, busy, alerting))
            crowds = crowding.find(session, now_ms, busy, alerting)
            return _Look(alerts.is_due(session, alerting, now_ms), parcels, frozenset(crowds))

    def _drop(self) -> None:
        """Another courier sends again what is under way, and must not be overtaken by it."""
        for task in self._sending.values():
            task.cancel()

    def _hand_out(self, parcel: Parcel) -> None:
        pair = parcel.standing.id, parcel.channel
        if pair in self._sending:
            return
        task = asyncio.create_task(self._queue(parcel))
        self._sending[pair] = task
        task.add_done_callback(lambda _: self._sending.pop(pair, None))

    async def _queue(self, parcel: Parcel) -> None:
        """Wait for a free hand; what waited too long may have changed, and is looked up anew."""
        until_s = asyncio.get_running_loop().time() + FRESH_S
        async with self._hands[parcel.channel]:
            if asyncio.get_running_loop().time() > until_s:
                return
            with self.lateness.watch(parcel.standing.id, parcel.channel):
                refused = await self._try(parcel)
        await self._settle(parcel, refused)

    async def _settle(self, parcel: Parcel, refused: Refused | None) -> None:
        while True:
            with suppress(DatabaseRefused):
                await self._note(parcel, refused)
                return
            await asyncio.sleep(self._pause_s)

    async def _try(self, parcel: Parcel) -> Refused | None:
        channel = self._around.settings.alerts.channel(parcel.channel)
        barred = "the settings no longer have this channel" if channel is None else parcel.barred
        if channel is None or barred is not None:
            return Refused(barred or "", is_permanent=True, is_ours=True)
        try:
            now_ms, settings = self._around.clock.now_ms(), self._around.settings
            message = await asyncio.to_thread(self._composer.compose, parcel, settings, now_ms)
            tries = parcel.picked.delivery.attempts
            return await self.post(channel, message, parcel.key, tries)
        except DatabaseRefused as error:
            return Refused(str(error), is_ours=True)
        except Exception as error:
            log.exception("the message %d to %s", parcel.picked.delivery.id, channel.name)
            reason = f"the monitor itself failed: {type(error).__name__}"
            return Refused(reason, is_ours=True)

    async def _note(self, parcel: Parcel, refused: Refused | None) -> None:
        now_ms, chance = self._around.clock.now_ms(), random.random()  # noqa: S311 -- only shakes a wait
        fallback = self._around.settings.alerts.fallback_of(parcel.channel)
        noted = self._around.ledger.write(
            lambda session: deliveries.note(session, parcel, refused, now_ms, chance, fallback)
        )
        state = await asyncio.wrap_future(noted)
        if refused is not None:
            letter, fate = parcel.picked.delivery, _FATES.get(state, "is tried again")
            log.warning("alert to %s (%s) %s: %s", letter.channel, letter.id, fate, refused.reason)
