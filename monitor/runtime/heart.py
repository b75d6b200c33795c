"""The heart: says to somebody outside that the monitor works, and nothing while it does not.

So the one thing that no alert can tell, that nobody is left to send it, is told by its absence.
"""

import asyncio
import logging
import time
from http import HTTPStatus

from monitor.domain.heartbeat import Heartbeat
from monitor.runtime.monitor import Monitor
from monitor.runtime.troubles import list_troubles
from monitor.wire.readers import StatusReader
from monitor.wire.transport import Client, Request

log = logging.getLogger(__name__)

LOOK_S = 1.0
#: After a beat that was not taken, or could not be sent, so long passes until the next try.
AGAIN_S = 15.0
_TIMEOUT_S = 10.0


class Heart:
    """Beats until it is stopped, by the settings in force; to be used in the event loop."""

    def __init__(self, monitor: Monitor, look_s: float = LOOK_S) -> None:
        self._monitor, self._look_s = monitor, look_s
        self._client: Client | None = None
        self._running: asyncio.Task[None] | None = None
        self._next_s = 0.0

    def start(self) -> None:
        """Begin, a look later."""
        self._running = asyncio.create_task(self._run())

    async def stop(self) -> None:
        """Beat no more."""
        if self._running is not None:
            self._running.cancel()
            await asyncio.gather(self._running, return_exceptions=True)
        if self._client is not None:
            await self._client.aclose()

    async def _run(self) -> None:
        while True:
            await asyncio.sleep(self._look_s)
            heartbeat = self._monitor.settings.heartbeat
            if heartbeat is None or time.monotonic() < self._next_s:
                continue
            try:
                is_taken = await self._beat(heartbeat)
            except Exception:
                log.exception("a heartbeat failed; it goes on")
                is_taken = False
            pause_s = heartbeat.every_s if is_taken else min(AGAIN_S, heartbeat.every_s)
            self._next_s = time.monotonic() + pause_s

    async def _beat(self, heartbeat: Heartbeat) -> bool:
        """Whether the monitor works, and that was taken."""
        url, troubles = heartbeat.url.reveal(), list_troubles(self._monitor)
        if not troubles:
            return await self._send(Request("GET", url, {}, _TIMEOUT_S))
        log.warning("no heartbeat: %s", "; ".join(troubles))
        if heartbeat.tells_failure:
            body, head = "\n".join(troubles).encode(), {"content-type": "text/plain; charset=utf-8"}
            await self._send(Request("POST", f"{url}/fail", head, _TIMEOUT_S, body))
        return False

    async def _send(self, request: Request) -> bool:
        if self._client is None:
            self._client = self._monitor.transport.make_client()
        exchange = await self._client.exchange(request, StatusReader())
        status = exchange.status
        if status is not None and HTTPStatus.OK <= status < HTTPStatus.MULTIPLE_CHOICES:
            return True
        cause = "it was not reached" if status is None else f"it answered HTTP {status}"
        log.warning("a heartbeat was not taken: %s", cause)
        return False
