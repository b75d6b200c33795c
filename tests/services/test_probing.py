"""Probing over a real ledger and a provider on loopback that fails on demand."""

import asyncio
import sqlite3
from collections.abc import Awaitable, Callable, Iterator
from contextlib import closing
from dataclasses import replace
from pathlib import Path
from typing import TypeVar

import pytest

from monitor.domain.calls import Kind
from monitor.domain.endpoints import Endpoint
from monitor.domain.outcomes import LocalFailure, Outcome
from monitor.domain.purposes import INFER
from monitor.domain.windows import Window
from monitor.runtime.monitor import Monitor
from monitor.services import planning
from monitor.services.rounds import Again, Probed, Skipped
from monitor.settings.model import Settings
from monitor.storage.gaps import GapReason
from monitor.storage.queries import calls, operations
from monitor.storage.queries.operations import Gap
from tests.monitors import (
    FREE,
    LARGE,
    PRICES,
    SMALL,
    TARGET,
    Provider,
    make_settings,
    run_provider,
    with_monitor,
)

T = TypeVar("T")
EVER = Window(0, 10**14)


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


async def infer(monitor: Monitor) -> Probed:
    probed = await monitor.prober.probe(small(monitor), INFER)
    assert isinstance(probed, Probed)
    return probed


async def reach(monitor: Monitor) -> Probed:
    probed = await monitor.prober.reach(small(monitor).target)
    assert isinstance(probed, Probed)
    return probed


def list_gaps(monitor: Monitor) -> list[Gap]:
    with monitor.database.reading() as session:
        return operations.gaps(session, EVER)


def test_a_good_probe_is_recorded_with_the_gap_to_the_next(settings: Settings) -> None:
    async def use(monitor: Monitor) -> tuple[object, ...]:
        probed = await infer(monitor)
        with monitor.database.reading() as session:
            full = calls.detail(session, probed.receipt.call_id or 0)
        assert full is not None
        return full.line.outcome, full.gap_s, probed.again

    assert run(settings, use) == (Outcome.OK, 315.0, ())


def test_a_failure_is_confirmed_after_about_3_and_22_seconds(
    settings: Settings, provider: Provider
) -> None:
    async def use(monitor: Monitor) -> list[tuple[Again, ...]]:
        provider.fail("500")
        return [(await infer(monitor)).again for _ in range(3)]

    first, second, third = run(settings, use)
    assert (first[0].id, first[0].kind) == (SMALL, Kind.INFER)
    assert 2.4 <= first[0].delay_s <= 3.6
    assert 17.6 <= second[0].delay_s <= 26.4
    assert 17.6 <= third[0].delay_s <= 26.4  # three failures within a moment are no outage yet


def test_a_failure_under_confirmation_stores_a_short_gap(
    settings: Settings, provider: Provider
) -> None:
    async def use(monitor: Monitor) -> list[float]:
        provider.fail("500")
        return [(await infer(monitor)).call.gap_s or 0 for _ in range(2)]

    first_s, second_s = run(settings, use)
    assert (first_s, round(second_s / 22)) == (15, 1)


def test_a_rate_limit_puts_the_confirmation_off(settings: Settings, provider: Provider) -> None:
    async def use(monitor: Monitor) -> tuple[Again, ...]:
        provider.fail("429")
        return (await infer(monitor)).again

    assert run(settings, use) == (Again(Kind.INFER, SMALL, 20.0),)


def test_a_failing_target_is_confirmed_on_every_endpoint_behind_it(
    settings: Settings, provider: Provider
) -> None:
    async def use(monitor: Monitor) -> Probed:
        provider.fail("502")
        return await reach(monitor)

    probed = run(settings, use)
    assert {(again.kind, again.id) for again in probed.again} == {
        (Kind.INFER, SMALL),
        (Kind.INFER, LARGE),
    }


def test_a_target_that_answers_leaves_a_confirmation_where_it_was(
    settings: Settings, provider: Provider
) -> None:
    async def use(monitor: Monitor) -> tuple[Again, ...]:
        provider.fail("500")
        await infer(monitor)
        provider.fail(None)
        return (await reach(monitor)).again

    assert run(settings, use) == ()


