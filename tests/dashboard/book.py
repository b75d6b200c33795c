"""A book of calls for the tests of pages, written the way the monitor writes."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import ClassVar
from zoneinfo import ZoneInfo

from monitor.domain.calls import Attribution, Call, Detail, Kind, Origin, Timings
from monitor.domain.endpoints import Endpoint, Flavour, Target
from monitor.domain.money import pico_from_usd_per_million
from monitor.domain.outcomes import Outcome, Result
from monitor.domain.prices import PriceList, Rate
from monitor.domain.usage import Usage, UsageState
from monitor.domain.windows import DAY_MS, MINUTE_MS
from monitor.services import calls, endpoints, prices, reference
from monitor.storage import attributions, facts
from monitor.storage.engine import Database

HOME = ZoneInfo("Europe/Berlin")
INTERVAL_MS = 5 * MINUTE_MS
TEAM = Attribution("search", "shop", "assistant", "prod")


@dataclass(frozen=True, slots=True)
class Book:
    """A database, and how tests write to it; `now_ms` is the end of what is written first."""

    home: ClassVar[ZoneInfo] = HOME
    database: Database
    now_ms: int

    def watch(self, ids: Sequence[str], *, since_ms: int, is_priced: bool = True) -> None:
        """Watch endpoints named `provider/model` from an instant on."""
        watched = [endpoint(name) for name in ids]
        with self.database.writing() as session:
            facts.state(session, facts.HOME_ZONE, HOME.key)
            endpoints.register(session, watched, since_ms)
            if is_priced:
                lists = {each.id: price_list(since_ms) for each in watched}
                prices.install(session, lists, since_ms)

    def record(self, made: Iterable[Call]) -> list[int | None]:
        """Record calls as if each had been recorded when it ended; their numbers."""
        with self.database.writing() as session:
            known = reference.load(session)
            listed = list(made)
            whose = {call.attribution for call in listed}
            known.attribution_ids.update(attributions.intern(session, whose))
            entries = [calls.price(call, known, call.ended_ms) for call in listed]
            return [receipt.call_id for receipt in calls.record(session, entries, known)]


def endpoint(name: str) -> Endpoint:
    """An endpoint `provider/model` behind a loopback address."""
    provider, _, model = name.partition("/")
    target = Target(
        f"{provider}@main",
        provider,
        f"http://127.0.0.1:1/{provider}/v1",
        Flavour.OPENAI_CHAT,
        "main",
        None,
    )
    return Endpoint(name, target, name, model)


def price_list(since_ms: int) -> PriceList:
    """Two dollars in, eight out, per million."""
    rates = [("input", "2"), ("output", "8"), ("cache_read", "1")]
    return PriceList(
        tuple(Rate(leaf, pico_from_usd_per_million(Decimal(usd))) for leaf, usd in rates),
        "the tests' own list",
        since_ms,
    )


def probe(name: str, started_ms: int, outcome: Result = Outcome.OK, text: str = "") -> Call:
    """A probe of an endpoint; `text` is what a failed one got."""
    is_good = outcome is Outcome.OK
    total_ms = 600 + started_ms // MINUTE_MS % 7 * 30
    return Call(
        endpoint=name,
        origin=Origin.PROBE,
        kind=Kind.INFER,
        started_ms=started_ms,
        ended_ms=started_ms + total_ms,
        outcome=outcome,
        http_status=200 if is_good else 503,
        timings=Timings(0.012, 0.02, 0.3, 0.4 if is_good else None, total_ms / 1_000),
        usage=Usage(input=20, output=4) if is_good else None,
        usage_state=UsageState.MEASURED if is_good else UsageState.MISSING,
        gap_s=INTERVAL_MS / 1_000,
        detail=Detail(request_id="req_1", finish_reason="stop", excerpt=text or None),
    )


def request(name: str, started_ms: int, *, has_usage: bool = True) -> Call:
    """A good call of a team."""
    usage = Usage(input=900, cache_read=300, output=250, reasoning=50)
    return Call(
        endpoint=name,
        origin=Origin.RECORDER,
        kind=Kind.REQUEST,
        started_ms=started_ms,
        ended_ms=started_ms + 1_800,
        outcome=Outcome.OK,
        http_status=200,
        timings=Timings(None, None, 0.4, 0.5, 1.8),
        usage=usage if has_usage else None,
        usage_state=UsageState.MEASURED if has_usage else UsageState.MISSING,
        attribution=TEAM,
    )


def probes(name: str, first_ms: int, last_ms: int) -> list[Call]:
    """Good probes at the interval."""
    return [probe(name, at) for at in range(first_ms, last_ms, INTERVAL_MS)]


def write_day(book: Book) -> None:
    """A day of three endpoints: one good, one that goes down at the end, one hostile by name."""
    start_ms, now_ms = book.now_ms - DAY_MS, book.now_ms
    book.watch([GOOD, FAILING, HOSTILE], since_ms=start_ms)
    down_ms = now_ms - 20 * MINUTE_MS
    book.record(probes(GOOD, start_ms, now_ms))
    book.record(probes(FAILING, start_ms, down_ms))
    book.record(probes(HOSTILE, start_ms, now_ms))
    failed = [
        probe(FAILING, down_ms + after_ms, Outcome.OVERLOADED, TEXT)
        for after_ms in (0, 3_000, 15_000, INTERVAL_MS, 2 * INTERVAL_MS, 3 * INTERVAL_MS)
    ]
    book.record(failed)
    book.record(request(GOOD, now_ms - n * MINUTE_MS) for n in range(5, 40))
    book.record([request(GOOD, now_ms - 4 * MINUTE_MS, has_usage=False)])


GOOD = "aurora/aurora-large"
FAILING = "borealis/boreal-pro"
HOSTILE = 'evil/<img src=x onerror="window.hurt=1">'
TEXT = '<script>window.hurt=1</script><img src=x onerror="window.hurt=1"> overloaded'
