"""The monitor alone, as a process over the simulator, for tests that ill-treat it."""

import json
import os
import resource
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass
from http.client import HTTPConnection
from pathlib import Path
from typing import Any, NamedTuple

from sqlalchemy import select

from monitor.domain.calls import Kind
from monitor.domain.outcomes import Result
from monitor.runtime.supervisor import answers
from monitor.services.doctor import Disagreement, sums_agree
from monitor.simulator.catalogue import KEY
from monitor.storage.engine import Database
from monitor.storage.models.health import IncidentRow
from monitor.storage.models.ledger import CallRow
from tests import making
from tests.reliability.model_server import find_free_port

#: It probes by itself at its start only; after that when it is asked. First probes are spread by
#: the endpoint's id: this one is among the first.
SETTINGS = """
zone: UTC
ports: {{monitor: {port}, dashboard: {dashboard}}}
providers:
  aurora:
    base_url: {base_url}
    key: {key}
    reach_interval: 1h
    models:
      - name: aurora-small
        id: quick
        interval: 1h
        price: {{input: 0.15, output: 0.60}}
"""
ENDPOINT = "quick"
UNLIMITED = resource.RLIM_INFINITY
PATIENCE_S = 90.0


@dataclass(frozen=True, slots=True)
class Home:
    """The folder of an installation that has a migrated database."""

    folder: Path
    port: int

    @property
    def database(self) -> Path:
        return self.folder / "inferwatch.db"

    @property
    def environment(self) -> dict[str, str]:
        return {**os.environ, "INFERWATCH_SETTINGS": str(self.folder / "inferwatch.yaml")}


@dataclass(frozen=True, slots=True)
class LoneMonitor:
    """A running `inferwatch monitor`; what it says is in `monitor.log`."""

    home: Home
    process: subprocess.Popen[bytes]

    def ask(self, method: str, path: str, body: object = None) -> Any:  # noqa: ANN401 - JSON
        """The JSON that the monitor answers."""
        with closing(HTTPConnection("127.0.0.1", self.home.port, timeout=60)) as connection:
            headers = {"content-type": "application/json"}
            connection.request(method, path, json.dumps(body), headers)
            return json.loads(connection.getresponse().read())

    def check(self) -> Any:  # noqa: ANN401 - JSON
        """A probe, made now."""
        return self.ask("POST", "/v1/checks", {"endpoint": ENDPOINT})

    def look(self) -> Any:  # noqa: ANN401 - JSON
        """How the ledger's writer is."""
        return self.ask("GET", "/v1/status")["ledger"]

    @contextmanager
    def full_disk(self, room_bytes: int) -> Iterator[None]:
        """While inside, no file of the monitor can be written beyond so many bytes."""
        pid = self.process.pid
        resource.prlimit(pid, resource.RLIMIT_FSIZE, (room_bytes, UNLIMITED))
        yield
        with suppress(ProcessLookupError):  # it may have been killed meanwhile
            resource.prlimit(pid, resource.RLIMIT_FSIZE, (UNLIMITED, UNLIMITED))

    def stop(self) -> int:
        """The exit code after SIGTERM."""
        self.process.send_signal(signal.SIGTERM)
        return self.process.wait(20)


def wait_for(is_so: Callable[[], bool]) -> None:
    """Return once it is so; fails after `PATIENCE_S`."""
    deadline_s = time.monotonic() + PATIENCE_S
    while not is_so():
        assert time.monotonic() < deadline_s
        time.sleep(0.05)


def make_home(folder: Path, base_url: str) -> Home:
    """An installation that watches one model of the simulator."""
    making.open_database(folder, watched=(), priced={}).close()
    home = Home(folder, find_free_port())
    (folder / "inferwatch.yaml").write_text(
        SETTINGS.format(base_url=base_url, key=KEY, port=home.port, dashboard=find_free_port())
    )
    return home


@contextmanager
def run_monitor(home: Home, *wrapper: str) -> Iterator[LoneMonitor]:
    """A monitor that answers, killed at the end if it still runs. `wrapper` runs the command."""
    argv = [*wrapper, sys.executable, "-m", "monitor.cli", "monitor"]
    with (home.folder / "monitor.log").open("ab") as log:
        process = subprocess.Popen(argv, env=home.environment, stdout=log, stderr=log)
    try:
        wait_for(lambda: process.poll() is not None or answers(home.port))
        assert process.poll() is None, (home.folder / "monitor.log").read_text()
        yield LoneMonitor(home, process)
    finally:
        process.kill()
        process.wait()


def run_refused(home: Home, *wrapper: str) -> subprocess.CompletedProcess[str]:
    """What a monitor says that does not start."""
    argv = [*wrapper, sys.executable, "-m", "monitor.cli", "monitor"]
    return subprocess.run(
        argv, env=home.environment, capture_output=True, text=True, timeout=60, check=False
    )


class Ledger(NamedTuple):
    """What is in a database, and whether it is sound: both of the last are to be empty."""

    probes: list[tuple[int, Result]]
    incidents: list[tuple[int, int | None]]
    disagreements: list[Disagreement]
    damage: list[str]


def read_ledger(path: Path) -> Ledger:
    """Start and outcome of each probe, start and end of each incident, and what is wrong."""
    probes = select(CallRow.started_ms, CallRow.outcome).where(CallRow.kind == Kind.INFER)
    opened = select(IncidentRow.started_ms, IncidentRow.ended_ms).order_by(IncidentRow.id)
    with closing(Database(f"sqlite:///{path}")) as database, database.reading() as session:
        damage = session.connection().exec_driver_sql("PRAGMA integrity_check").scalars()
        return Ledger(
            [(row[0], row[1]) for row in session.execute(probes.order_by(CallRow.id))],
            [(row[0], row[1]) for row in session.execute(opened)],
            sums_agree(session),
            [str(line) for line in damage if line != "ok"],
        )
