"""Our own storage fails: full, locked, read-only or broken. Nothing stored is lost or doubled."""

import os
import resource
import shutil
import sqlite3
import stat
import subprocess
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, closing, contextmanager, nullcontext
from pathlib import Path
from typing import Any

import pytest

from monitor.domain.outcomes import Outcome
from monitor.runtime.ledger import Ledger
from monitor.runtime.monitor import SPOOL_NAME
from monitor.runtime.spool import Spool
from monitor.storage.engine import Database
from tests import making
from tests.monitors import Provider, run_provider
from tests.reliability.lone_monitor import (
    Home,
    LoneMonitor,
    make_home,
    read_ledger,
    run_monitor,
    run_refused,
    wait_for,
)
from tests.runtime.test_ledger import Still
from tests.services.test_replay import MADE, STATES, dump

Trouble = Callable[[Database], AbstractContextManager[None]]


@contextmanager
def full_disk(database: Database) -> Iterator[None]:
    """No file of this process can be written beyond the end of SQLite's log."""
    size = Path(f"{database.path}-wal").stat().st_size
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, before[1]))
    yield
    resource.setrlimit(resource.RLIMIT_FSIZE, before)


@contextmanager
def locked(database: Database) -> Iterator[None]:
    """Another program holds the write lock."""
    with database.writing() as session:
        session.connection().exec_driver_sql("PRAGMA busy_timeout = 1")
    with closing(sqlite3.connect(database.path or "", isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        yield


#: Two incidents, blips and a refused key: one probe a minute.
STORY = [
    {"x": Outcome.OVERLOADED, "k": Outcome.AUTH}.get(mark, Outcome.OK)
    for mark in "..x..xxxx..x...kk..xxxxxx....x.x.."
]
#: In which of these minutes the database is in trouble.
TROUBLED = [range(4, 10), range(14, 20), range(22, 28)]


def tell_story(folder: Path, trouble: Trouble | None = None) -> tuple[dict[str, list[Any]], int]:
    """What the ledger makes of the story, and how many of its calls went through the spool."""
    folder.mkdir()
    database, clock, spooled = making.open_database(folder), Still(), 0
    ledger = Ledger(database, Spool(folder / SPOOL_NAME, 1_000_000), clock)

    def record(minutes: range) -> None:
        for minute in minutes:
            call = making.probe(60 * minute, STORY[minute], gap_s=60.0)
            clock.at_ms = call.ended_ms
            ledger.submit([call]).result(30)

    done = 0
    for troubled in TROUBLED:
        record(range(done, troubled.start))
        with trouble(database) if trouble else nullcontext():
            record(troubled)
            spooled += ledger.status().spooled
        done = troubled.stop
    record(range(done, len(STORY)))
    ledger.close()
    told = dump(database, [*STATES, *MADE])
    database.close()
    return told, spooled


@pytest.mark.parametrize("trouble", [full_disk, locked])
def test_after_trouble_the_ledger_is_as_if_there_had_been_none(
    tmp_path: Path, trouble: Trouble
) -> None:
    expected, _ = tell_story(tmp_path / "calm")
    told, spooled = tell_story(tmp_path / "troubled", trouble)

    assert told == expected
    assert (spooled, len(told["slice"]) > 4) == (sum(map(len, TROUBLED)), True)


@pytest.fixture
def provider() -> Iterator[Provider]:
    with run_provider() as provider:
        yield provider


@pytest.fixture
def home(tmp_path: Path, provider: Provider) -> Home:
    return make_home(tmp_path, provider.base_url)


def settle(monitor: LoneMonitor) -> int:
    """Wait for the monitor's own first probes; how large SQLite's log is then."""
    wait_for(lambda: len(read_ledger(monitor.home.database).probes) >= 1)
    monitor.check()
    return Path(f"{monitor.home.database}-wal").stat().st_size


@pytest.mark.slow
def test_a_full_disk_is_told_and_loses_no_probe(home: Home, provider: Provider) -> None:
    with run_monitor(home) as monitor:
        room_bytes = settle(monitor)
        with monitor.full_disk(room_bytes):
            provider.fail("503")
            failed = [monitor.check() for _ in range(3)]
            during = monitor.look()
            reasons = monitor.ask("GET", "/readyz")["reasons"]
        provider.fail(None)
        healed = [monitor.check() for _ in range(2)]
        after = monitor.look()
        assert monitor.stop() == 0
    ledger = read_ledger(home.database)

    assert [check["call_id"] for check in failed] == [None] * 3
    assert (during["is_writable"], during["spooled"] >= 3, during["lost"]) == (False, True, 0)
    assert reasons == ["the ledger cannot be written; probes are kept in the spool meanwhile"]
    assert (after["is_writable"], after["spooled"]) == (True, 0)
    assert (ledger.disagreements, ledger.damage) == ([], [])
    assert set(Counter(ledger.probes).values()) == {1}
    told = {(check["started_ms"], Outcome(check["outcome"])) for check in failed + healed}
    assert told <= set(ledger.probes)


@pytest.mark.slow
def test_where_the_spool_cannot_be_written_either_the_loss_is_counted(home: Home) -> None:
    with run_monitor(home) as monitor:
        settle(monitor)
        with monitor.full_disk(0):
            checked, during = monitor.check(), monitor.look()
        again = monitor.check()
        assert monitor.stop() == 0
    ledger = read_ledger(home.database)

    assert (checked["outcome"], checked["call_id"], during["lost"] >= 1) == ("ok", None, True)
    assert again["started_ms"] in dict(ledger.probes)
    assert (ledger.disagreements, ledger.damage) == ([], [])


@pytest.mark.slow
def test_a_monitor_killed_with_a_full_spool_drains_it_when_it_starts(home: Home) -> None:
    spool, kept = home.folder / SPOOL_NAME, home.folder / "kept"
    with run_monitor(home) as monitor, monitor.full_disk(settle(monitor)):
        spooled = [monitor.check()["started_ms"] for _ in range(3)]
        monitor.process.kill()
        monitor.process.wait()
    shutil.copy(spool, kept)
    seen = []
    for _ in range(2):
        shutil.copy(kept, spool)
        with run_monitor(home) as monitor:
            wait_for(lambda: monitor.look()["spooled"] == 0)
            assert monitor.stop() == 0
        ledger = read_ledger(home.database)
        seen.append([started_ms for started_ms, _ in ledger.probes if started_ms in spooled])

    assert seen == [spooled, spooled]
    assert (ledger.disagreements, ledger.damage) == ([], [])


def read_only(folder: Path) -> tuple[str, ...]:
    """A wrapper that runs a command for which the folder cannot be written, root or not."""
    if os.geteuid():
        for path in (folder, *folder.iterdir()):
            path.chmod(path.stat().st_mode & ~(stat.S_IWUSR | stat.S_IWGRP | stat.S_IWOTH))
        return ()
    script = 'mount --bind "$0" "$0" && mount -o remount,ro,bind "$0" && exec "$@"'
    wrapper = ("unshare", "-m", "sh", "-c", script, str(folder))
    if (
        shutil.which("unshare") is None
        or subprocess.run([*wrapper, "true"], check=False).returncode
    ):
        pytest.skip("root may write everywhere, and may not mount here")
    return wrapper


@pytest.mark.slow
def test_a_read_only_database_is_one_line_and_stays_as_it_was(home: Home) -> None:
    wrapper = read_only(home.folder)
    before = home.database.read_bytes()
    refused = run_refused(home, *wrapper)

    assert refused.returncode == 1
    assert (refused.stderr.count("\n"), str(home.database) in refused.stderr) == (1, True)
    assert "writ" in refused.stderr
    assert home.database.read_bytes() == before


@pytest.mark.slow
def test_a_torn_database_is_one_line_and_stays_as_it_was(home: Home) -> None:
    sound = home.database.read_bytes()
    torn = sound[:4096] + os.urandom(len(sound) - 4096)
    home.database.write_bytes(torn)
    refused = run_refused(home)

    assert refused.returncode == 1
    assert (refused.stderr.count("\n"), str(home.database) in refused.stderr) == (1, True)
    assert home.database.read_bytes() == torn
