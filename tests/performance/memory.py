"""Memory: what each process of an installation holds in RAM (its resident set)."""

import os
import time
from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory

from tests.performance.figures import Figure
from tests.performance.installation import install

_PROC = Path("/proc")
_PROCESSES = ("supervisor", "monitor", "dashboard", "simulator")


def measure(after_s: float = 30.0) -> list[Figure]:
    """Megabytes of each process, some time after the page was answered."""
    with TemporaryDirectory() as folder:
        installation = install(Path(folder))
        with installation.run() as up:
            time.sleep(after_s)
            found = weigh(up.pid)
    return [
        Figure(f"memory_{name}_mb", found.get(name), "MB", f"memory of the {name}")
        for name in _PROCESSES
    ]


def weigh(supervisor: int) -> dict[str, float]:
    """Megabytes by process of an installation; nothing where there is no /proc."""
    weights = {_name(child): resident_mb(child) for child in _list_children(supervisor)}
    return weights | {"supervisor": resident_mb(supervisor)} if weights else {}


def _list_children(parent: int) -> Iterator[int]:
    for status in _PROC.glob("[0-9]*/stat"):
        try:
            # after the name in brackets, which may hold anything: the state, then the parent
            after_name = status.read_text().rpartition(")")[2].split()
        except OSError:
            continue  # it ended meanwhile
        if int(after_name[1]) == parent:
            yield int(status.parent.name)


def _name(process: int) -> str:
    """The command of ours that it is: `python -m monitor.cli NAME --lifeline`."""
    words = (_PROC / str(process) / "cmdline").read_text().split("\0")
    return next((word for word in words if word in _PROCESSES), "")


def resident_mb(process: int) -> float:
    """Megabytes that a process holds in RAM."""
    pages = int((_PROC / str(process) / "statm").read_text().split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE") / 1e6
