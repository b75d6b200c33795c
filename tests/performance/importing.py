"""Importing: how quickly `inferwatch import` records a CSV file beside a running monitor.

From the start of the command to its end: it reads, maps and sends in its own process, the monitor
prices and commits in the other, on the same cores, into a ledger that already holds a million
calls. Afterwards the ledger must hold the file, to the call and to the cent. Bare SQLite writes the
very same rows, by `executemany` in the same transactions, into another copy of the same ledger.
"""

import csv
import json
import os
import subprocess
import sys
import time
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from monitor.cli.importing import BATCH
from monitor.runtime.loading import loading
from tests.performance import ingesting, stock
from tests.performance.figures import Figure
from tests.performance.ingesting import Prepared, Way
from tests.performance.telling import CACHED, INPUT, MODELS, OUTPUT, URL, Told

_ROOT = Path(__file__).parents[2]
_COLUMNS = (
    "created_at",
    "model",
    "prompt_tokens",
    "cached_tokens",
    "completion_tokens",
    "latency_ms",
    "status_code",
    "team",
    "project",
    "app",
)
_WAY = Way("import", "rows of a CSV file", BATCH, 1, 10_000, 0)


@dataclass(frozen=True, slots=True)
class Imported:
    """How many rows, what they cost, and the seconds from the command's start to its end."""

    rows: int
    nano_usd: int
    took_s: float


def measure(rows: int = 200_000, size: int | None = None) -> list[Figure]:
    """Rows of a CSV file without ids, of which every one is a call of its own."""
    with loading():
        pass
    size = stock.CALLS * stock.scale() if size is None else size
    with (
        TemporaryDirectory() as folder,
        closing(ingesting.prepare(Path(folder), size)) as prepared,
        ingesting.monitoring(prepared),
    ):
        warm, file = Path(folder) / "warm.csv", Path(folder) / "calls.csv"
        now_ms = time.time_ns() // 1_000_000
        run(prepared, warm, write(warm, max(1, rows // 20), now_ms - 5 * 86_400_000))
        nano_usd = write(file, rows, now_ms - 4 * 86_400_000)
        before = prepared.newest()
        done = run(prepared, file, nano_usd)
        return _tell(prepared, before, done)


def write(path: Path, rows: int, from_ms: int) -> int:
    """Make a CSV file of so many calls, 100 a second; what they cost in nano-dollars."""
    cost = 0
    with path.open("w", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(_COLUMNS)
        for number in range(rows):
            prompt, cached, output = 500 + number % 1_500, number % 400, 50 + number % 350
            cost += (prompt - cached) * INPUT + cached * CACHED + output * OUTPUT
            writer.writerow(_row(number, from_ms + 10 * number, (prompt, cached, output)))
    return cost


def run(prepared: Prepared, path: Path, nano_usd: int) -> Imported:
    """Import a file. Raises CalledProcessError where rows of it were not taken."""
    begun = time.perf_counter()
    ran = subprocess.run(
        [sys.executable, "-m", "monitor.cli", "import", str(path), "--url", URL, "--json"],
        env={**os.environ, "INFERWATCH_SETTINGS": str(prepared.settings.path)},
        cwd=_ROOT,
        stdout=subprocess.PIPE,
        text=True,
        check=True,
    )
    took_s = time.perf_counter() - begun
    [told] = json.loads(ran.stdout)
    return Imported(told["recorded"], nano_usd, took_s)


def _row(number: int, at_ms: int, counts: tuple[int, int, int]) -> list[Any]:
    second, ms = divmod(at_ms, 1_000)
    at = time.strftime("%Y-%m-%dT%H:%M:%S", time.gmtime(second))
    return [
        f"{at}.{ms:03d}Z",
        MODELS[number % len(MODELS)],
        *counts,
        700 + number * 13 % 2_000,
        200,
        f"team {number % 4}",
        "shop",
        f"https://app-{number % 8}.example",
    ]


def _tell(prepared: Prepared, before: int, done: Imported) -> list[Figure]:
    after = prepared.newest()
    told = Told(done.rows, done.nano_usd, done.took_s, (0.0, 0.0), 0.0)
    ingesting.demand_all(prepared.reader, before, after, told)
    bare_s = ingesting.write_bare(prepared, _WAY, before, after)
    about = f"inferwatch import, {_WAY.about}"
    per_s = done.rows / done.took_s
    return [
        Figure("import_csv_per_s", per_s, "rows/s", about, _WAY.goal_per_s),
        Figure("import_csv_share", bare_s / done.took_s, "×", f"{about}, against bare SQLite"),
    ]
