"""Beside: how long a probe waits to be durable while a large import is being written."""

import asyncio
import sqlite3
from contextlib import closing
from itertools import islice
from time import perf_counter

from monitor.domain.calls import Call, Kind, Origin
from monitor.domain.dedupe import own_key
from monitor.domain.outcomes import Outcome
from monitor.runtime.clock import Clock
from monitor.runtime.ledger import Ledger
from monitor.runtime.spool import Spool
from monitor.settings.model import Settings
from monitor.storage.calls import COLUMNS
from monitor.storage.engine import Database
from tests.performance import recording, stock
from tests.performance.figures import Figure

_EVERY_S = 0.05
_CHUNK = 5_000


def measure(settings: Settings, bare: sqlite3.Connection, probes: int = 300) -> list[Figure]:
    """The 99th percentile of a probe's wait, and of bare SQLite's commit of one row."""
    with (
        closing(Database(settings.database_url)) as database,
        closing(Ledger(database, Spool(settings.home / "bench.spool"), Clock())) as ledger,
    ):
        waits_s, imported_per_s = asyncio.run(_probe(ledger, settings, probes))
    ours_ms = _p99_ms(waits_s)
    bare_ms = _p99_ms([_commit_one(bare) for _ in range(probes)])
    about = "a probe's commit beside a running import"
    return [
        Figure("probe_beside_import_p99_ms", ours_ms, "ms", f"{about}, p99", 100, is_ceiling=True),
        Figure(
            "probe_beside_import_share",
            bare_ms / ours_ms,
            "×",
            f"{about}, against bare SQLite's of one row alone, p99",
        ),
        Figure("import_beside_probes_per_s", imported_per_s, "calls/s", "that import, meanwhile"),
    ]


async def _probe(ledger: Ledger, settings: Settings, probes: int) -> tuple[list[float], float]:
    names = tuple(endpoint.id for endpoint in settings.endpoints)
    from_ms = Clock().now_ms() - 20 * 86_400_000 + 1
    imported, waits_s = 0, []
    is_over = asyncio.Event()

    async def load(source: str) -> None:
        nonlocal imported
        calls = stock.list_calls(names, from_ms, source)
        while not is_over.is_set():
            chunk = await asyncio.to_thread(lambda: list(islice(calls, _CHUNK)))
            imported += len(await ledger.record(chunk, is_bulk=True))

    begun, importing = (
        perf_counter(),
        [asyncio.create_task(load(each)) for each in ("import", "other")],
    )
    for _ in range(probes):
        await asyncio.sleep(_EVERY_S)
        asked = perf_counter()
        await ledger.record([_make_probe(names[0])])
        waits_s.append(perf_counter() - asked)
    is_over.set()
    await asyncio.gather(*importing)
    return waits_s, imported / (perf_counter() - begun)


def _make_probe(endpoint: str) -> Call:
    now_ms = Clock().now_ms()
    return Call(
        endpoint,
        Origin.PROBE,
        Kind.INFER,
        now_ms - 500,
        now_ms,
        Outcome.OK,
        dedupe_key=own_key(now_ms),
    )


def _commit_one(bare: sqlite3.Connection) -> float:
    """Seconds that bare SQLite takes to write one more row like its newest."""
    [row] = bare.execute(f"SELECT {', '.join(COLUMNS)} FROM call ORDER BY id DESC LIMIT 1")  # noqa: S608 -- names are ours
    told = dict(zip(COLUMNS, row, strict=True)) | {"id": row[0] + 1}
    told["dedupe_key"] = own_key(told["started_ms"])
    begun = perf_counter()
    recording.write_bare(bare, [tuple(told.values())])
    return perf_counter() - begun


def _p99_ms(waits_s: list[float]) -> float:
    return 1_000 * sorted(waits_s)[int(0.99 * (len(waits_s) - 1))]
