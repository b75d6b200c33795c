"""Farewells: connections that nothing new is sent on, closed once what is under way has ended."""

import asyncio

from monitor.wire.transport import Client


class Farewells:
    """The clients of targets that are no longer watched as they were."""

    def __init__(self) -> None:
        self._waiting: set[asyncio.Task[None]] = set()

    def say(self, client: Client, after_s: float) -> None:
        """Close a client in so many seconds."""
        task = asyncio.create_task(_close(client, after_s))
        self._waiting.add(task)
        task.add_done_callback(self._waiting.discard)

    async def finish(self) -> None:
        """Close them all now."""
        waiting = set(self._waiting)
        for task in waiting:
            task.cancel()
        await asyncio.gather(*waiting, return_exceptions=True)


async def _close(client: Client, after_s: float) -> None:
    try:
        await asyncio.sleep(after_s)
    finally:
        await client.aclose()
