"""Clockwork: APScheduler, wound so that what it does not run is told, and nothing is doubled.

Jobs live in memory. Of runs that fell due together one is made, and none beside one that is
still under way; a run that would come more than half its interval late is left out.
"""

import asyncio
import logging
import time
from collections.abc import Callable, Coroutine, Iterable
from datetime import UTC, datetime, timedelta
from typing import Any

from apscheduler.events import (
    EVENT_JOB_MAX_INSTANCES,
    EVENT_JOB_MISSED,
    EVENT_JOB_SUBMITTED,
    JobEvent,
    JobSubmissionEvent,
)
from apscheduler.schedulers.asyncio import AsyncIOScheduler
from apscheduler.triggers.interval import IntervalTrigger

from monitor.domain.cadence import DEFAULT as CADENCE
from monitor.domain.purposes import Purpose
from monitor.runtime.pulse import Pulse
from monitor.scheduler.entries import Entry, Loss, name_of, share
from monitor.services.rounds import Again
from monitor.storage.gaps import GapReason

log = logging.getLogger(__name__)

#: Jobs that have never run, or whose clock was set, start spread over this long.
SPREAD_S = 10.0
#: A wall clock that moves by more than this against the monotonic one has been set.
STEP_S = 5.0
_WATCH_S = 1.0


