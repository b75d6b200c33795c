"""Pricing: calls priced per second, by rates with tiers and hours of the day."""

import gc
from contextlib import closing
from dataclasses import replace
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory

from monitor.domain.calls import Call
from monitor.domain.prices import PriceList, Rate
from monitor.domain.tiers import ServiceTier
from monitor.services import calls
from monitor.storage.calls import row_of
from tests.performance import recording
from tests.performance.figures import Figure, clock

CALLS = 20_000
_TIERED = PriceList(
    (
        Rate("input", 2_500_000),
        Rate("cache_read", 1_250_000),
        Rate("output", 10_000_000),
        Rate("input", 5_000_000, above_tokens=1_200),
        Rate("output", 15_000_000, above_tokens=1_200),
        Rate("output", 5_000_000, from_minute=990, to_minute=30, weekdays=0b001_1111),
        Rate("input", 1_250_000, service_tier=ServiceTier.BATCH),
        Rate("output", 5_000_000, service_tier=ServiceTier.BATCH),
    ),
    source="test",
    valid_from_ms=0,
)


def measure(rounds: int = 9, size: int = CALLS) -> list[Figure]:
    """Calls priced per second, against those that bare SQLite writes."""
    found = [_run(size) for _ in range(rounds)]
    ours_s, bare_s = (median(each) for each in zip(*found, strict=True))
    about = "price(), calls with tiers, hours of the day and service tiers"
    return [
        Figure("pricing_per_s", size / ours_s, "calls/s", about, 100_000),
        Figure("pricing_share", bare_s / ours_s, "×", f"{about}, against bare SQLite's writing"),
    ]


def _run(size: int) -> tuple[float, float]:
    with TemporaryDirectory() as folder:
        with closing(recording.open_prepared(Path(folder), _TIERED)) as database:
            reference = recording.refer(database)
        made = [_with_tier(number) for number in range(size)]
        gc.collect()
        ours_s = clock(lambda call: calls.price(call, reference, call.ended_ms), made)
        entries = [calls.price(call, reference, call.ended_ms) for call in made]
        rows = [row_of(numbered) for numbered in enumerate(entries, start=1)]
        with closing(recording.open_bare(Path(folder))) as bare:
            return ours_s, clock(lambda part: recording.write_bare(bare, part), [rows])


def _with_tier(number: int) -> Call:
    """Spread over a day; one in ten served as a batch."""
    call = recording.make_call(number, is_live=False)
    started_ms = recording.NOON_MS + number * 4_000 % 86_400_000
    tier = ServiceTier.BATCH if number % 10 == 0 else None
    return replace(call, started_ms=started_ms, service_tier=tier)
