"""An installation of ours: `inferwatch up` as a process, in a folder and on ports of its own."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

from monitor.runtime.supervisor import answers
from monitor.storage import lease
from monitor.storage.engine import Database, Session
from monitor.storage.queries import calls
from monitor.storage.queries.calls import CallFilter, CallFull
from tests.reliability.model_server import find_free_port

T = TypeVar("T")
PATIENCE_S = 90.0
#: What `inferwatch up` promises: told to end, it has ended within so many seconds.
DRAIN_S = 10.0
_POLL_S = 0.25


@dataclass(frozen=True, slots=True)
class Installation:
    """A running `inferwatch up`, with its settings, its log (`up.log`) and its ledger."""

    folder: Path
    monitor_port: int
    dashboard_port: int
    process: subprocess.Popen[bytes]
    database: Database

    @property
    def dashboard_url(self) -> str:
        return f"http://127.0.0.1:{self.dashboard_port}"

    @property
    def log(self) -> str:
        """What `up` and its processes have said so far."""
        return (self.folder / "up.log").read_text()

    def read(self, query: Callable[[Session], T]) -> T:
        """What a query finds in the ledger now."""
        with self.database.reading() as session:
            return query(session)

    def list_calls(self) -> tuple[CallFull, ...]:
        """All calls, reachability checks too, in the order of their start."""
        return self.read(_list_calls)

    def find_writer(self) -> int:
        """The process that writes the ledger."""
        holder = self.read(lease.holder)
        assert holder is not None
        return holder.pid

    def run(self, *command: str) -> subprocess.CompletedProcess[str]:
        """What another command of ours says of this installation."""
        argv = [sys.executable, "-m", "monitor.cli", *command]
        return subprocess.run(
            argv, env=_environment(self.folder), capture_output=True, text=True, check=False
        )

    def stop(self) -> int:
        """The exit code after SIGTERM. Raises TimeoutExpired after `DRAIN_S`."""
        self.process.send_signal(signal.SIGTERM)
        return self.process.wait(DRAIN_S)


@contextmanager
def run_installation(folder: Path, settings: str, url: str | None = None) -> Iterator[Installation]:
    """`inferwatch up` with these settings and free ports, both processes answering.

    `url` is where the settings say that its ledger is; else in a file beside them.
    """
    ports = find_free_port(), find_free_port()
    where = "ports: {{monitor: {}, dashboard: {}}}\n".format(*ports)
    (folder / "inferwatch.yaml").write_text(where + settings)
    with (folder / "up.log").open("wb") as log:
        argv = [sys.executable, "-m", "monitor.cli", "up"]
        process = subprocess.Popen(argv, env=_environment(folder), stdout=log, stderr=log)
    with closing(Database(url or f"sqlite:///{folder / 'inferwatch.db'}")) as database:
        installation = Installation(folder, *ports, process, database)
        try:
            wait_for("both processes", lambda: all(map(answers, ports)), installation)
            yield installation
        finally:
            if process.poll() is None:
                installation.stop()


def wait_for(what: str, find: Callable[[], T | None], installation: Installation) -> T:
    """The first true thing that `find` finds; fails with the log of `up` after `PATIENCE_S`."""
    deadline_s = time.monotonic() + PATIENCE_S
    while not (found := find()):
        is_running = installation.process.poll() is None
        assert is_running, f"up ended while waiting for {what}:\n{installation.log}"
        assert time.monotonic() < deadline_s, f"waited in vain for {what}:\n{installation.log}"
        time.sleep(_POLL_S)
    return found


def _environment(folder: Path) -> dict[str, str]:
    return {**os.environ, "INFERWATCH_SETTINGS": str(folder / "inferwatch.yaml")}


def _list_calls(session: Session) -> tuple[CallFull, ...]:
    lines = calls.page(session, CallFilter(), limit=1000).lines
    found = [calls.detail(session, line.id) for line in reversed(lines)]
    return tuple(call for call in found if call is not None)
