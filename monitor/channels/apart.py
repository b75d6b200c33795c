"""Apart: what blocks, in threads of its own that nobody waits for longer than a deadline.

They are daemons, and no pool's: neither the loop, its pool nor the end of the process waits for
one that hangs.
"""

import asyncio
from collections.abc import Callable
from concurrent.futures import Future
from threading import Thread
from typing import Any, TypeVar

T = TypeVar("T")

MOST = 4


class StillHanging(Exception):
    """As many threads hang as may be, so no further one was begun."""


class Apart:
    """The threads of one channel, at most `MOST`; those that hang count until they end."""

    def __init__(self) -> None:
        self._under_way: set[Future[Any]] = set()

    async def run(self, work: Callable[[], T], deadline_s: float) -> T:
        """What `work` gives. Raises what it raises, TimeoutError and StillHanging."""
        if len(self._under_way) >= MOST:
            raise StillHanging
        future: Future[T] = Future()
        future.set_running_or_notify_cancel()
        self._under_way.add(future)
        future.add_done_callback(self._under_way.discard)
        Thread(target=_fulfil, args=(future, work), daemon=True).start()
        return await asyncio.wait_for(asyncio.wrap_future(future), deadline_s)


def _fulfil(future: Future[T], work: Callable[[], T]) -> None:
    try:
        result = work()
    except BaseException as error:  # noqa: BLE001 -- it is raised where it is waited for
        future.set_exception(error)
    else:
        future.set_result(result)
