"""Backups of a monitor that writes all the time, restores under it, and both of them killed."""

import os
import signal
import sqlite3
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, contextmanager
from pathlib import Path
from threading import Event

import pytest

from monitor.services.doctor import sums_agree
from monitor.storage.engine import Database
from tests.monitors import Provider, run_provider
from tests.reliability.lone_monitor import (
    Home,
    LoneMonitor,
    make_home,
    read_ledger,
    run_monitor,
    wait_for,
)

pytestmark = [pytest.mark.slow, pytest.mark.timeout(300)]

#: So that a copy takes long enough to be killed in the middle.
BALLAST_BYTES = 80_000_000


@pytest.fixture(scope="module")
def provider() -> Iterator[Provider]:
    with run_provider() as provider:
        yield provider


@pytest.fixture
def home(tmp_path: Path, provider: Provider) -> Home:
    (tmp_path / "home").mkdir()
    return make_home(tmp_path / "home", provider.base_url)


def start(home: Home, *words: str) -> subprocess.Popen[str]:
    argv = [sys.executable, "-m", "monitor.cli", "db", *words]
    return subprocess.Popen(
        argv, env=home.environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )


def run(home: Home, *words: str) -> str:
    process = start(home, *words)
    out, trouble = process.communicate(timeout=120)
    assert process.returncode == 0, trouble
    return out


@contextmanager
def load(monitor: LoneMonitor) -> Iterator[list[int]]:
    """Checks from four sides without end; yields the starts of those that were acknowledged."""
    starts_ms: list[int] = []
    stop = Event()

    def check() -> None:
        while not stop.is_set():
            found = monitor.check()
            if "error" not in found:
                starts_ms.append(found["started_ms"])

    with ThreadPoolExecutor(4) as threads:
        for _ in range(4):
            threads.submit(check)
        try:
            yield starts_ms
        finally:
            stop.set()


def list_calls(path: Path) -> list[tuple[int, ...]]:
    with closing(sqlite3.connect(path)) as database:
        return database.execute("SELECT * FROM call ORDER BY id").fetchall()


def list_starts(path: Path) -> set[int]:
    with closing(sqlite3.connect(path)) as database:
        return {row[0] for row in database.execute("SELECT started_ms FROM call")}


def weigh_down(path: Path) -> None:
    with closing(sqlite3.connect(path, isolation_level=None)) as database:
        database.execute(
            "INSERT INTO fact VALUES ('ballast', CAST(zeroblob(?) AS TEXT))", (BALLAST_BYTES,)
        )


def kill_when(process: subprocess.Popen[str], is_time: Callable[[], bool]) -> None:
    """Kill a command as soon as it is time; fails where it ended before."""
    deadline_s = time.monotonic() + 60
    while not is_time():
        assert process.poll() is None, process.communicate()
        assert time.monotonic() < deadline_s
        time.sleep(0.002)
    os.kill(process.pid, signal.SIGKILL)
    process.communicate()


def test_a_backup_under_load_is_a_prefix_of_the_ledger(home: Home, tmp_path: Path) -> None:
    with run_monitor(home) as monitor, load(monitor) as acknowledged:
        wait_for(lambda: len(acknowledged) >= 20)
        before = set(acknowledged)
        said = run(home, "backup", str(tmp_path / "copy.db"))
        wait_for(lambda: len(acknowledged) > len(before) + 20)
    copied, live = list_calls(tmp_path / "copy.db"), list_calls(home.database)
    with (
        closing(Database(f"sqlite:///{tmp_path / 'copy.db'}")) as database,
        database.reading() as session,
    ):
        disagreements = sums_agree(session)

    assert said.startswith(f"Wrote {tmp_path / 'copy.db'}: ")
    assert before <= list_starts(tmp_path / "copy.db")
    assert copied == live[: len(copied)]
    assert (len(copied) < len(live), disagreements) == (True, [])


def test_a_restore_under_load_loses_nothing_in_silence(home: Home, tmp_path: Path) -> None:
    """What was acknowledged is in the backup, in the ledger that is kept, or in the one of now."""
    with run_monitor(home) as monitor, load(monitor) as acknowledged:
        wait_for(lambda: len(acknowledged) >= 10)
        run(home, "backup", str(tmp_path / "copy.db"))
        wait_for(lambda: len(acknowledged) >= 30)
        said = run(home, "restore", str(tmp_path / "copy.db"))
        before = len(acknowledged)
        wait_for(lambda: len(acknowledged) > before + 10)
        is_ready = monitor.ask("GET", "/readyz")["is_ready"]
    [kept] = home.folder.glob("inferwatch.db.before-restore-*Z")
    ledger = read_ledger(home.database)
    copied, old, now = (list_calls(p) for p in (tmp_path / "copy.db", kept, home.database))

    assert f"The ledger before it is kept as {kept}" in said
    assert (is_ready, ledger.disagreements, ledger.damage) == (True, [], [])
    assert now[: len(copied)] == copied == old[: len(copied)]
    assert set(acknowledged) <= list_starts(kept) | list_starts(home.database)


def test_a_restore_without_a_monitor_is_what_the_next_one_finds(home: Home, tmp_path: Path) -> None:
    with run_monitor(home) as monitor:
        monitor.check()
        run(home, "backup", str(tmp_path / "copy.db"))
        monitor.check()
        monitor.stop()
    copied = list_calls(tmp_path / "copy.db")
    run(home, "restore", str(tmp_path / "copy.db"))
    restored = list_calls(home.database)
    with run_monitor(home) as monitor:
        check = monitor.check()

    assert (restored, check["outcome"]) == (copied, "ok")


def test_a_backup_killed_in_the_middle_leaves_no_backup_and_a_sound_ledger(
    home: Home, tmp_path: Path
) -> None:
    with run_monitor(home) as monitor:
        monitor.check()
        weigh_down(home.database)
        part = tmp_path / ".copy.db.part"
        process = start(home, "backup", str(tmp_path / "copy.db"))
        kill_when(process, lambda: part.exists() and part.stat().st_size > 1_000_000)
        was_there = (tmp_path / "copy.db").exists()
        run(home, "backup", str(tmp_path / "copy.db"))
        check = monitor.check()

    assert (was_there, part.exists(), check["outcome"]) == (False, False, "ok")
    assert read_ledger(home.database).damage == []


@pytest.mark.parametrize("share", [0.05, 0.95])
def test_a_restore_killed_in_the_middle_leaves_a_whole_ledger(
    home: Home, tmp_path: Path, share: float
) -> None:
    with run_monitor(home) as monitor:
        monitor.check()
        monitor.stop()
    weigh_down(home.database)
    run(home, "backup", str(tmp_path / "copy.db"))
    with closing(sqlite3.connect(home.database, isolation_level=None)) as database:
        database.execute("DELETE FROM fact WHERE name = 'ballast'")
    wal = home.folder / "inferwatch.db-wal"
    process = start(home, "restore", str(tmp_path / "copy.db"))
    kill_when(process, lambda: wal.exists() and wal.stat().st_size > share * BALLAST_BYTES)
    killed = read_ledger(home.database)
    with run_monitor(home) as monitor:
        check = monitor.check()

    assert (killed.damage, killed.disagreements, check["outcome"]) == ([], [], "ok")
