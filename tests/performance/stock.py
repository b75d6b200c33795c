"""Stock: a ledger that already holds a million calls, or `SCALE` times as many.

Made once by `record()` itself, so that its sums, histograms and indexes are those of a ledger that
grew, and kept in the system's temporary folder by schema revision and size.
"""

import os
import sys
import tempfile
from collections.abc import Iterator
from contextlib import closing
from itertools import count, islice
from pathlib import Path

from monitor.domain.calls import Attribution, Call, Detail, Kind, Origin, Timings
from monitor.domain.dedupe import dedupe_key
from monitor.domain.outcomes import Outcome
from monitor.domain.usage import Usage, UsageState
from monitor.services import calls, reference
from monitor.settings.model import Settings
from monitor.storage import attributions
from monitor.storage.engine import Database
from monitor.storage.migrate import head
from tests import making

CALLS = 1_000_000
_BATCH = 5_000
_TOLD_EACH = 20
#: They fill 30 days, of ten times as many 300: calls are kept for 400.
_STEP_MS = 30 * 86_400_000 // CALLS
_WHO = tuple(Attribution(f"team {n % 4}", "shop", f"app {n}", "prod") for n in range(8))


def scale() -> int:
    """What the environment's `SCALE` says."""
    return int(os.environ.get("SCALE", "1"))


def fetch(settings: Settings, now_ms: int, size: int) -> Path:
    """The file of a stock of so many calls that end yesterday; made where it is not there yet."""
    folder = Path(tempfile.gettempdir()) / f"inferwatch-bench-{os.getuid()}"
    kept = folder / f"{head()}-{size}.db"
    if not kept.exists():
        folder.mkdir(mode=0o700, exist_ok=True)
        for of_before in folder.glob(f"*-{size}.db"):
            of_before.unlink()  # ten million calls take 2.6 GB
        with tempfile.TemporaryDirectory(dir=folder) as making_in:
            _make(Path(making_in), settings, now_ms, size).rename(kept)
    return kept


def _make(folder: Path, settings: Settings, now_ms: int, size: int) -> Path:
    priced = {name: prices for name, prices in settings.prices.items() if prices is not None}
    began_ms = now_ms - 86_400_000 - size * _STEP_MS
    opened = making.open_database(folder, settings.endpoints, priced, now_ms=began_ms)
    names = tuple(endpoint.id for endpoint in settings.endpoints)
    with closing(opened) as database:
        _fill(database, list_calls(names, began_ms), size)
    return folder / "inferwatch.db"


def _fill(database: Database, made: Iterator[Call], size: int) -> None:
    with database.writing() as session:
        numbers = attributions.intern(session, set(_WHO))
    with database.reading() as session:
        known = reference.load(session)
    known.attribution_ids.update(numbers)
    for done in range(0, size, _BATCH):
        batch = list(islice(made, min(_BATCH, size - done)))
        entries = [calls.price(call, known, call.ended_ms) for call in batch]
        with database.writing() as session:
            calls.record(session, entries, known)
        if (done // _BATCH + 1) % _TOLD_EACH == 0:
            sys.stderr.write(f"  stocking the ledger: {done + len(batch):,} of {size:,} calls\n")


def list_calls(endpoints: tuple[str, ...], from_ms: int, source: str = "stock") -> Iterator[Call]:
    """Calls of teams without end, three in a hundred failed: always the same ones of a source."""
    for number in count():
        key = dedupe_key(source, str(number), from_ms + number * _STEP_MS)
        yield _call(number, endpoints[number % len(endpoints)], from_ms + number * _STEP_MS, key)


def _call(number: int, endpoint: str, started_ms: int, key: bytes) -> Call:
    is_good = number % 31 != 0
    ttft_s = 0.2 + number * 7 % 300 / 1_000
    total_s = ttft_s + 0.5 + number * 13 % 2_000 / 1_000
    usage = Usage(input=500 + number % 1_500, cache_read=number % 400, output=50 + number % 350)
    user = (number * 17 % 500).to_bytes(16, "big") if number % 2 else None
    return Call(
        endpoint=endpoint,
        origin=Origin.IMPORT,
        kind=Kind.REQUEST,
        started_ms=started_ms,
        ended_ms=started_ms + round(total_s * 1_000),
        outcome=Outcome.OK if is_good else Outcome.OVERLOADED,
        http_status=200 if is_good else 503,
        timings=Timings(ttft_s=ttft_s if is_good else None, total_s=total_s),
        usage=usage if is_good else None,
        usage_state=UsageState.MEASURED if is_good else UsageState.MISSING,
        attribution=_WHO[number // 10 % len(_WHO)],
        is_live=False,
        dedupe_key=key,
        detail=Detail(request_id=f"req-{number}", user_hash=user),
    )
