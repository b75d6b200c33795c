"""Ingesting: how quickly a ledger that already holds a million calls takes in more.

A monitor as `inferwatch monitor` starts it, told over HTTP by a process of its own on the same
cores; afterwards the ledger must hold what was acknowledged, to the call and to the cent. Beside
each figure stands bare SQLite: the very rows, written by `executemany` in the same transactions
into another copy of the same ledger.
"""

import json
import os
import sqlite3
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from itertools import groupby
from pathlib import Path
from shutil import copyfile
from tempfile import TemporaryDirectory
from typing import Any
from urllib.error import URLError
from urllib.request import urlopen

from monitor.domain.tokens import Scope
from monitor.runtime.loading import loading
from monitor.services import tokens
from monitor.settings.load import load
from monitor.settings.model import Settings
from monitor.storage import statements
from monitor.storage.calls import COLUMNS, DETAIL_COLUMNS
from monitor.storage.engine import Database
from tests.performance import beside, pricing, recording, serving, stock
from tests.performance.figures import Figure
from tests.performance.telling import CACHED, INPUT, MODELS, OUTPUT, URL, Told
from tests.reliability.model_server import find_free_port

BATCH, SINGLES_AT_ONCE, BATCHES_AT_ONCE = 500, 64, 4
_ROOT = Path(__file__).parents[2]
_PATIENCE_S = 60.0
_TABLES = tuple(
    (f"SELECT {', '.join(columns)} FROM {table} WHERE {key} BETWEEN ? AND ?", table, columns)  # noqa: S608 -- names are ours
    for table, key, columns in (
        ("call", "id", COLUMNS),
        ("call_detail", "call_id", DETAIL_COLUMNS),
    )
)
Rows = list[tuple[Any, ...]]


@dataclass(frozen=True, slots=True)
class Way:
    """One way of telling: requests of so many events over so many connections, and its goal.

    Those of two seeds have no call in common; the warming-up takes one, the measured part the next.
    """

    key: str
    about: str
    batch: int
    connections: int
    goal_per_s: float
    seed: int


BATCHES = Way("batches", f"events in batches of {BATCH}", BATCH, BATCHES_AT_ONCE, 5_000, 0)
SINGLES = Way(
    "singles", f"events one by one, {SINGLES_AT_ONCE} callers", 1, SINGLES_AT_ONCE, 1_000, 2
)


