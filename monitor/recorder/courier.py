"""Courier: the queue between the program and the thread that delivers, one of each in a process.

Nothing runs before the first call is over. A child of a fork begins anew: what its parent had
seen, its parent delivers.
"""

import atexit
import os
import sys
from queue import Empty, SimpleQueue
from threading import Event, RLock, Thread
from typing import TYPE_CHECKING, Any, Final

from monitor.recorder.guard import harmless
from monitor.recorder.place import has_token, read_place
from monitor.recorder.watch import Watch

if TYPE_CHECKING:
    from monitor.recorder.delivery import Delivery

#: How many calls wait unread, with their bodies (2 MiB at most), before the next are read at once.
_UNREAD: Final = 32
#: How many calls wait at all; of more, the newest are lost.
_WAITING: Final = 10_000
_FAREWELL_S: Final = 2.0


class Courier:
    """Takes calls that are over, at no cost worth naming, and has them delivered."""

    def __init__(self) -> None:
        self._waiting: SimpleQueue[Any] = SimpleQueue()
        self._lock = RLock()
        self._thread: Thread | None = None
        self._delivery: Delivery | None = None

    def put(self, watch: Watch) -> None:
        """Queue a call; safe where the garbage collector calls, too."""
        waiting = self._waiting.qsize()
        if waiting < _WAITING:
            self._waiting.put(watch if waiting < _UNREAD else watch.settle())
        self._ensure_running()

    def flush(self, within_s: float) -> bool:
        """Whether all that waits now was delivered or spooled within that time."""
        if self._thread is None:
            return True
        done = Event()
        self._waiting.put(done)
        return done.wait(within_s)

    def close(self, within_s: float) -> None:
        """Deliver what waits; what is not through in that time is spooled at once."""
        if self._thread is None:
            return
        self._waiting.put(None)
        self._thread.join(within_s)
        left = list(self._delivery.in_hand) if self._delivery else []
        calls = (call for call in self._rest() if isinstance(call, Watch | dict))
        left += [event for call in calls if (event := settle(call))]
        if left:
            from pathlib import Path  # noqa: PLC0415 - loaded for long, as is the next

            from monitor.recorder.spool import Spool  # noqa: PLC0415 - loaded for long

            place = read_place()
            spool = Spool(Path(place.spool), place.spool_bytes)
            spool.append(left)
            spool.close()

    def leave_to_parent(self) -> None:
        """In a child: close the parent's file, whose lock stays the parent's."""
        if self._delivery is not None:
            self._delivery.spool.close()

    def _rest(self) -> list[object]:
        rest: list[object] = []
        try:
            while True:
                rest.append(self._waiting.get_nowait())
        except Empty:
            return rest

    def _ensure_running(self) -> None:
        with self._lock:
            if self._thread is None:
                _say_farewell_at_exit()
            if self._thread is None or not self._thread.is_alive():
                self._thread = Thread(target=self._run, name="inferwatch-recorder", daemon=True)
                self._thread.start()

    @harmless
    def _run(self) -> None:
        # Imported here: HTTP and TLS cost the thread some milliseconds, and the program none.
        from monitor.recorder.delivery import Delivery  # noqa: PLC0415

        self._delivery = Delivery(read_place(), self._waiting, settle)
        self._delivery.run()


_courier = Courier()


def is_wanted() -> bool:
    """Whether this program was given a token."""
    return has_token()


def hand_over(watch: Watch) -> None:
    """Have a call delivered that is over."""
    _courier.put(watch)


def flush(within_s: float = 5.0) -> bool:
    """Whether all calls so far came to the monitor, or to disk, within that time.

    For programs that are frozen or killed after their work, as functions in a cloud are.
    """
    return bool(_flush(within_s))


@harmless
def settle(call: Watch | dict[str, Any]) -> dict[str, Any]:
    """The event of a call that is over."""
    return call.settle() if isinstance(call, Watch) else call


@harmless
def _flush(within_s: float) -> bool:
    return _courier.flush(within_s)


@harmless
def _farewell() -> None:
    _courier.close(_FAREWELL_S)


def _say_farewell_at_exit() -> None:
    """What is left is delivered or spooled, within some seconds; `multiprocessing` skips atexit."""
    atexit.register(_farewell)
    processes = sys.modules.get("multiprocessing.util")
    if processes is not None:
        processes.Finalize(None, _farewell, exitpriority=0)


@harmless
def _begin_anew() -> None:
    global _courier
    parents, _courier = _courier, Courier()
    parents.leave_to_parent()


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_begin_anew)
