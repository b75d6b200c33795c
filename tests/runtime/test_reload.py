"""Reloads of a real monitor over the simulator."""

import asyncio
import logging
import sqlite3
from collections.abc import Awaitable, Callable, Iterator
from contextlib import closing
from pathlib import Path

import pytest

from monitor.domain.outcomes import Outcome
from monitor.domain.windows import DAY_MS, HOUR_MS
from monitor.logs import configure
from monitor.runtime.monitor import Monitor, open_monitor
from monitor.runtime.reload import Reload, Reloader
from monitor.settings.load import load
from monitor.simulator.catalogue import KEY
from monitor.storage import facts, maintenance, notices
from monitor.storage.queries import calls
from tests import making
from tests.monitors import LARGE, SMALL, Provider, run_provider

CANARY = "Zebra-quartz-Canary-78"
BOTH = "[{name: aurora-small, price: 0}, {name: aurora-large, price: 0}]"
ONE = "[{name: aurora-small, price: 0}]"


@pytest.fixture(scope="module")
def provider() -> Iterator[Provider]:
    with run_provider(time_scale=0.5) as provider:
        yield provider


@pytest.fixture
def slow_provider() -> Iterator[Provider]:
    """Takes longer to answer than a busy machine takes to read settings again."""
    with run_provider(time_scale=4) as provider:
        yield provider


@pytest.fixture(autouse=True)
def _restore_logging() -> Iterator[None]:
    root = logging.getLogger()
    handlers, level = root.handlers[:], root.level
    yield
    root.handlers[:], root.level = handlers, level


@pytest.fixture
def path(tmp_path: Path) -> Path:
    making.open_database(tmp_path, watched=(), priced={}).close()
    return tmp_path / "inferwatch.yaml"


def write(path: Path, provider: Provider, models: str = BOTH, key: str = KEY, **more: str) -> None:
    head = "".join(f"{name}: {value}\n" for name, value in ({"zone": "UTC"} | more).items())
    path.write_text(
        f"{head}providers:\n  aurora:\n    base_url: {provider.base_url}\n    key: {key}\n"
        f"    models: {models}\n"
    )


def run(path: Path, act: Callable[[Monitor, Reloader], Awaitable[None]]) -> None:
    async def use() -> None:
        async with open_monitor(load(path)) as monitor:
            await act(monitor, Reloader(monitor, path))

    asyncio.run(use())


def test_an_edit_changes_what_is_probed(path: Path, provider: Provider) -> None:
    write(path, provider, ONE)

    async def act(monitor: Monitor, reloader: Reloader) -> None:
        before = set(monitor.prober.endpoints)
        write(path, provider, BOTH)
        found = await reloader.reload()
        check = await monitor.prober.check(monitor.prober.endpoints[LARGE])

        assert (before, found) == ({SMALL}, Reload(added=(LARGE,)))
        assert check.call.outcome is Outcome.OK

    run(path, act)


def test_a_file_that_says_the_same_changes_nothing(path: Path, provider: Provider) -> None:
    write(path, provider)

    async def act(monitor: Monitor, reloader: Reloader) -> None:
        prober = monitor.prober

        assert await reloader.reload() == Reload()
        assert monitor.prober is prober

    run(path, act)


def test_a_bad_edit_is_refused_shown_and_forgotten_once_mended(
    path: Path, provider: Provider
) -> None:
    write(path, provider)

    async def act(monitor: Monitor, reloader: Reloader) -> None:
        write(path, provider, colour="blue")
        found = await reloader.reload()
        with monitor.database.reading() as session:
            shown = notices.read(session)
        write(path, provider)
        await reloader.reload()
        with monitor.database.reading() as session:
            afterwards = notices.read(session)

        assert found.problems[0].startswith(f"{path}:2: colour: blue: unknown key")
        assert (shown and shown.problems, afterwards) == (found.problems, None)
        assert set(monitor.prober.endpoints) == {SMALL, LARGE}

    run(path, act)


def test_a_probe_of_what_was_removed_ends_and_is_recorded(
    path: Path, slow_provider: Provider
) -> None:
    write(path, slow_provider, BOTH)

    async def act(monitor: Monitor, reloader: Reloader) -> None:
        probing = asyncio.create_task(monitor.prober.check(monitor.prober.endpoints[LARGE]))
        await asyncio.sleep(0.05)
        write(path, slow_provider, ONE)
        found = await reloader.reload()
        was_under_way = not probing.done()
        probed = await probing

        assert (found.removed, was_under_way) == ((LARGE,), True)
        assert (probed.call.outcome, probed.receipt.call_id) == (Outcome.OK, 1)

    run(path, act)


def test_a_renamed_endpoint_keeps_its_calls(path: Path, provider: Provider) -> None:
    write(path, provider, ONE)

    async def act(monitor: Monitor, reloader: Reloader) -> None:
        await monitor.prober.check(monitor.prober.endpoints[SMALL])
        write(path, provider, f"[{{name: aurora-small, id: tiny, was: {SMALL}, price: 0}}]")
        found = await reloader.reload()
        await monitor.prober.check(monitor.prober.endpoints["tiny"])
        with monitor.database.reading() as session:
            lines = calls.page(session, calls.CallFilter()).lines

        assert found == Reload(renamed=("tiny",))
        assert len({line.endpoint_id for line in lines}) == 1
        assert len(lines) == 2

    run(path, act)


