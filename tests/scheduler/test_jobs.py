"""Jobs over a real monitor: what fails on our side, and when probes start."""

import asyncio
import logging
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from monitor.domain.outcomes import LocalFailure, Outcome, Result
from monitor.domain.purposes import INFER
from monitor.runtime.monitor import Monitor
from monitor.runtime.watchman import Watchman
from monitor.scheduler.entries import Loss
from monitor.scheduler.jobs import Jobs
from monitor.scheduler.schedule import first_delay_s, plan_jobs
from monitor.settings.model import Settings
from monitor.storage.gaps import GapReason
from monitor.storage.queries import calls, operations
from tests.monitors import SMALL, TARGET, Provider, make_settings, run_provider, with_monitor
from tests.services.test_probing import EVER


@pytest.fixture
def provider() -> Iterator[Provider]:
    with run_provider() as provider:
        yield provider


@pytest.fixture
def settings(tmp_path: Path, provider: Provider) -> Settings:
    return make_settings(tmp_path, provider.base_url)


def make_jobs(monitor: Monitor) -> Jobs:
    return Jobs(
        monitor.prober,
        monitor.clock.now_ms,
        monitor.pulse,
        heartbeat=monitor.beat,
        prune=monitor.prune,
        plan_ahead=monitor.plan_maintenance,
        weigh=monitor.weigh_budgets,
        judge=monitor.rules.judge,
        watch=Watchman(monitor).go_round,
        look=look_away,
        end_pauses=look_away,
        renew=look_away,
        ask_feeds=look_away,
        ask_billers=look_away,
    )


async def look_away() -> None:
    pass


def list_outcomes(monitor: Monitor) -> list[Result]:
    with monitor.database.reading() as session:
        return [line.outcome for line in calls.page(session, calls.CallFilter()).lines]


def test_a_bug_of_ours_is_recorded_as_ours_and_the_next_job_still_runs(
    settings: Settings, caplog: pytest.LogCaptureFixture
) -> None:
    async def use(monitor: Monitor) -> list[Result]:
        jobs = make_jobs(monitor)
        endpoint = monitor.prober.endpoints[SMALL]
        # Settings cannot say this, so nothing is prepared for it: asking for its host raises.
        broken = replace(endpoint, target=replace(endpoint.target, base_url="no URL"))
        await jobs.probe(broken)
        await jobs.probe(endpoint)
        return list_outcomes(monitor)

    with caplog.at_level(logging.ERROR):
        outcomes = asyncio.run(with_monitor(settings, use))

    assert outcomes == [Outcome.OK, LocalFailure.MONITOR_ERROR]
    assert f"infer {SMALL}" in caplog.text


def test_a_chore_that_fails_is_logged_and_no_more(
    settings: Settings, caplog: pytest.LogCaptureFixture
) -> None:
    def fail(now_ms: int) -> None:
        raise RuntimeError(f"no room at {now_ms}")

    async def use(monitor: Monitor) -> None:
        clock = monitor.clock.now_ms
        jobs = Jobs(
            monitor.prober,
            clock,
            monitor.pulse,
            heartbeat=fail,
            prune=fail,
            plan_ahead=fail,
            weigh=fail,
            judge=fail,
            watch=fail,
            look=look_away,
            end_pauses=look_away,
            renew=look_away,
            ask_feeds=look_away,
            ask_billers=look_away,
        )
        await jobs.prune()

    with caplog.at_level(logging.ERROR):
        asyncio.run(with_monitor(settings, use))

    assert "no room at" in caplog.text


def test_lost_runs_leave_a_gap(settings: Settings) -> None:
    async def use(monitor: Monitor) -> list[tuple[int, str, int]]:
        await make_jobs(monitor).note_loss(Loss(TARGET, 1_000, GapReason.MISSED, 3))
        with monitor.database.reading() as session:
            found = operations.gaps(session, EVER)
        return [(gap.at_ms, gap.reason, gap.runs) for gap in found]

    assert asyncio.run(with_monitor(settings, use)) == [(1_000, "missed", 3)]


def test_the_schedule_has_a_job_for_each_target_and_endpoint_and_each_chore(
    settings: Settings,
) -> None:
    async def use(monitor: Monitor) -> dict[str, float]:
        entries = plan_jobs(monitor.prober, make_jobs(monitor), monitor.clock.now_ms())
        return {entry.id: entry.interval_s for entry in entries}

    assert asyncio.run(with_monitor(settings, use)) == {
        "reach aurora@default": 60,
        "infer aurora/aurora-small": 300,
        "infer aurora/aurora-large": 300,
        "performance aurora/aurora-small": 10_800,
        "performance aurora/aurora-large": 10_800,
        "beat": 5,
        "budgets": 60,
        "rules": 30,
        "watchman": 60,
        "lease": 60,
        "retention": 3600,
        "prices": 86_400,
        "feeds": 600,
        "bills": 300,
        "maintenance": 3600,
        "settings": 1,
        "pauses": 5,
    }


@pytest.mark.parametrize(
    ("fault", "since_s", "from_s", "to_s"),
    [
        (None, 100, 199, 200),  # healthy, probed a moment ago: when it is due
        (None, 100_000, 0, 10),  # long ago: soon
        ("500", 100, 0, 0),  # a failure waits for confirmation: at once
    ],
)
def test_after_a_restart_probes_start_when_they_are_due(
    settings: Settings,
    provider: Provider,
    fault: str | None,
    since_s: int,
    from_s: float,
    to_s: float,
) -> None:
    async def use(monitor: Monitor) -> float:
        endpoint = monitor.prober.endpoints[SMALL]
        provider.fail(fault)
        probed = await monitor.prober.check(endpoint)
        now_ms = probed.call.ended_ms + since_s * 1000
        return first_delay_s(monitor.prober, endpoint, INFER, 300, now_ms)

    assert from_s <= asyncio.run(with_monitor(settings, use)) <= to_s


def test_a_new_endpoint_is_probed_within_ten_seconds(settings: Settings) -> None:
    async def use(monitor: Monitor) -> list[float]:
        now_ms = monitor.clock.now_ms()
        return [
            first_delay_s(monitor.prober, endpoint, INFER, 300, now_ms)
            for endpoint in monitor.prober.endpoints.values()
        ]

    assert max(asyncio.run(with_monitor(settings, use))) <= 10
