"""Virtual time: an event loop that leaps to whatever comes next, so that hours pass in a moment.

Work for threads is done at once, in the loop. `Killed`, raised anywhere, ends all of it where it
stands, as a process that is killed ends.
"""

import asyncio
import selectors
from collections.abc import Callable, Coroutine
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Any, TypeVar

T = TypeVar("T")


class Killed(SystemExit):
    """The process ended without a word: no `except Exception` sees it, and no loop survives it."""


class VirtualLoop(asyncio.SelectorEventLoop):
    """A loop whose clock stands while there is something to do, and leaps when there is not."""

    def __init__(self, now_s: float) -> None:
        self.now_s = now_s
        super().__init__(_Leaping(self))
        self.set_default_executor(_AtOnce(1))
        self.set_exception_handler(lambda *_: None)

    def time(self) -> float:
        return self.now_s


class _Leaping(selectors.DefaultSelector):
    def __init__(self, loop: VirtualLoop) -> None:
        super().__init__()
        self._loop = loop

    def select(self, timeout: float | None = None) -> list[tuple[selectors.SelectorKey, int]]:
        ready = super().select(0)
        if not ready:
            assert timeout is not None, "nothing will ever happen"
            self._loop.now_s += timeout
        return ready


class _AtOnce(ThreadPoolExecutor):
    def submit(self, work: Callable[..., T], /, *args: Any, **named: Any) -> "Future[T]":
        done: Future[T] = Future()
        try:
            done.set_result(work(*args, **named))
        except Exception as error:  # noqa: BLE001 -- whoever waits for it gets it
            done.set_exception(error)
        return done


def live(now_s: float, life: Coroutine[Any, Any, None]) -> tuple[float, bool]:
    """Live until it is over, or killed: when that is, and whether it came to its own end.

    Of one that is killed nothing goes on: its tasks are dropped where they wait.
    """
    loop = VirtualLoop(now_s)
    try:
        loop.run_until_complete(life)
    except Killed:
        return loop.now_s, False
    else:
        return loop.now_s, True
    finally:
        for task in asyncio.all_tasks(loop):
            task._log_destroy_pending = False  # type: ignore[attr-defined]
            task.get_coro().close()
        loop.close()
