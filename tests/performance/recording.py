"""Recording: calls per second into the ledger, against SQLite with nothing round it.

Ours writes rows, sums by 15 minutes and by day, histograms, states and slices, and commits.
Bare writes the very same rows with `executemany` into the same table, with its indexes and
pragmas, in a second file. Both take turns, so that a busy machine slows both.
"""

import gc
import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from shutil import copy
from statistics import median
from tempfile import TemporaryDirectory
from typing import Any

from monitor.domain.calls import Attribution, Call, Kind, Origin, Timings
from monitor.domain.dedupe import dedupe_key
from monitor.domain.endpoints import Endpoint
from monitor.domain.outcomes import Outcome
from monitor.domain.prices import PriceList
from monitor.domain.usage import Usage, UsageState
from monitor.runtime.loading import loading
from monitor.services import calls
from monitor.services.reference import Reference
from monitor.storage import attributions, statements
from monitor.storage.calls import COLUMNS
from monitor.storage.engine import Database
from tests import making
from tests.performance.figures import Figure, clock, find_median_ratio

ENDPOINTS = tuple(Endpoint(f"acme/{n}", making.TARGET, f"acme/{n}", str(n)) for n in range(10))
WHO = tuple(Attribution(f"team {n % 4}", "shop", f"app {n}", "prod") for n in range(8))
STEP_MS = 20
#: Round midnight a call may have been dated twice, and is looked for; a day has 22 other hours.
NOON_MS = making.MONDAY_MS + 12 * 3_600_000
_FAILED_EACH = 31  # a prime: all endpoints and attributions have their share
_PRAGMAS = ("journal_mode=WAL", "synchronous=FULL", "foreign_keys=ON", "cache_size=-32768")
_SELECT = f"SELECT {', '.join(COLUMNS)} FROM call WHERE id > ? ORDER BY id"  # noqa: S608 -- names are ours
_GOALS = {500: 0.25, 5_000: 0.4}


@dataclass(frozen=True, slots=True)
class Rounds:
    """Seconds of each round, ours and bare, and the calls that a round writes."""

    calls: int
    ours_s: list[float]
    bare_s: list[float]

    @property
    def share(self) -> float:
        """Our calls per second as a share of the bare ones: the median over rounds."""
        return find_median_ratio(zip(self.bare_s, self.ours_s, strict=True))

    @property
    def ours_per_s(self) -> float:
        return self.calls / median(self.ours_s)

    @property
    def bare_per_s(self) -> float:
        return self.calls / median(self.bare_s)


def measure(rounds: int = 9, calls_a_round: int = 5_000) -> list[Figure]:
    """Shares and speeds, in small and large batches, of live and of imported calls."""
    with loading():
        pass  # the collector is then as a running monitor has it
    return [
        figure
        for batch in (500, 5_000)
        for is_live in (True, False)
        for figure in _tell(
            batch, run(batch, rounds, calls_a_round, is_live=is_live), is_live=is_live
        )
    ]


def run(batch: int, rounds: int, calls_a_round: int, *, is_live: bool) -> Rounds:
    """Record round by round, ours and then bare; a first round, to warm up, is not counted."""
    with TemporaryDirectory() as folder, closing(open_prepared(Path(folder))) as database:
        reference = refer(database)
        with closing(open_bare(Path(folder))) as bare:
            traffic = list_traffic(is_live=is_live)
            timed = [
                _run_round(database, bare, reference, _cut(traffic, calls_a_round, batch))
                for _ in range(rounds + 1)
            ]
    ours_s, bare_s = zip(*timed[1:], strict=True)
    return Rounds(calls_a_round, list(ours_s), list(bare_s))


def open_prepared(folder: Path, prices: PriceList = making.PRICES) -> Database:
    """A database that knows the endpoints, their prices and who calls; and its copy beside it."""
    priced = dict.fromkeys((endpoint.id for endpoint in ENDPOINTS), prices)
    database = making.open_database(folder, ENDPOINTS, priced)
    with database.writing() as session:
        attributions.intern(session, WHO)
    database.close()
    copy(folder / "inferwatch.db", folder / "bare.db")
    return database


