"""The ledger's writer: a queue and one thread, durable before it answers.

What arrives while one transaction is being committed goes together into the next, so that many
callers share one `fsync`. Bulk work is cut into transactions of about 50 ms at most and gives
way to everything else.
"""

import asyncio
import logging
from collections.abc import Callable, Sequence
from concurrent.futures import Future
from dataclasses import dataclass
from threading import Event, Lock, Thread
from typing import Any, TypeVar

from monitor.domain.calls import Call, Origin
from monitor.runtime.clock import Clock
from monitor.runtime.desk import Desk
from monitor.runtime.inbox import Inbox, Job, hand_over
from monitor.runtime.spool import Spool
from monitor.services.calls import Receipt
from monitor.storage.engine import Database, DatabaseRefused, Session

T = TypeVar("T")
_LOG = logging.getLogger(__name__)
_RETRY_S = 1.0


@dataclass(frozen=True, slots=True)
class LedgerStatus:
    """How the writer is: calls in its queue, on the spool, lost for want of room, in quarantine.

    `spool_bytes` is what the spool uses of the `spool_limit_bytes` that are reserved for it.
    """

    queued: int
    spooled: int
    lost: int
    quarantined: int
    is_writable: bool
    spool_bytes: int
    spool_limit_bytes: int


class Ledger:
    """The only way into the database of a running monitor.

    Every method may be called from any thread. `home` is where the spool lies.
    """

    def __init__(self, database: Database, spool: Spool, clock: Clock) -> None:
        self._desk = Desk(database)
        self._spool, self._clock = spool, clock
        self._inbox = Inbox()
        self._is_writable = True
        self._stopping, self._lent = Event(), Event()
        self._at_work = Lock()
        self._thread = Thread(target=self._run, name="ledger", daemon=True)
        self._thread.start()

    async def record(self, calls: Sequence[Call], *, is_bulk: bool = False) -> list[Receipt]:
        """Record calls, and return once they are durable, one receipt each.

        Raises DatabaseRefused for calls that cannot be kept now (probes are spooled instead), and
        Quarantined for a single call that can never be recorded; of several, its receipt says so.
        """
        waiter: asyncio.Future[list[Receipt]] = asyncio.get_running_loop().create_future()
        self._inbox.put(Job(tuple(calls), is_bulk=is_bulk, waiter=waiter))
        return await waiter

    def submit(self, calls: Sequence[Call], *, is_bulk: bool = False) -> Future[list[Receipt]]:
        """As `record`, for those who do not await."""
        return self._inbox.put(Job(tuple(calls), is_bulk=is_bulk)).answer

    def write(self, task: Callable[[Session], T]) -> Future[T]:
        """Do something else in a write transaction of its own, in turn with the calls."""
        return self._inbox.put(Job((), task=task)).answer

    def reform(self, task: Callable[[Session], T]) -> Future[T]:
        """As `write`, for what changes endpoints or prices: calls after it are recorded by them."""
        return self._inbox.put(Job((), task=task, reforms=True)).answer

    def listen(self, listener: Callable[[frozenset[str]], None]) -> None:
        """Tell `listener` of endpoints whose users' calls fail, in the writer's thread."""
        self._desk.listener = listener

    def lend(self, use: Callable[[], T]) -> Future[T]:
        """Let go of the database while `use` has it, in a thread of its own.

        Meanwhile probes are spooled and everything else is refused, as if the database refused;
        afterwards the reference data are read again, and the spool is drained.
        """
        answer: Future[T] = Future()
        Thread(target=self._lend, args=(use, answer), name="loan", daemon=True).start()
        return answer

    def status(self) -> LedgerStatus:
        """How the writer is now."""
        return LedgerStatus(
            queued=self._inbox.waiting,
            spooled=self._spool.waiting,
            lost=self._spool.lost,
            quarantined=self._desk.quarantined,
            is_writable=self._is_writable and self._thread.is_alive(),
            spool_bytes=self._spool.used_bytes,
            spool_limit_bytes=self._spool.limit_bytes,
        )

    def take_peak(self) -> int:
        """The most calls that waited at once since this was last asked."""
        return self._inbox.take_peak()

    def close(self, timeout_s: float = 10.0) -> None:
        """Write what waits, then stop."""
        self._stopping.set()
        self._inbox.wake()
        self._thread.join(timeout_s)
        self._spool.close()

    def _run(self) -> None:
        while not (self._stopping.is_set() and self._inbox.is_empty):
            jobs = self._inbox.take(wait_s=_RETRY_S)
            self._do(jobs)
            hand_over(jobs)

    def _do(self, jobs: list[Job[Any]]) -> None:
        if self._lent.is_set():
            self._turn_away(jobs, DatabaseRefused("a backup is being restored; ask again"))
            return
        with self._at_work:
            if self._spool.waiting and not self._drain():
                self._turn_away(jobs, DatabaseRefused("the database refuses; try again later"))
            elif jobs:
                self._serve(jobs)

    def _lend(self, use: Callable[[], T], answer: Future[T]) -> None:
        self._lent.set()
        with self._at_work:
            returned = _try(use, self._desk.look_up)
            self._lent.clear()
            self._is_writable = True
        returned(answer)
        self._inbox.wake()

    def _serve(self, jobs: list[Job[Any]]) -> None:
        try:
            self._is_writable = True
            self._desk.serve(jobs, self._clock.now_ms())
        except DatabaseRefused as error:
            _LOG.warning("ledger: %s", error)
            self._turn_away(jobs, error)
        for job in jobs:
            if not job.answer.done():
                self._inbox.put_back(job)

    def _drain(self) -> bool:
        try:
            self._desk.drain(self._spool.read())
        except DatabaseRefused:
            return False
        _LOG.info("ledger: %d spooled calls written", self._spool.waiting)
        self._is_writable = True
        try:
            self._spool.clear()
        except OSError as error:
            _LOG.warning("ledger: the spool cannot be cleared, it is drained again: %s", error)
        return True

    def _turn_away(self, jobs: Sequence[Job[Any]], error: DatabaseRefused) -> None:
        self._is_writable = False
        for job in jobs:
            if job.answer.done():
                continue
            if job.calls and all(call.origin is Origin.PROBE for call in job.calls):
                self._spool.append(job.calls, self._clock.now_ms())
                job.answer.set_result([Receipt(None)] * len(job.calls))
            else:
                job.answer.set_exception(error)


def _try(use: Callable[[], T], then: Callable[[], object]) -> Callable[[Future[T]], None]:
    """What to answer once both are done; an error belongs to whoever wanted the first."""
    try:
        result = use()
        then()
    except Exception as error:  # noqa: BLE001 -- as above
        failure = error
        return lambda answer: answer.set_exception(failure)
    return lambda answer: answer.set_result(result)
