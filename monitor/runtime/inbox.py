"""The inbox: what waits for the writer, urgent before bulk."""

import asyncio
from collections import defaultdict, deque
from collections.abc import Callable, Iterable
from concurrent.futures import Future
from contextlib import suppress
from dataclasses import dataclass, field
from threading import Condition
from typing import Any, Generic, TypeVar

from monitor.domain.calls import Call
from monitor.services.calls import Receipt
from monitor.storage.engine import Session

T = TypeVar("T")
CALLS_AT_ONCE = 500


@dataclass(slots=True, eq=False)
class Job(Generic[T]):
    """Calls to be recorded, or another task for a write transaction, and who waits for it.

    `waiter` is told in its event loop, together with the others of a transaction, what `answer`
    has in the writer's thread. `receipts` are those of the part of a bulk job that is done;
    `reforms` says that a task changes what has to be known to record the calls after it.
    """

    calls: tuple[Call, ...]
    is_bulk: bool = False
    task: Callable[[Session], T] | None = None
    reforms: bool = False
    receipts: list[Receipt] = field(default_factory=list)
    answer: Future[T] = field(default_factory=Future)
    waiter: asyncio.Future[T] | None = None


class Inbox:
    """Two queues with one door."""

    def __init__(self) -> None:
        self._urgent: deque[Job[Any]] = deque()
        self._bulk: deque[Job[Any]] = deque()
        self._door = Condition()
        self._calls = 0
        self._peak = 0

    def put(self, job: Job[Any]) -> Job[Any]:
        """Queue a job. From now on it cannot be cancelled: whoever gives up takes nobody along."""
        job.answer.set_running_or_notify_cancel()
        with self._door:
            (self._bulk if job.is_bulk else self._urgent).append(job)
            self._calls += len(job.calls)
            self._peak = max(self._peak, self._calls)
            self._door.notify()
        return job

    def take(self, wait_s: float) -> list[Job[Any]]:
        """The jobs of the next transaction: urgent ones together, or one of bulk, or none yet."""
        with self._door:
            if not (self._urgent or self._bulk):
                self._door.wait(wait_s)
            taken = self._take_urgent() or ([self._bulk.popleft()] if self._bulk else [])
            self._calls -= sum(len(job.calls) for job in taken)
            return taken

    def put_back(self, job: Job[Any]) -> None:
        """Queue the rest of a bulk job, before other bulk."""
        with self._door:
            self._bulk.appendleft(job)
            self._calls += len(job.calls)

    def wake(self) -> None:
        """Let the one who waits look up."""
        with self._door:
            self._door.notify_all()

    @property
    def is_empty(self) -> bool:
        """Whether nothing waits."""
        return not (self._urgent or self._bulk)

    @property
    def waiting(self) -> int:
        """How many calls wait."""
        return self._calls

    def take_peak(self) -> int:
        """The most calls that waited at once since this was last asked."""
        with self._door:
            peak, self._peak = self._peak, self._calls
            return peak

    def _take_urgent(self) -> list[Job[Any]]:
        taken: list[Job[Any]] = []
        size = 0
        while self._urgent and (not taken or size + len(self._urgent[0].calls) <= CALLS_AT_ONCE):
            taken.append(self._urgent.popleft())
            size += len(taken[-1].calls)
        return taken


def hand_over(jobs: Iterable[Job[Any]]) -> None:
    """Tell those who wait in event loops for jobs that are done: each loop is woken once."""
    done: defaultdict[asyncio.AbstractEventLoop, list[Job[Any]]] = defaultdict(list)
    for job in jobs:
        if job.waiter is not None and job.answer.done():
            done[job.waiter.get_loop()].append(job)
    for loop, theirs in done.items():
        with suppress(RuntimeError):  # it is closed: nobody waits there any more
            loop.call_soon_threadsafe(_tell, theirs)


def _tell(jobs: Iterable[Job[Any]]) -> None:
    for job in jobs:
        if job.waiter is None or job.waiter.done():
            continue  # whoever waited has given up
        error = job.answer.exception()
        if error is None:
            job.waiter.set_result(job.answer.result())
        else:
            job.waiter.set_exception(error)
