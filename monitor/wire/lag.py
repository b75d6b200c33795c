"""Lag: how late the event loop itself is while a call runs, which no endpoint can help."""

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from time import perf_counter

SAMPLE_S = 0.005


@dataclass(slots=True, eq=False)
class Watch:
    """One call's view: the worst lateness since it began, in seconds.

    Equal only to itself: two calls that saw the same lateness are still two.
    """

    worst_s: float = 0.0


class LoopLag:
    """One sampler for all calls that are under way; it rests when there are none."""

    def __init__(self) -> None:
        self._watches: list[Watch] = []
        self._due_s = 0.0
        self._sampler: asyncio.Task[None] | None = None

    @contextmanager
    def watch(self) -> Iterator[Watch]:
        """A watch that is kept up to date inside the block."""
        watch = Watch()
        self._watches.append(watch)
        if self._sampler is None or self._sampler.done():
            self._due_s = perf_counter() + SAMPLE_S
            self._sampler = asyncio.get_running_loop().create_task(self._sample())
        try:
            yield watch
        finally:
            self._note()
            self._watches.remove(watch)

    async def close(self) -> None:
        """Ends the sampler."""
        if self._sampler is not None:
            self._sampler.cancel()
            await asyncio.wait([self._sampler])

    async def _sample(self) -> None:
        while self._watches:
            self._due_s = perf_counter() + SAMPLE_S
            await asyncio.sleep(SAMPLE_S)
            self._note()

    def _note(self) -> None:
        late_s = max(0.0, perf_counter() - self._due_s)
        for watch in self._watches:
            watch.worst_s = max(watch.worst_s, late_s)
