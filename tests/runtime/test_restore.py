"""A monitor that goes on with a ledger from a backup."""

import asyncio
import os
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import pytest

from monitor.runtime.monitor import Monitor
from monitor.services import backups
from monitor.settings.model import Settings
from monitor.storage import lease, notices
from monitor.storage.notices import Notice
from monitor.storage.queries import calls
from tests.monitors import LARGE, SMALL, make_settings, run_provider, with_monitor


@pytest.fixture
def settings(tmp_path: Path) -> Iterator[Settings]:
    with run_provider() as provider:
        yield make_settings(tmp_path, provider.base_url)


def say_nothing(_done: int, _of: int) -> None:
    pass


def make_backup(settings: Settings) -> Path:
    """A backup by a process that is no more, of a time when only one endpoint was watched."""
    path = settings.path.with_name("copy.db")
    young = replace(settings, endpoints=settings.endpoints[:1])

    async def use(monitor: Monitor) -> None:
        await monitor.prober.check(monitor.prober.endpoints[SMALL])
        assert monitor.database.path is not None
        backups.back_up(monitor.database.path, path, say_nothing, may_replace=False)

    asyncio.run(with_monitor(young, use))
    with closing(sqlite3.connect(path, isolation_level=None)) as database:
        database.execute("UPDATE lease SET pid = 1")
    return path


def test_a_monitor_goes_on_with_what_was_restored(settings: Settings) -> None:
    backup = make_backup(settings)

    async def use(monitor: Monitor) -> None:
        assert monitor.database.path is not None
        notice = Notice(1, problems=("some.yaml:1: colour: unknown key",))
        monitor.ledger.write(lambda session: notices.put(session, notice)).result()
        await monitor.prober.check(monitor.prober.endpoints[LARGE])
        backups.prepare(backup, monitor.database.path, say_nothing)
        await monitor.restore()
        probed = await monitor.prober.check(monitor.prober.endpoints[LARGE])
        with monitor.database.reading() as session:
            holder, shown = lease.holder(session), notices.read(session)
            lines = calls.page(session, calls.CallFilter()).lines

        assert (holder and holder.pid, shown) == (os.getpid(), notice)
        assert [line.id for line in lines] == [probed.receipt.call_id, 1]

    asyncio.run(with_monitor(settings, use))
