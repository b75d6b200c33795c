"""Starting: what imports cost, and how long after a second `inferwatch up` the page is there."""

import subprocess
import sys
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory
from time import perf_counter

from tests.performance.figures import Figure, clock
from tests.performance.installation import Installation, install

_ROOT = Path(__file__).parents[2]
_GOAL_S = 4.0
_IMPORTS = {
    "python": ("pass", "Python alone, from start to end of the process"),
    "command": ("import monitor.cli.main", "the command line imported, of a process"),
    "dashboard": ("import dashboard.app", "the dashboard imported, of a process"),
}


def measure(times: int = 3, starts: int = 3) -> list[Figure]:
    """Seconds from the start of a process."""
    imports = [
        Figure(f"import_{name}_s", _time_code(code, times), "s", about)
        for name, (code, about) in _IMPORTS.items()
    ]
    about = "`inferwatch up`, second start, until the first page is answered"
    found = find_start_s(starts)
    return [*imports, Figure("second_start_s", found, "s", about, _GOAL_S, is_ceiling=True)]


def find_start_s(starts: int) -> float:
    """The median over second starts. The first one, which registers all it watches, not counted."""
    with TemporaryDirectory() as folder:
        installation = install(Path(folder))
        _time_start(installation)
        return median(_time_start(installation) for _ in range(starts))


def _time_start(installation: Installation) -> float:
    begun = perf_counter()
    with installation.run():
        return perf_counter() - begun


def _time_code(code: str, times: int) -> float:
    return median(clock(_run_code, [code]) for _ in range(times))


def _run_code(code: str) -> None:
    subprocess.run([sys.executable, "-c", code], cwd=_ROOT, check=True)