class Clockwork:
    """Runs entries until drained. `on_loss` is told of probes that were not made."""

    def __init__(
        self,
        entries: Iterable[Entry],
        pulse: Pulse,
        now: Callable[[], int],
        on_loss: Callable[[Loss], Coroutine[Any, Any, None]],
    ) -> None:
        # What it says of each run we say ourselves, and better.
        logging.getLogger("apscheduler").setLevel(logging.CRITICAL)
        self._entries = {entry.id: entry for entry in entries}
        self._pulse = pulse
        self._now = now
        self._on_loss = on_loss
        self._scheduler = AsyncIOScheduler(timezone=UTC)
        self._begun_ms: dict[str, int] = {}
        self._due_at: dict[str, datetime] = {}
        self._in_flight: set[asyncio.Task[Any]] = set()
        self._watching: asyncio.Task[None] | None = None

    def start(self) -> None:
        """Begin to run; to be called in the event loop."""
        for entry in self._entries.values():
            self._add(entry, _in(entry.first_s))
        self._scheduler.add_listener(self._note_submitted, EVENT_JOB_SUBMITTED)
        self._scheduler.add_listener(self._note_missed, EVENT_JOB_MISSED)
        self._scheduler.add_listener(self._note_skipped, EVENT_JOB_MAX_INSTANCES)
        self._scheduler.start()
        self._watching = asyncio.create_task(self._watch())

    def again(self, probes: Iterable[Again]) -> None:
        """Bring probes forward; only a wait longer than the interval puts one off."""
        for probe in probes:
            entry = self._entries.get(name_of(Purpose(probe.kind, probe.capability), probe.id))
            if entry is not None:
                is_late = probe.delay_s > entry.interval_s
                self._move(entry, probe.delay_s, may_put_off=is_late)

    def replace(self, entries: Iterable[Entry]) -> None:
        """Run these from now on, in the place of those that stand; what is under way may end.

        To be called in the event loop, once started. One that stays keeps its due time; where its
        interval is new, it waits no longer than that.
        """
        before, self._entries = self._entries, {entry.id: entry for entry in entries}
        for id_ in before.keys() - self._entries.keys():
            self._scheduler.remove_job(id_)
            self._begun_ms.pop(id_, None)
        for entry in self._entries.values():
            self._add(entry, self._due(entry, before.get(entry.id)))

    async def drain(self, patience_s: float) -> int:
        """Start nothing more and wait for what is under way; how much was cancelled."""
        self._scheduler.pause()
        if self._watching is not None:
            self._watching.cancel()
        left: set[asyncio.Task[Any]] = set()
        if self._in_flight:
            _, left = await asyncio.wait(self._in_flight, timeout=patience_s)
        for task in left:
            task.cancel()
        await asyncio.gather(*left, return_exceptions=True)
        self._scheduler.shutdown(wait=False)
        await asyncio.sleep(0)  # shutdown is only asked for: the loop does it next
        return len(left)

    def _due(self, entry: Entry, before: Entry | None) -> datetime:
        job = self._scheduler.get_job(entry.id)
        if job is None or before is None:
            return _in(entry.first_s)
        due: datetime = job.next_run_time
        return due if before.interval_s == entry.interval_s else min(due, _in(entry.interval_s))

    def _add(self, entry: Entry, due: datetime) -> None:
        self._scheduler.add_job(
            self._run,
            IntervalTrigger(
                seconds=entry.interval_s, timezone=UTC, jitter=CADENCE.jitter_s(entry.interval_s)
            ),
            args=(entry,),
            id=entry.id,
            next_run_time=due,
            coalesce=True,
            max_instances=1,
            misfire_grace_time=max(1, int(entry.interval_s / 2)),
            replace_existing=True,
        )

    async def _run(self, entry: Entry) -> None:
        task = asyncio.current_task()
        assert task is not None  # noqa: S101 - a coroutine runs in a task
        self._in_flight.add(task)
        self._pulse.in_flight = len(self._in_flight)
        self._pulse.note_start((datetime.now(UTC) - self._due_at.pop(entry.id)).total_seconds())
        is_first = entry.is_new and entry.id not in self._begun_ms
        self._note_loss(entry, GapReason.MISSED, made=1)
        asked: tuple[Again, ...] = ()
        try:
            asked = tuple(await entry.run())
            self.again(asked)
        finally:
            self._in_flight.discard(task)
            self._pulse.in_flight = len(self._in_flight)
        if is_first and not asked:
            # A run that was asked for comes when it was asked for, and no sooner.
            self._move(entry, entry.interval_s * share(entry.id))

    def _move(self, entry: Entry, delay_s: float, *, may_put_off: bool = False) -> None:
        job, due = self._scheduler.get_job(entry.id), _in(delay_s)
        if job is None:
            return
        if due < job.next_run_time:
            job.modify(next_run_time=due)
        elif may_put_off:
            job.modify(next_run_time=due)
            # No run falls due while it waits, so none is lost.
            self._begun_ms[entry.id] = self._now() + round((delay_s - entry.interval_s) * 1000)

    def _note_submitted(self, event: JobSubmissionEvent) -> None:
        self._due_at[event.job_id] = event.scheduled_run_times[-1]

    def _note_missed(self, event: JobEvent) -> None:
        self._note_event(event, GapReason.MISSED)

    def _note_skipped(self, event: JobEvent) -> None:
        self._note_event(event, GapReason.SKIPPED)

    def _note_event(self, event: JobEvent, reason: GapReason) -> None:
        entry = self._entries.get(event.job_id)
        if entry is not None:  # else it was taken away meanwhile
            self._note_loss(entry, reason)

    def _note_loss(self, entry: Entry, reason: GapReason, made: int = 0) -> None:
        """Tell of the runs that fell due since the last one, but for the `made` ones."""
        now_ms, step_ms = self._now(), round(entry.interval_s * 1000)
        last_ms = self._begun_ms.get(entry.id, now_ms - step_ms)
        self._begun_ms[entry.id] = now_ms
        runs = max((now_ms - last_ms) // step_ms, 1) - made
        if runs <= 0:
            return
        if reason is GapReason.SKIPPED:
            self._pulse.skipped_runs += runs
        else:
            self._pulse.missed_runs += runs
        if entry.probed is not None:
            self._tell(Loss(entry.probed, last_ms + step_ms, reason, runs))

    def _tell(self, loss: Loss) -> None:
        task = asyncio.create_task(self._on_loss(loss))
        self._in_flight.add(task)
        task.add_done_callback(self._in_flight.discard)

    async def _watch(self) -> None:
        """Measure the loop's own lateness, and notice when the wall clock was set.

        Jobs fall due by the wall clock: set back an hour, it would stop them all for an hour.
        """
        offset_s = time.time() - time.monotonic()
        while True:
            began_s = time.monotonic()
            await asyncio.sleep(_WATCH_S)
            self._pulse.note_lag(max(0.0, time.monotonic() - began_s - _WATCH_S))
            moved_s = time.time() - time.monotonic() - offset_s
            if abs(moved_s) > STEP_S:
                offset_s += moved_s
                self._pulse.clock_steps += 1
                log.warning("the wall clock moved by %+.0f s; probes start anew", moved_s)
                self.realign()

    def realign(self) -> None:
        """Let every job run soon, by the clock as it is now."""
        for entry in self._entries.values():
            self._move(entry, SPREAD_S * share(entry.id), may_put_off=True)


def _in(seconds: float) -> datetime:
    return datetime.now(UTC) + timedelta(seconds=seconds)