def refer(database: Database) -> Reference:
    """What the writer keeps at hand."""
    reference = making.load_reference(database)
    with database.writing() as session:
        reference.attribution_ids.update(attributions.intern(session, WHO))
    return reference


def open_bare(folder: Path) -> sqlite3.Connection:
    """A bare connection to the copy, with the pragmas of our writer."""
    bare = sqlite3.connect(folder / "bare.db", isolation_level=None)
    for pragma in _PRAGMAS:
        bare.execute(f"PRAGMA {pragma}")
    return bare


def list_traffic(*, is_live: bool) -> Iterator[Call]:
    """Calls of a team without end, one each 20 ms, three in a hundred failed."""
    number = 0
    while True:
        yield make_call(number, is_live=is_live)
        number += 1


def make_call(number: int, *, is_live: bool, from_ms: int = NOON_MS) -> Call:
    """The call of a number: always the same one."""
    started_ms = from_ms + number * STEP_MS
    is_good = number % _FAILED_EACH != 0
    ttft_s = 0.2 + number * 7 % 300 / 1_000
    total_s = ttft_s + 0.5 + number * 13 % 2_000 / 1_000
    usage = Usage(input=500 + number % 1_500, cache_read=number % 400, output=50 + number % 350)
    return Call(
        endpoint=ENDPOINTS[number % len(ENDPOINTS)].id,
        origin=Origin.API if is_live else Origin.IMPORT,
        kind=Kind.REQUEST,
        started_ms=started_ms,
        ended_ms=started_ms + round(total_s * 1_000),
        outcome=Outcome.OK if is_good else Outcome.OVERLOADED,
        http_status=200 if is_good else 503,
        timings=Timings(ttft_s=ttft_s if is_good else None, total_s=total_s),
        usage=usage if is_good else None,
        usage_state=UsageState.MEASURED if is_good else UsageState.MISSING,
        attribution=WHO[number // len(ENDPOINTS) % len(WHO)],
        is_live=is_live,
        dedupe_key=dedupe_key("bench", str(number), started_ms),
    )


def write_ours(database: Database, batch: Sequence[Call], reference: Reference) -> None:
    """One batch, as the writer does it: priced, recorded, committed."""
    recorded_ms = batch[-1].ended_ms
    entries = [calls.price(call, reference, recorded_ms) for call in batch]
    with database.writing() as session:
        calls.record(session, entries, reference)


def write_bare(bare: sqlite3.Connection, batch: Sequence[tuple[Any, ...]]) -> None:
    """One batch of rows, committed."""
    bare.execute("BEGIN IMMEDIATE")
    bare.executemany(_INSERT, batch)
    bare.execute("COMMIT")


def _cut(traffic: Iterator[Call], size: int, batch: int) -> list[list[Call]]:
    return [list(islice(traffic, batch)) for _ in range(max(1, size // batch))]


def _run_round(
    database: Database,
    bare: sqlite3.Connection,
    reference: Reference,
    batches: list[list[Call]],
) -> tuple[float, float]:
    [last] = bare.execute("SELECT coalesce(max(id), 0) FROM call").fetchone()
    gc.collect()
    ours_s = clock(lambda batch: write_ours(database, batch, reference), batches)
    rows = _read_rows(database, last)
    parts = [list(islice(rows, len(batch))) for batch in batches]
    gc.collect()
    return ours_s, clock(lambda part: write_bare(bare, part), parts)


def _read_rows(database: Database, after: int) -> Iterator[tuple[Any, ...]]:
    with closing(sqlite3.connect(str(database.path))) as reader:
        return iter(reader.execute(_SELECT, (after,)).fetchall())


def _tell(batch: int, found: Rounds, *, is_live: bool) -> list[Figure]:
    key = f"record_{batch}" + ("" if is_live else "_import")
    what = f"{'live' if is_live else 'imported'} calls in batches of {batch:,}"
    goal = _GOALS[batch] if is_live else None
    return [
        Figure(f"{key}_share", found.share, "×", f"record(), {what}, against bare SQLite", goal),
        Figure(f"{key}_per_s", found.ours_per_s, "calls/s", f"record(), {what}"),
        Figure(f"{key}_bare_per_s", found.bare_per_s, "calls/s", f"bare SQLite, {what}"),
    ]


_INSERT = statements.insert("call", COLUMNS)
