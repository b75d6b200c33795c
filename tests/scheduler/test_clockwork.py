"""The clockwork, wound for real with intervals of a fraction of a second."""

import asyncio
import time
from collections.abc import Awaitable, Callable, Iterable
from dataclasses import dataclass, field
from itertools import pairwise

from monitor.domain.calls import Kind
from monitor.runtime.clock import Clock
from monitor.runtime.pulse import Pulse
from monitor.scheduler.clockwork import Clockwork
from monitor.scheduler.entries import Entry, Loss, share
from monitor.services.rounds import Again
from monitor.storage.gaps import GapReason

JOB = f"{Kind.INFER} a"
SOON = (Again(Kind.INFER, "a", 0.02),)


@dataclass
class Bench:
    """A clockwork with one probe, and what became of it."""

    pulse: Pulse = field(default_factory=Pulse)
    starts: int = 0
    ends: int = 0
    losses: list[Loss] = field(default_factory=list)
    again: Iterable[Again] = ()
    lasts_s: float = 0.0
    stalls_s: float = 0.0
    started: asyncio.Event = field(default_factory=asyncio.Event)

    def make(self, interval_s: float, first_s: float = 0.0) -> Clockwork:
        entry = Entry(JOB, self.run, interval_s, first_s, "a")
        return Clockwork([entry], self.pulse, Clock().now_ms, self.note)

    async def run(self) -> Iterable[Again]:
        self.starts += 1
        self.started.set()
        time.sleep(self.stalls_s)  # noqa: ASYNC251 - it is the loop that is to stand still
        await asyncio.sleep(self.lasts_s)
        self.ends += 1
        return self.again

    async def note(self, loss: Loss) -> None:
        self.losses.append(loss)


async def wait_until(is_so: Callable[[], bool]) -> None:
    async with asyncio.timeout(20):
        while not is_so():  # noqa: ASYNC110 - what is waited for is no event
            await asyncio.sleep(0.01)


def try_out(clockwork: Clockwork, act: Callable[[], Awaitable[None]]) -> int:
    """Start, act, drain; how many runs were cancelled."""

    async def run() -> int:
        clockwork.start()
        await act()
        return await clockwork.drain(patience_s=5)

    return asyncio.run(run())


def test_a_job_runs_again_and_again() -> None:
    bench = Bench()
    try_out(bench.make(0.05), lambda: wait_until(lambda: bench.ends >= 3))

    assert bench.ends >= 3


def test_how_late_jobs_begin_is_told() -> None:
    bench = Bench(stalls_s=0.7)  # the loop stands still beyond the next run's time, as under load

    try_out(bench.make(0.5), lambda: wait_until(lambda: bench.starts >= 2))

    assert 0.15 < (bench.pulse.start_lag_p99_s or 0) < 1.0


def test_a_confirmation_brings_the_next_run_forward() -> None:
    bench = Bench(again=SOON)
    try_out(bench.make(3600), lambda: wait_until(lambda: bench.ends >= 3))

    assert bench.ends >= 3


def test_what_a_first_run_asked_for_is_not_brought_forward_by_its_spreading() -> None:
    bench = Bench(again=[Again(Kind.INFER, "a", 3600)])
    entry = Entry(JOB, bench.run, 0.2, 0.0, "a", is_new=True)
    clockwork = Clockwork([entry], bench.pulse, Clock().now_ms, bench.note)

    try_out(clockwork, lambda: asyncio.sleep(0.6))

    assert bench.starts == 1


def test_a_confirmation_asked_for_twice_is_made_once() -> None:
    bench = Bench()
    clockwork = bench.make(3600, first_s=3600)

    async def ask_twice() -> None:
        clockwork.again([*SOON, *SOON])
        await bench.started.wait()
        await asyncio.sleep(0.1)

    try_out(clockwork, ask_twice)

    assert bench.starts == 1


def test_a_wait_longer_than_the_interval_puts_a_probe_off() -> None:
    bench = Bench()
    clockwork = bench.make(0.3, first_s=0.3)

    async def put_off() -> None:
        clockwork.again([Again(Kind.INFER, "a", 3600)])
        await asyncio.sleep(0.6)

    try_out(clockwork, put_off)

    assert bench.starts == 0


def test_what_is_not_watched_is_not_brought_forward() -> None:
    bench = Bench()
    clockwork = bench.make(3600, first_s=3600)

    async def ask_for_another() -> None:
        clockwork.again([Again(Kind.REACH, "b", 0)])
        await asyncio.sleep(0.05)

    try_out(clockwork, ask_for_another)

    assert bench.starts == 0


