"""Turns: how many probes of one provider may be under way, so that we are no burden to it.

Taken before the turn in the transport's own queue, and so before the clock starts.
"""

import asyncio

from monitor.domain.endpoints import Target


class Turns:
    """For one event loop. The targets of one provider share its turns."""

    def __init__(self) -> None:
        self._turns: dict[tuple[str, int], asyncio.Semaphore] = {}

    def of(self, target: Target) -> asyncio.Semaphore:
        """To be held while a target is asked."""
        key = target.provider, target.concurrency
        if key not in self._turns:
            self._turns[key] = asyncio.Semaphore(target.concurrency)
        return self._turns[key]
