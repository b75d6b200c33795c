"""Delivery: the thread that brings events to the monitor, or to disk while it is away."""

import random
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from queue import Empty, SimpleQueue
from threading import Event
from typing import Any, Final

from monitor.recorder.guard import harmless, tell
from monitor.recorder.place import Place
from monitor.recorder.posting import Answer, Post
from monitor.recorder.spool import Spool

_BATCH: Final = 500
_GATHER_S: Final = 0.5
_LOOK_AGAIN_S: Final = 60.0
_FIRST_WAIT_S: Final = 1.0
_LONGEST_WAIT_S: Final = 60.0
_PAUSE_S: Final = 300.0


class Delivery:
    """Batches what waits, posts it, spools it where that fails, and drains spools.

    At least once: an event that may have arrived is sent again, under its id. In the queue are
    calls, `threading.Event`s to set when all before them is through, and `None` at the end.
    """

    def __init__(
        self,
        place: Place,
        waiting: "SimpleQueue[Any]",
        settle: Callable[[Any], dict[str, Any] | None],
    ) -> None:
        self.in_hand: list[dict[str, Any]] = []
        self.spool = Spool(Path(place.spool), place.spool_bytes)
        self._post = Post(place)
        self._waiting = waiting
        self._settle = settle
        self._wait_s = _FIRST_WAIT_S
        self._next_try = 0.0
        self._next_look = 0.0
        self._is_closing = False
        self._flushes: list[Event] = []

    def run(self) -> None:
        """Work until `None` comes and what was before it is through."""
        while not (self._is_closing and self._waiting.empty()):
            if not self._step():
                time.sleep(_FIRST_WAIT_S)  # something is broken here: not at full speed
        self.spool.close()

    @harmless
    def _step(self) -> bool:
        self.in_hand = self._gather()
        if time.monotonic() >= self._next_try and self._drain() and self._send(self.in_hand):
            self.in_hand = []
        if self.in_hand:
            self.spool.append(self.in_hand)
            self.in_hand = []
        while self._flushes:
            self._flushes.pop().set()
        return True

    def _gather(self) -> list[dict[str, Any]]:
        """The events of the calls that come now, once there is one, within a moment of it."""
        events: list[dict[str, Any]] = []
        until = time.monotonic() + self._patience_s()
        with suppress(Empty):
            while len(events) < _BATCH:
                item = self._waiting.get(timeout=max(0.0, until - time.monotonic()))
                until = until if events else time.monotonic() + _GATHER_S
                if isinstance(item, Event):
                    self._flushes.append(item)
                    break
                if item is None:
                    self._is_closing = True
                    break
                if event := self._settle(item):
                    events.append(event)
        return events

    def _patience_s(self) -> float:
        """How long nothing needs to be done, where no call comes."""
        due = self._next_try if self.spool.is_filled else max(self._next_try, self._next_look)
        return max(0.0, due - time.monotonic())

    def _drain(self) -> bool:
        """Whether the monitor took what lies on disk: ours, now and then what others left."""
        if not self.spool.drain(self._send):
            return False
        if time.monotonic() < self._next_look:
            return True
        self._next_look = time.monotonic() + _LOOK_AGAIN_S
        return self.spool.drain_others(self._send)

    def _send(self, events: list[dict[str, Any]]) -> bool:
        """Whether the monitor has them, or will never take them."""
        if not events:
            return True
        answer, wait_s = self._post(events)
        match answer:
            case Answer.TAKEN | Answer.REFUSED:
                self._wait_s = _FIRST_WAIT_S
                return True
            case Answer.TOO_LARGE if len(events) > 1:
                half = len(events) // 2
                return self._send(events[:half]) and self._send(events[half:])
            case Answer.TOO_LARGE:
                tell("the monitor takes no event of that size; it is lost")
                return True
            case Answer.NOT_ALLOWED:
                self._hold(_PAUSE_S)
            case Answer.AWAY:
                self._hold(self._back_off_s() if wait_s is None else wait_s)
        return False

    def _hold(self, wait_s: float) -> None:
        self._next_try = time.monotonic() + min(wait_s, _PAUSE_S)

    def _back_off_s(self) -> float:
        now_s, self._wait_s = self._wait_s, min(2 * self._wait_s, _LONGEST_WAIT_S)
        return now_s * random.uniform(0.5, 1.0)  # noqa: S311 - a spread, no secret