def test_no_run_begins_beside_one_under_way_and_the_skipped_ones_are_told() -> None:
    bench = Bench(lasts_s=1.0)
    try_out(bench.make(0.2), lambda: wait_until(lambda: len(bench.losses) >= 2))

    assert bench.starts <= 2
    assert {(loss.probed, loss.reason) for loss in bench.losses} == {("a", GapReason.SKIPPED)}


def test_runs_lost_to_a_stall_are_told_and_made_up_for_once() -> None:
    bench = Bench()

    async def stall() -> None:
        await wait_until(lambda: bench.ends == 1)
        bench.starts = 0
        block(1.05)
        await wait_until(lambda: bool(bench.losses))

    try_out(bench.make(0.2), stall)

    lost = sum(loss.runs for loss in bench.losses)
    assert (lost >= 3, bench.starts <= 2, bench.pulse.missed_runs == lost) == (True,) * 3


def block(seconds: float) -> None:
    """Hold up the event loop, as a stalled machine would."""
    time.sleep(seconds)


def test_what_is_under_way_may_end_before_the_drain_does() -> None:
    bench = Bench(lasts_s=0.3)
    dropped = try_out(bench.make(3600), lambda: wait_until(lambda: bench.starts == 1))

    assert (dropped, bench.ends) == (0, 1)


def test_what_does_not_end_in_time_is_dropped() -> None:
    bench = Bench(lasts_s=3600)
    clockwork = bench.make(7200)

    async def run() -> int:
        clockwork.start()
        await bench.started.wait()
        return await clockwork.drain(patience_s=0.05)

    assert (asyncio.run(run()), bench.ends) == (1, 0)


def test_nothing_starts_after_a_drain() -> None:
    bench = Bench()
    clockwork = bench.make(0.05)

    async def run() -> None:
        clockwork.start()
        await bench.started.wait()
        await clockwork.drain(patience_s=1)
        bench.starts = 0
        await asyncio.sleep(0.3)

    asyncio.run(run())

    assert bench.starts == 0


def test_a_set_clock_lets_every_job_run_soon() -> None:
    bench = Bench()
    clockwork = bench.make(7200, first_s=7200)

    async def realign() -> None:
        clockwork.realign()
        await wait_until(lambda: bench.starts == 1)

    try_out(clockwork, realign)

    assert bench.starts == 1


def test_a_wait_that_was_asked_for_loses_no_runs() -> None:
    bench = Bench()
    clockwork = bench.make(0.1, first_s=3600)

    async def wait_out() -> None:
        clockwork.again([Again(Kind.INFER, "a", 0.01)])
        await wait_until(lambda: bench.ends == 1)
        clockwork.again([Again(Kind.INFER, "a", 1.0)])
        await wait_until(lambda: bench.ends == 2)

    try_out(clockwork, wait_out)

    assert bench.losses == []


def test_what_replaces_the_entries_runs_instead_of_them() -> None:
    old, new = Bench(), Bench()
    clockwork = old.make(0.05)

    async def replace() -> None:
        await old.started.wait()
        clockwork.replace([Entry("another", new.run, 0.05, 0.0)])
        old.starts = 0
        await wait_until(lambda: new.ends >= 2)

    try_out(clockwork, replace)

    assert old.starts == 0


def test_an_entry_that_stays_is_due_when_it_was_and_runs_what_is_new() -> None:
    old, new = Bench(), Bench()
    clockwork = old.make(3600, first_s=0.2)

    async def replace() -> None:
        clockwork.replace([Entry(JOB, new.run, 3600, 1800.0, "a")])
        await wait_until(lambda: new.ends == 1)

    try_out(clockwork, replace)

    assert (old.starts, new.starts) == (0, 1)


def test_an_entry_with_a_shorter_interval_waits_no_longer_than_that() -> None:
    bench = Bench()
    clockwork = bench.make(3600, first_s=3600)

    async def replace() -> None:
        clockwork.replace([Entry(JOB, bench.run, 0.2, 3600, "a")])
        await wait_until(lambda: bench.ends == 1)

    try_out(clockwork, replace)

    assert bench.ends == 1


def test_a_run_under_way_ends_though_its_entry_is_taken_away() -> None:
    bench = Bench(lasts_s=0.2, again=SOON)
    clockwork = bench.make(3600)

    async def take_away() -> None:
        await bench.started.wait()
        clockwork.replace([])
        await wait_until(lambda: bench.ends == 1)

    assert (try_out(clockwork, take_away), bench.starts) == (0, 1)


def test_shares_spread_names_evenly() -> None:
    shares = sorted(share(f"{Kind.INFER} provider/model-{n}") for n in range(100))

    assert max(b - a for a, b in pairwise([0.0, *shares, 1.0])) < 0.1
