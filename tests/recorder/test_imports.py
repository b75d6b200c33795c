"""The recorder runs in other people's programs: it brings nothing along and is loaded quickly."""

import ast
import subprocess
import sys
from pathlib import Path

FILES = sorted((Path(__file__).parents[2] / "monitor/recorder").glob("*.py"))
#: Times what a fresh interpreter works for it, however busy the machine is.
TIMED = "import time; start = time.process_time(); import {}; print(time.process_time() - start)"


def list_imports(path: Path) -> set[str]:
    tree = ast.walk(ast.parse(path.read_text()))
    found = set()
    for node in tree:
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            found.add(node.module or ".")
    return found


def test_it_imports_the_standard_library_and_itself_only() -> None:
    imported = set().union(*map(list_imports, FILES))
    foreign = {name for name in imported if not name.startswith("monitor.recorder.")}

    assert {name.split(".")[0] for name in foreign} <= sys.stdlib_module_names


def load(name: str) -> float:
    """Seconds of work, the best of three."""
    command = [sys.executable, "-c", TIMED.format(name)]
    return min(float(subprocess.check_output(command, cwd=FILES[0].parents[2])) for _ in range(3))


def test_it_is_loaded_in_a_fraction_of_the_time_that_httpx_takes() -> None:
    assert load("monitor.recorder") < 0.5 * load("httpx")
