"""What outlives a restart, and what traffic does to probes, over a real ledger."""

import asyncio
from collections.abc import Awaitable, Callable, Iterator
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import TypeVar
from zoneinfo import ZoneInfo

import pytest

from monitor.domain.cadence import Need
from monitor.domain.calls import Attribution, Call, Kind, Origin
from monitor.domain.endpoints import Endpoint
from monitor.domain.outcomes import Outcome
from monitor.domain.purposes import INFER, PERFORMANCE
from monitor.runtime.monitor import Monitor
from monitor.scheduler.schedule import first_delay_s, last_run_ms
from monitor.services.rounds import Again, Probed, Skipped
from monitor.settings.model import Settings
from monitor.storage.gaps import GapReason
from tests.monitors import (
    FREE,
    LARGE,
    PRICES,
    SMALL,
    Provider,
    make_settings,
    run_provider,
    with_monitor,
)

T = TypeVar("T")


@pytest.fixture
def provider() -> Iterator[Provider]:
    with run_provider() as provider:
        yield provider


@pytest.fixture
def settings(tmp_path: Path, provider: Provider) -> Settings:
    return make_settings(tmp_path, provider.base_url)


def run(settings: Settings, use: Callable[[Monitor], Awaitable[T]]) -> T:
    return asyncio.run(with_monitor(settings, use))


def small(monitor: Monitor) -> Endpoint:
    return monitor.prober.endpoints[SMALL]


async def infer(monitor: Monitor) -> Probed | Skipped:
    return await monitor.prober.probe(small(monitor), INFER)


def request(monitor: Monitor, outcome: Outcome = Outcome.OK, team: str | None = None) -> Call:
    """A team's own call that has just ended."""
    now_ms = monitor.clock.now_ms()
    return Call(
        endpoint=SMALL,
        origin=Origin.API,
        kind=Kind.REQUEST,
        started_ms=now_ms,
        ended_ms=now_ms + 1,
        outcome=outcome,
        attribution=Attribution(team=team),
    )


async def serve(monitor: Monitor, *outcomes: Outcome) -> None:
    """Let the team's calls end so, one after the other, each a little later than the probe."""
    await asyncio.sleep(0.01)
    await monitor.ledger.record([request(monitor, outcome) for outcome in outcomes])


def test_good_traffic_satisfies_a_due_paid_probe(settings: Settings) -> None:
    async def use(monitor: Monitor) -> Probed | Skipped:
        await infer(monitor)
        await serve(monitor, Outcome.OK)
        return await infer(monitor)

    skipped = run(settings, use)
    assert isinstance(skipped, Skipped)
    assert skipped.reason is None
    assert 290 < skipped.again[0].delay_s <= 300


def test_good_traffic_satisfies_no_measurement_of_speed(settings: Settings) -> None:
    async def use(monitor: Monitor) -> Probed | Skipped:
        await infer(monitor)
        await serve(monitor, Outcome.OK)
        return await monitor.prober.probe(small(monitor), PERFORMANCE)

    assert isinstance(run(settings, use), Probed)


def test_a_free_probe_is_made_whatever_the_traffic(settings: Settings) -> None:
    async def use(monitor: Monitor) -> Probed | Skipped:
        await infer(monitor)
        await serve(monitor, Outcome.OK)
        return await infer(monitor)

    free = replace(settings, prices={SMALL: FREE, LARGE: PRICES})
    assert isinstance(run(free, use), Probed)


def test_traffic_vouches_for_nothing_while_a_failure_is_unconfirmed(
    settings: Settings, provider: Provider
) -> None:
    async def use(monitor: Monitor) -> Probed | Skipped:
        provider.fail("500")
        await infer(monitor)
        await serve(monitor, Outcome.OK)
        return await infer(monitor)

    assert isinstance(run(settings, use), Probed)


def test_failing_traffic_brings_the_next_probe_forward_to_now(settings: Settings) -> None:
    async def use(monitor: Monitor) -> list[Again]:
        brought: list[Again] = []
        monitor.prober.bring_forward = brought.extend
        await infer(monitor)
        await serve(monitor, *[Outcome.OK] * 13, *[Outcome.OVERLOADED] * 7)
        await serve(monitor, Outcome.OVERLOADED)
        await asyncio.sleep(0.1)
        return brought

    assert run(settings, use) == [Again(Kind.INFER, SMALL, 0.0)]


