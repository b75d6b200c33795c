"""The switchboard: what people ask of channels. To test one, to switch it on, to send again."""

import asyncio
from secrets import token_hex

from monitor.domain.channels import Channel
from monitor.domain.deliveries import Refused
from monitor.domain.messages import compose_test
from monitor.runtime.courier import Around, Courier
from monitor.services import deliveries
from monitor.storage.engine import Session


class NoChannel(LookupError):
    """The settings have no channel of that name."""


class UnderTest(Exception):
    """A channel is tested once at a time."""


class Switchboard:
    """Asks the courier of a monitor. Everything may raise DatabaseRefused."""

    def __init__(self, around: Around, courier: Courier) -> None:
        self._around, self._courier = around, courier
        self._testing: set[str] = set()

    async def test(self, name: str) -> Refused | None:
        """Send a test to a channel now, once, and note what came of it; one that works is on.

        Raises NoChannel and UnderTest.
        """
        channel, key = self._find(name), token_hex(16)
        if name in self._testing:
            raise UnderTest(f"a test of channel {name} is under way; wait for it")
        self._testing.add(name)
        try:
            message = compose_test(name, self._around.settings.link)
            refused = await self._courier.post(channel, message, key)
        finally:
            self._testing.discard(name)
        error, now_ms = None if refused is None else refused.reason, self._around.clock.now_ms()

        def write(session: Session) -> None:
            deliveries.note_test(session, name, key, error, now_ms)

        await asyncio.wrap_future(self._around.ledger.write(write))
        return refused

    async def enable(self, name: str) -> None:
        """Send to a channel again that was switched off. Raises NoChannel."""
        self._find(name)
        written = self._around.ledger.write(lambda session: deliveries.enable(session, name))
        await asyncio.wrap_future(written)

    async def resend(self, delivery_id: int) -> None:
        """Send a dead letter again soon. Raises NoDeadLetter and ChannelOff."""
        now_ms = self._around.clock.now_ms()
        written = self._around.ledger.write(
            lambda session: deliveries.resend(session, delivery_id, now_ms)
        )
        await asyncio.wrap_future(written)

    def _find(self, name: str) -> Channel:
        alerting = self._around.settings.alerts
        channel = alerting.channel(name)
        if channel is None:
            named = ", ".join(each.name for each in alerting.channels) or "none"
            raise NoChannel(f"channel {name!r} is not in the settings; these are: {named}")
        return channel