def measure(
    events: int = 100_000, singles: int = 20_000, probes: int = 300, size: int | None = None
) -> list[Figure]:
    """Told in batches and one by one; pricing; a probe's commit beside an import."""
    with loading():
        pass  # the collector is then as a running monitor has it
    size = stock.CALLS * stock.scale() if size is None else size
    with TemporaryDirectory() as folder, closing(prepare(Path(folder), size)) as prepared:
        _say(f"a ledger of {size:,} calls")
        with monitoring(prepared):
            figures = [
                *_tell(prepared, BATCHES, max(1, events // BATCH)),
                *_tell(prepared, SINGLES, singles),
            ]
        _say("pricing, and a probe beside an import")
        return [
            *figures,
            *pricing.measure(),
            *beside.measure(prepared.settings, prepared.bare, probes),
        ]


class Prepared:
    """A ledger with its settings and a token, and a bare connection to a copy of it."""

    def __init__(self, settings: Settings, token: str, bare: sqlite3.Connection) -> None:
        self.settings, self.token, self.bare = settings, token, bare
        self.reader = sqlite3.connect(settings.home / "inferwatch.db")

    def newest(self) -> int:
        [number] = self.reader.execute("SELECT max(id) FROM call").fetchone()
        return int(number)

    def close(self) -> None:
        self.reader.close()
        self.bare.close()


def prepare(folder: Path, size: int) -> Prepared:
    """Both ledgers of a size in a folder, with settings and a token."""
    settings = _write_settings(folder)
    now_ms = time.time_ns() // 1_000_000
    kept = stock.fetch(settings, now_ms, size)
    for name in ("inferwatch.db", "bare.db"):
        copyfile(kept, folder / name)
    with closing(Database(settings.database_url)) as database, database.writing() as session:
        token = tokens.create(session, "bench", [Scope.INGEST], now_ms).reveal()
    os.sync()
    return Prepared(settings, token, recording.open_bare(folder))


def _write_settings(folder: Path) -> Settings:
    price = {"input": INPUT / 1000, "cache_read": CACHED / 1000, "output": OUTPUT / 1000}
    models = [{"name": name, "probe": False, "price": price} for name in MODELS]
    provider = {"base_url": URL, "reach_interval": "7d", "models": models}
    ports = {name: find_free_port() for name in ("monitor", "dashboard", "simulator")}
    path = folder / "inferwatch.yaml"
    document = {"zone": "UTC", "ports": ports, "witnesses": [], "providers": {"acme": provider}}
    path.write_text(json.dumps(document | {"retention": {"details_days": 400}}))
    return load(path)


@contextmanager
def monitoring(prepared: Prepared) -> Iterator[None]:
    """A monitor of it, which answers."""
    with serving.run(prepared.settings.path, "-m", "monitor.cli", "monitor") as process:
        until_s = time.monotonic() + _PATIENCE_S
        while not _is_ready(prepared.settings.monitor_port):
            if process.poll() is not None or time.monotonic() > until_s:
                raise RuntimeError("the monitor does not answer; start one by hand to see why")
            time.sleep(0.05)
        yield


def _is_ready(port: int) -> bool:
    try:
        with urlopen(f"http://127.0.0.1:{port}/healthz", timeout=5) as answer:
            return bool(answer.read())
    except (URLError, OSError):
        return False


def _tell(prepared: Prepared, way: Way, requests: int) -> list[Figure]:
    _send(prepared, way, max(1, requests // 20), seed=way.seed)
    before = prepared.newest()
    told = _send(prepared, way, requests, seed=way.seed + 1)
    after = prepared.newest()
    demand_all(prepared.reader, before, after, told)
    bare_s = write_bare(prepared, way, before, after)
    per_s = told.events / told.took_s
    _say(f"{way.about}: {per_s:,.0f}/s; sending itself took {told.own_cpu_s / told.took_s:.0%}")
    key, about = f"ingest_{way.key}", f"POST /v1/usage, {way.about}"
    return [
        Figure(f"{key}_per_s", per_s, "events/s", about, way.goal_per_s),
        Figure(f"{key}_share", bare_s / told.took_s, "×", f"{about}, against bare SQLite"),
        Figure(f"{key}_wait_p50_ms", 1_000 * told.waits_s[0], "ms", f"{about}, answered, p50"),
        Figure(f"{key}_wait_p99_ms", 1_000 * told.waits_s[1], "ms", f"{about}, answered, p99"),
    ]


def _send(prepared: Prepared, way: Way, requests: int, seed: int) -> Told:
    port, words = prepared.settings.monitor_port, (way.connections, requests, way.batch, seed)
    ran = subprocess.run(
        [sys.executable, "-m", "tests.performance.telling", str(port), *map(str, words)],
        env={**os.environ, "BENCH_TOKEN": prepared.token},
        cwd=_ROOT,
        stdout=subprocess.PIPE,
        text=True,
        check=True,
    )
    return Told(**json.loads(ran.stdout))


def demand_all(reader: sqlite3.Connection, before: int, after: int, told: Told) -> None:
    """Raise RuntimeError unless the ledger holds what was acknowledged, no more and no less."""
    asked = "SELECT count(*), sum(cost_nano_usd) FROM call WHERE id > ? AND id <= ?"
    found = reader.execute(asked, (before, after)).fetchone()
    if found != (told.events, told.nano_usd):
        raise RuntimeError(f"acknowledged: {told}; in the ledger: {found}")


def write_bare(prepared: Prepared, way: Way, before: int, after: int) -> float:
    """Seconds that bare SQLite takes for the same rows in the same transactions.

    Calls that were committed together were recorded at one instant.
    """
    bare, taken = prepared.bare, 0.0
    for row in prepared.reader.execute("SELECT * FROM attribution"):
        bare.execute(f"INSERT OR IGNORE INTO attribution VALUES ({', '.join('?' * len(row))})", row)  # noqa: S608
    tables = [
        (
            statements.insert(table, columns),
            prepared.reader.execute(asked, (before + 1, after)).fetchall(),
        )
        for asked, table, columns in _TABLES
    ]
    for parts in _cut(tables, way):
        begun = time.perf_counter()
        bare.execute("BEGIN IMMEDIATE")
        for insert, rows in parts:
            bare.executemany(insert, rows)
        bare.execute("COMMIT")
        taken += time.perf_counter() - begun
    return taken


def _cut(tables: list[tuple[str, Rows]], way: Way) -> Iterator[list[tuple[str, Rows]]]:
    (insert, calls), (insert_detail, details) = tables
    detail_of = {row[0]: row for row in details}
    at = COLUMNS.index("recorded_ms")
    for _, group in groupby(enumerate(calls), lambda each: _transaction(each, way, at)):
        rows = [row for _, row in group]
        beside_ = [detail_of[row[0]] for row in rows if row[0] in detail_of]
        yield [(insert, rows), (insert_detail, beside_)]


def _transaction(numbered: tuple[int, tuple[Any, ...]], way: Way, at: int) -> object:
    number, row = numbered
    return number // way.batch if way.batch > 1 else row[at]


def _say(text: str) -> None:
    sys.stderr.write(f"  {text}\n")