def test_a_new_price_holds_from_the_next_call_on(path: Path, provider: Provider) -> None:
    write(path, provider, ONE)

    async def act(monitor: Monitor, reloader: Reloader) -> None:
        await monitor.prober.check(monitor.prober.endpoints[SMALL])
        write(path, provider, "[{name: aurora-small, price: {input: 1000, output: 1000}}]")
        found = await reloader.reload()
        await monitor.prober.check(monitor.prober.endpoints[SMALL])
        with monitor.database.reading() as session:
            lines = calls.page(session, calls.CallFilter()).lines
        after, before = (line.cost_nano_usd or 0 for line in lines)

        assert (found.changed, before) == ((SMALL,), 0)
        assert after > 1_000_000

    run(path, act)


def test_days_are_those_of_a_new_zone(path: Path, provider: Provider) -> None:
    write(path, provider)

    async def act(monitor: Monitor, reloader: Reloader) -> None:
        write(path, provider, zone="Asia/Kathmandu")
        await reloader.reload()
        with monitor.database.reading() as session:
            assert facts.home_zone(session).key == "Asia/Kathmandu"

    run(path, act)


def test_ports_wait_for_a_restart_and_the_rest_does_not(path: Path, provider: Provider) -> None:
    write(path, provider, ONE)

    async def act(monitor: Monitor, reloader: Reloader) -> None:
        write(path, provider, BOTH, ports="{monitor: 9001}")
        found = await reloader.reload()

        assert found.added == (LARGE,)
        assert found.restarts[0].startswith("ports.monitor: 9001 takes the place of 8051")
        assert monitor.settings.monitor_port == 8051

    run(path, act)


def test_a_key_that_came_with_a_reload_is_masked_in_logs(
    path: Path, provider: Provider, capsys: pytest.CaptureFixture[str]
) -> None:
    write(path, provider)
    configure(secrets=load(path).secrets)

    async def act(monitor: Monitor, reloader: Reloader) -> None:
        write(path, provider, key=CANARY)
        await reloader.reload()
        probed = await monitor.prober.check(monitor.prober.endpoints[SMALL])
        logging.getLogger("some").error("the key is %s, it was %s", CANARY, KEY)

        assert probed.call.outcome is Outcome.AUTH

    run(path, act)
    said = capsys.readouterr().err

    assert "the key is •••, it was •••" in said
    assert CANARY not in said


def test_connections_of_a_changed_target_are_not_used_again(path: Path, provider: Provider) -> None:
    write(path, provider, ONE)

    async def act(monitor: Monitor, reloader: Reloader) -> None:
        [target] = monitor.settings.targets
        await monitor.prober.check(monitor.prober.endpoints[SMALL])
        write(path, provider, ONE, key="another")
        await reloader.reload()

        assert target not in monitor.transport.clients

    run(path, act)


def test_maintenance_follows_the_settings(path: Path, provider: Provider) -> None:
    write(path, provider, ONE)

    def list_windows(monitor: Monitor) -> list[tuple[int, str]]:
        with monitor.database.reading() as session:
            return [
                (each.window.length_ms, each.reason)
                for each in maintenance.declared(session, "settings")
            ]

    async def act(monitor: Monitor, reloader: Reloader) -> None:
        write(path, provider, ONE, maintenance="[{every: day, at: 02:00, for: 2h, reason: backup}]")
        await reloader.reload()
        daily = list_windows(monitor)
        monitor.plan_maintenance(monitor.clock.now_ms() + DAY_MS)
        a_day_later = list_windows(monitor)
        write(path, provider, ONE)
        await reloader.reload()

        assert set(daily) == {(2 * HOUR_MS, "backup")}
        assert len(daily) <= len(a_day_later) <= len(daily) + 2
        assert len(list_windows(monitor)) <= 1  # the one that may be running ended now

    run(path, act)


@pytest.mark.usefixtures("impatient")
def test_an_edit_that_could_not_be_stored_is_tried_again(path: Path, provider: Provider) -> None:
    write(path, provider, ONE)

    async def act(monitor: Monitor, reloader: Reloader) -> None:
        write(path, provider, BOTH)
        with closing(sqlite3.connect(path.parent / "inferwatch.db", isolation_level=None)) as other:
            other.execute("BEGIN IMMEDIATE")
            found = await reloader.reload()
            other.execute("ROLLBACK")
        before = set(monitor.prober.endpoints)
        await monitor.prober.check(monitor.prober.endpoints[SMALL])
        async with asyncio.timeout(20):
            while LARGE not in monitor.prober.endpoints:
                await reloader.look()
                await asyncio.sleep(0.05)

        assert "tried again once it does not" in found.problems[0]
        assert before == {SMALL}

    run(path, act)
