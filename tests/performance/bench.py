"""Bench: every figure that the README promises, measured here and now.

`python -m tests.performance.bench [MEASUREMENT ...]` prints a table and, as its last line, one
line of JSON. Without names it measures all, each in a process of its own: what one has imported
and allocated does not slow the next.
"""

import json
import os
import platform
import sqlite3
import subprocess
import sys
from collections.abc import Iterable, Sequence
from dataclasses import asdict
from importlib import import_module
from pathlib import Path

from rich.console import Console
from rich.table import Table

from tests.performance.figures import Figure

#: The modules beside this one that have a `measure`, in the order in which they are run.
MEASUREMENTS = ("recording", "concurrency", "ttft", "starting", "memory", "drawing")
_ROOT = Path(__file__).parents[2]
_VERDICTS = {True: "[green]yes", False: "[red]NO", None: ""}


def main(names: Sequence[str]) -> int:
    """Measure, print the table and the line; 1 where a measurement could not be made."""
    load = os.getloadavg()
    failed: list[str] = []
    figures = measure(names[0]) if len(names) == 1 else gather(names or MEASUREMENTS, failed)
    console = Console()
    console.print(draw(figures))
    console.print(_describe(load))
    for name in failed:
        console.print(f"[red]{name} could not be measured; its error is above")
    sys.stdout.write(write_line(figures, load, failed) + "\n")
    return 1 if failed else 0


def measure(name: str) -> list[Figure]:
    """The figures of one measurement, made in this process."""
    figures: list[Figure] = import_module(f"tests.performance.{name}").measure()
    return figures


def gather(names: Iterable[str], failed: list[str]) -> list[Figure]:
    """The figures of measurements, each made in a process of its own; `failed` is added to."""
    figures: list[Figure] = []
    for name in names:
        sys.stderr.write(f"measuring {name} …\n")
        ran = subprocess.run(
            [sys.executable, "-m", "tests.performance.bench", name],
            cwd=_ROOT,
            stdout=subprocess.PIPE,
            text=True,
            check=False,
        )
        if ran.returncode:
            failed.append(name)
        else:
            found = read(ran.stdout.splitlines()[-1])
            sys.stderr.writelines(
                f"  {each.about}: {_spell(each.value, each.unit)}\n" for each in found
            )
            figures += found
    return figures


def read(line: str) -> list[Figure]:
    """The figures of a last line."""
    listed = json.loads(line)["figures"]
    return [
        Figure(key, **{name: value for name, value in figure.items() if name != "is_met"})
        for key, figure in listed.items()
    ]


def write_line(
    figures: Iterable[Figure], load: tuple[float, float, float], failed: Sequence[str]
) -> str:
    """The last line: every figure by its key, with its goal and whether it is met."""
    listed = {
        figure.key: {
            **{name: value for name, value in asdict(figure).items() if name != "key"},
            "is_met": figure.is_met,
        }
        for figure in figures
    }
    machine = {
        "cores": os.cpu_count(),
        "load_1m": round(load[0], 2),
        "python": platform.python_version(),
        "sqlite": sqlite3.sqlite_version,
    }
    return json.dumps({"figures": listed, "machine": machine, "failed": list(failed)})


def draw(figures: Iterable[Figure]) -> Table:
    """The table that people read."""
    table = Table("measured", "value", "goal", "met")
    for column in table.columns[1:3]:
        column.justify = "right"
        column.no_wrap = True
    for figure in figures:
        bound = "≤" if figure.is_ceiling else "≥"
        goal = "" if figure.goal is None else f"{bound} {_spell(figure.goal, figure.unit)}"
        table.add_row(
            figure.about, _spell(figure.value, figure.unit), goal, _VERDICTS[figure.is_met]
        )
    return table


def _spell(value: float | None, unit: str) -> str:
    if value is None:
        return "not known here"
    digits = 0 if abs(value) >= 100 else 1 if abs(value) >= 10 else 2
    return f"{value:,.{digits}f} {unit}".strip()


def _describe(load: tuple[float, float, float]) -> str:
    busy = ", ".join(f"{each:.1f}" for each in load)
    return (
        f"{os.cpu_count()} cores, load {busy} when it began; "
        f"Python {platform.python_version()}, SQLite {sqlite3.sqlite_version}"
    )


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