def test_a_paid_probe_at_the_cap_is_a_gap_and_no_call(settings: Settings) -> None:
    async def use(monitor: Monitor) -> tuple[object, ...]:
        sent = [await monitor.prober.probe(small(monitor), INFER) for _ in range(3)]
        with monitor.database.reading() as session:
            last_ms = operations.last_call_ms(session)
        return sent, last_ms, [gap.reason for gap in list_gaps(monitor)]

    broke = replace(settings, probe_budget_nano_usd_per_day=0)
    assert run(broke, use) == ([Skipped(GapReason.CAPPED)] * 3, None, ["capped"])


def test_at_the_cap_a_failing_target_is_confirmed_by_itself(
    settings: Settings, provider: Provider
) -> None:
    async def use(monitor: Monitor) -> set[tuple[Kind, str]]:
        monitor.prober.permits.insist(monitor.prober.plan.of(SMALL))
        for endpoint in monitor.prober.endpoints.values():
            await monitor.prober.probe(endpoint, INFER)
        provider.fail("502")
        return {(again.kind, again.id) for again in (await reach(monitor)).again}

    one = planning.plan_probes(settings, {SMALL: PRICES}, 0).of(SMALL).most_nano_usd or 0
    broke = replace(settings, probe_budget_nano_usd_per_day=one)
    assert run(broke, use) == {(Kind.REACH, TARGET)}


def test_a_failing_target_is_no_outage_of_an_endpoint_that_has_no_budget(
    settings: Settings, provider: Provider
) -> None:
    async def use(monitor: Monitor) -> tuple[object, ...]:
        provider.fail("502")
        return (await reach(monitor)).again, monitor.prober.cadence.failures(SMALL)

    assert run(replace(settings, probe_budget_nano_usd_per_day=0), use) == ((), 0)


def test_free_probes_go_on_without_any_budget(settings: Settings) -> None:
    async def use(monitor: Monitor) -> Outcome | LocalFailure:
        return (await infer(monitor)).call.outcome

    free = replace(settings, probe_budget_nano_usd_per_day=0, prices={SMALL: FREE, LARGE: PRICES})
    assert run(free, use) is Outcome.OK


def test_our_own_failure_is_recorded_and_charged_to_nobody(settings: Settings) -> None:
    async def use(monitor: Monitor) -> tuple[object, ...]:
        now_ms = monitor.clock.now_ms()
        await monitor.prober.note_own_failure(SMALL, Kind.INFER, now_ms)
        with monitor.database.reading() as session:
            line = calls.page(session, calls.CallFilter()).lines[0]
        return line.endpoint, line.outcome

    assert run(settings, use) == (SMALL, LocalFailure.MONITOR_ERROR)


def test_the_cadence_holds_while_the_database_refuses(
    settings: Settings, provider: Provider, tmp_path: Path
) -> None:
    async def use(monitor: Monitor) -> list[tuple[int | None, int]]:
        provider.fail("500")
        with monitor.database.writing() as session:
            session.connection().exec_driver_sql("PRAGMA busy_timeout = 1")
        with closing(sqlite3.connect(tmp_path / "inferwatch.db", isolation_level=None)) as other:
            other.execute("BEGIN IMMEDIATE")
            probes = [await infer(monitor) for _ in range(2)]
        return [(probed.receipt.call_id, round((probed.call.gap_s or 0) / 15)) for probed in probes]

    assert run(settings, use) in ([(None, 1), (None, 1)], [(None, 1), (None, 2)])


def test_a_restart_remembers_who_is_failing(settings: Settings, provider: Provider) -> None:
    async def fail_once(monitor: Monitor) -> None:
        provider.fail("500")
        await infer(monitor)

    async def look(monitor: Monitor) -> int:
        return monitor.prober.cadence.failures(SMALL)

    run(settings, fail_once)

    assert run(settings, look) == 1