def test_traffic_that_fails_in_part_does_not_stand_in_for_the_probe_that_it_calls_for(
    settings: Settings,
) -> None:
    async def use(monitor: Monitor) -> list[type]:
        await infer(monitor)
        await serve(monitor, *[Outcome.OVERLOADED] * 7, *[Outcome.OK] * 13)
        await asyncio.sleep(0.1)
        brought = await infer(monitor)
        await serve(monitor, Outcome.OK)
        return [type(brought), type(await infer(monitor))]

    assert run(settings, use) == [Probed, Skipped]


def test_failing_traffic_stays_suspicious_over_a_restart(settings: Settings) -> None:
    async def fail(monitor: Monitor) -> None:
        await infer(monitor)
        await serve(monitor, *[Outcome.OVERLOADED] * 20)
        await asyncio.sleep(0.1)

    async def look(monitor: Monitor) -> Need:
        probed = await monitor.prober.check(small(monitor))
        return monitor.prober.cadence.look(SMALL, probed.call, 300).need

    run(settings, fail)

    assert run(settings, look) is Need.CLOSER


def test_a_blip_stays_suspicious_over_a_restart(settings: Settings, provider: Provider) -> None:
    async def blip(monitor: Monitor) -> None:
        provider.fail("500")
        await infer(monitor)
        provider.fail(None)

    async def look(monitor: Monitor) -> tuple[Again, ...]:
        return (await monitor.prober.check(small(monitor))).again

    run(settings, blip)

    assert run(settings, look) == (Again(Kind.INFER, SMALL, 60.0),)


def zone_in_its_first_hour() -> ZoneInfo:
    """A zone whose day has just begun: nearly all of its plan is still to come."""
    hour = datetime.now(UTC).hour
    return ZoneInfo(f"Etc/GMT+{hour}" if hour <= 12 else f"Etc/GMT-{24 - hour}")


def test_a_closer_look_is_not_paid_out_of_the_days_plan(
    settings: Settings, provider: Provider
) -> None:
    async def use(monitor: Monitor) -> Probed | Skipped:
        provider.fail("500")
        await infer(monitor)  # a failure, which costs nothing
        provider.fail(None)
        await monitor.prober.check(small(monitor))
        return await infer(monitor)

    # A day's plan takes nine tenths of it, and a probe a sixth at most.
    poor = replace(settings, probe_budget_nano_usd_per_day=150_000, zone=zone_in_its_first_hour())
    early = run(poor, use)

    assert isinstance(early, Skipped)
    assert early.reason is None
    assert early.again[0].delay_s > 60


def test_a_wait_that_was_asked_for_outlives_a_restart(
    settings: Settings, provider: Provider
) -> None:
    async def be_limited(monitor: Monitor) -> None:
        provider.fail("429")
        await infer(monitor)
        provider.fail(None)

    async def ask_again(monitor: Monitor) -> list[Probed | Skipped]:
        large = monitor.prober.endpoints[LARGE]
        return [await infer(monitor), await monitor.prober.probe(large, INFER)]

    run(settings, be_limited)

    for held in run(settings, ask_again):
        assert isinstance(held, Skipped)
        assert held.reason is GapReason.HELD
        assert 10 < held.again[0].delay_s <= 20


def test_what_comes_every_three_hours_is_due_when_it_was_before_a_restart(
    settings: Settings,
) -> None:
    async def measure(monitor: Monitor) -> int:
        probed = await monitor.prober.probe(small(monitor), PERFORMANCE)
        assert isinstance(probed, Probed)
        return probed.call.started_ms

    async def plan(monitor: Monitor) -> tuple[int | None, float]:
        now_ms = measured_ms + 3_600_000
        due_s = first_delay_s(monitor.prober, small(monitor), PERFORMANCE, 10_800, now_ms)
        return last_run_ms(monitor.prober, small(monitor), PERFORMANCE), due_s

    measured_ms = run(settings, measure)

    assert run(settings, plan) == (measured_ms, 7_200)


def test_a_new_endpoints_speed_is_measured_within_ten_minutes(settings: Settings) -> None:
    async def plan(monitor: Monitor) -> float:
        now_ms = monitor.clock.now_ms()
        return first_delay_s(monitor.prober, small(monitor), PERFORMANCE, 10_800, now_ms)

    assert 60 <= run(settings, plan) <= 600
