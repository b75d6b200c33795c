"""Installation: a demo whose past is loaded, run by `inferwatch up` as at its second start."""

import re
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from monitor.cli.demo import draft
from monitor.settings.draft import render
from monitor.simulator.catalogue import PORT
from monitor.storage import facts
from tests import making
from tests.performance import serving
from tests.reliability.model_server import find_free_port


@dataclass(frozen=True, slots=True)
class Installation:
    """The settings file, and the port on which its pages are."""

    settings: Path
    dashboard_port: int

    @contextmanager
    def run(self) -> Iterator[subprocess.Popen[bytes]]:
        """`inferwatch up` as a process, from its start to its end; its first page is there."""
        with serving.run(self.settings, "-m", "monitor.cli", "up") as up:
            serving.wait_for_page(self.dashboard_port, up)
            yield up


def install(folder: Path) -> Installation:
    """The settings and the database of a demo, on ports that are free now; no call in it yet."""
    ports = {name: find_free_port() for name in ("monitor", "dashboard", "simulator")}
    listed = ", ".join(f"{name}: {port}" for name, port in ports.items())
    text = re.sub(rf":{PORT}\b", f":{ports['simulator']}", render(draft("UTC")))
    settings = folder / "inferwatch.yaml"
    settings.write_text(f"{text}ports: {{{listed}}}\n")
    database = making.open_database(folder, watched=(), priced={})
    with database.writing() as session:
        facts.state(session, facts.DEMO_LOADED, "0")
    database.close()
    return Installation(settings, ports["dashboard"])
