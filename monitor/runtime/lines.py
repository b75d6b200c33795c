"""Lines: what leads to the channels, each kept open while somebody may use it."""

from collections import Counter
from collections.abc import Collection
from typing import Protocol

from monitor.channels import open_line
from monitor.channels.posting import Line, Posting
from monitor.domain.channels import Channel
from monitor.domain.deliveries import Refused
from monitor.wire.transport import Transport


class Around(Protocol):
    """Where lines are opened from: a running monitor."""

    transport: Transport


class Lines:
    """The lines of a monitor, opened as they are used; to be used in the event loop."""

    def __init__(self, around: Around) -> None:
        self._around = around
        self._open: dict[Channel, Line] = {}
        self._used: Counter[Channel] = Counter()

    async def send(self, channel: Channel, posting: Posting) -> Refused | None:
        """Send a posting now, once."""
        if channel not in self._open:
            self._open[channel] = open_line(channel, self._around.transport)
        self._used[channel] += 1
        try:
            return await self._open[channel].send(posting)
        finally:
            self._used[channel] -= 1

    async def keep(self, channels: Collection[Channel]) -> None:
        """Close those to other channels, once nobody uses them."""
        for channel in self._open.keys() - set(channels):
            if not self._used[channel]:
                await self._open.pop(channel).aclose()

    async def aclose(self) -> None:
        """Close all; what still hangs is not waited for."""
        for line in self._open.values():
            await line.aclose()
        self._open.clear()
