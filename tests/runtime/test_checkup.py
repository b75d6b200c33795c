import asyncio
from pathlib import Path

from monitor.domain.vitals import Vitals
from monitor.runtime.monitor import Monitor
from monitor.storage.queries import vitals
from tests.monitors import Provider, make_settings, run_provider, with_monitor


async def beat_twice(monitor: Monitor) -> list[Vitals | None]:
    """What stands in the database after each of two heartbeats, runs being lost in between."""
    found = []
    monitor.pulse.missed_runs += 2
    for at_ms in (1_000, 2_000):
        await asyncio.to_thread(monitor.beat, at_ms)
        with monitor.database.reading() as session:
            found.append(vitals.newest(session))
        monitor.pulse.missed_runs += 5
    return found


def look_twice(folder: Path, provider: Provider) -> list[Vitals | None]:
    return asyncio.run(with_monitor(make_settings(folder, provider.base_url), beat_twice))


def test_a_heartbeat_tells_what_was_lost_since_the_one_before(tmp_path: Path) -> None:
    with run_provider() as provider:
        first, second = look_twice(tmp_path, provider)

    assert first is not None
    assert second is not None
    assert (first.at_ms, first.missed_runs, second.missed_runs) == (1_000, 2, 5)


def test_a_heartbeat_tells_how_large_the_database_and_the_spool_are(tmp_path: Path) -> None:
    with run_provider() as provider:
        _, look = look_twice(tmp_path, provider)

    assert look is not None
    assert look.database_bytes is not None
    assert look.database_bytes % 4_096 == 0
    assert 0 < look.spool_bytes < look.spool_limit_bytes
