"""Concurrency: calls per second where 64 callers each wait for every one of their calls."""

import asyncio
from contextlib import closing
from itertools import count
from pathlib import Path
from tempfile import TemporaryDirectory
from time import perf_counter

from monitor.runtime.clock import Clock
from monitor.runtime.ledger import Ledger
from monitor.runtime.spool import Spool
from tests.performance import recording
from tests.performance.figures import Figure

CALLERS = 64


def measure(seconds: float = 4.0, callers: int = CALLERS) -> list[Figure]:
    """Calls per second, each durable before its caller goes on."""
    with (
        TemporaryDirectory() as folder,
        closing(recording.open_prepared(Path(folder))) as database,
        closing(Ledger(database, Spool(Path(folder) / "spool"), Clock())) as ledger,
    ):
        asyncio.run(_record(ledger, 0.5, callers, from_number=0))
        found = asyncio.run(_record(ledger, seconds, callers, from_number=1_000_000))
    about = f"record(), one at a time, {callers} concurrent callers"
    return [Figure(f"callers_{callers}_per_s", found, "calls/s", about)]


async def _record(ledger: Ledger, seconds: float, callers: int, from_number: int) -> float:
    numbers, from_ms = count(from_number), Clock().now_ms() - from_number * recording.STEP_MS
    begun = perf_counter()

    async def call_on() -> int:
        recorded = 0
        while perf_counter() - begun < seconds:
            call = recording.make_call(next(numbers), is_live=True, from_ms=from_ms)
            await ledger.record([call])
            recorded += 1
        return recorded

    recorded = sum(await asyncio.gather(*(call_on() for _ in range(callers))))
    return recorded / (perf_counter() - begun)
