"""Seeds: endpoints, calls and slices, put into tables as they are."""

from dataclasses import dataclass, field
from datetime import date
from random import Random
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import insert
from sqlalchemy.orm import Session

from monitor.domain.calls import Kind, Origin, Phase
from monitor.domain.endpoints import Flavour
from monitor.domain.health import Policy, State
from monitor.domain.outcomes import LocalFailure, Outcome, Result
from monitor.domain.prices import CostState
from monitor.domain.usage import LEAVES, UsageState
from monitor.domain.windows import DAY_MS, day_window
from monitor.storage.engine import Database
from monitor.storage.models import operations, prices
from monitor.storage.models.base import Base
from monitor.storage.models.ledger import AttributionRow, EndpointRow

TARGET, ALPHA, BETA = 1, 2, 3
NOBODY, CHAT = 1, 2
MINUTE_MS = 60_000

ENDPOINTS = [
    {"id": TARGET, "slug": "acme@main", "provider": "acme", "model": None},
    {"id": ALPHA, "slug": "acme/alpha", "provider": "acme", "model": "lab/alpha-2025-01-01"},
    {"id": BETA, "slug": "zeta/beta", "provider": "zeta", "model": "lab/beta"},
]
RESULTS: list[Result] = [
    *[Outcome.OK] * 6,
    Outcome.WRONG_ANSWER,
    Outcome.SERVER_ERROR,
    Outcome.RATE_LIMITED,
    LocalFailure.NETWORK_LOCAL,
]


#: A home zone, and a period in which its clock changes (but Kathmandu's, which never does).
HOMES = {
    "Asia/Kathmandu": date(2025, 3, 28),
    "Australia/Lord_Howe": date(2025, 4, 4),
    "Pacific/Chatham": date(2025, 9, 26),
    "America/St_Johns": date(2025, 3, 8),
    "Europe/Berlin": date(2025, 10, 25),
}


@dataclass
class Book:
    """What was seeded: calls as column values, slices as (endpoint, from, to, state)."""

    home: ZoneInfo
    from_ms: int
    to_ms: int
    calls: list[dict[str, Any]] = field(default_factory=list)
    slices: list[tuple[int, int, int, State]] = field(default_factory=list)


class Seeded:
    """A seeded database, and what was seeded. No dataclass: hypothesis would print it all."""

    def __init__(self, database: Database, book: Book) -> None:
        self.database, self.book = database, book


def make_call(number: int, endpoint_id: int, started_ms: int, **values: Any) -> dict[str, Any]:
    """Column values of a measured, computed, good call."""
    leaves = dict.fromkeys(LEAVES, 0) | {"input": 10, "output": 5}
    return {
        "id": number,
        "endpoint_id": endpoint_id,
        "attribution_id": NOBODY,
        "origin": Origin.PROBE,
        "kind": Kind.INFER,
        "outcome": Outcome.OK,
        "http_status": 200,
        "phase": Phase.DONE,
        "started_ms": started_ms,
        "ended_ms": started_ms + 900,
        "recorded_ms": started_ms + 950,
        "is_live": True,
        "gap_ms": 300_000,
        "ttft_us": 250_000,
        "total_us": 900_000,
        "usage_state": UsageState.MEASURED,
        "cost_state": CostState.COMPUTED,
        "cost_nano_usd": 1_000,
        "price_list_id": None,
        "dedupe_key": None,
        **leaves,
        **values,
    }


def create_tables(session: Session) -> None:
    """All tables; what makes them is named, so that every module of them is loaded."""
    assert {operations.Fact, prices.PriceRow}
    Base.metadata.create_all(session.connection())


def seed_names(session: Session, home: ZoneInfo, created_ms: int = 0) -> None:
    """Two endpoints, a target, two attributions, the home zone."""
    common = {
        "base_url": "http://127.0.0.1:9/v1",
        "flavour": Flavour.OPENAI_CHAT.value,
        "key_alias": "main",
        "interval_ms": 300_000,
        "is_probed": True,
        "created_ms": created_ms,
    }
    for row in ENDPOINTS:
        family = None if row["model"] is None else str(row["model"]).removesuffix("-2025-01-01")
        names = {"family": family, "model_name": row["model"]}
        session.execute(insert(EndpointRow).values(**row, **names, **common))
    session.execute(
        insert(AttributionRow),
        [
            {"id": NOBODY, "team": "", "project": "", "app": "", "key": ""},
            {"id": CHAT, "team": "red", "project": "", "app": "chat", "key": ""},
        ],
    )
    session.execute(insert(operations.Fact).values(name="home_zone", value=home.key))


def make_book(home: ZoneInfo, first: date, days: int, calls: int = 400) -> Book:
    """Random calls and slices over whole home days, the same for the same arguments."""
    random = Random(f"{home.key} {first}")
    from_ms = day_window(first.toordinal(), home).from_ms
    book = Book(home, from_ms, day_window(first.toordinal() + days, home).from_ms)
    book.calls = [_draw_call(random, n, book) for n in range(1, calls + 1)]
    for endpoint_id in (ALPHA, BETA):
        book.slices += _draw_slices(random, endpoint_id, book)
    return book


def _draw_call(random: Random, number: int, book: Book) -> dict[str, Any]:
    is_team = random.random() < 0.4
    is_missing, is_priced = random.random() < 0.2, random.random() < 0.8
    leaves: dict[str, Any] = {leaf: random.randrange(100) for leaf in LEAVES}
    return make_call(
        number,
        random.choice((TARGET, ALPHA, ALPHA, BETA)),
        random.randrange(book.from_ms, book.to_ms),
        attribution_id=CHAT if is_team else NOBODY,
        origin=Origin.RECORDER if is_team else Origin.PROBE,
        kind=Kind.REQUEST if is_team else Kind.INFER,
        outcome=random.choice(RESULTS),
        ttft_us=random.choice((None, random.randrange(1, 5_000_000))),
        usage_state=UsageState.MISSING if is_missing else UsageState.MEASURED,
        cost_state=CostState.COMPUTED if is_priced else CostState.UNPRICED,
        cost_nano_usd=random.randrange(10_000) if is_priced else None,
        **(dict.fromkeys(LEAVES) if is_missing else leaves),
    )


def _draw_slices(random: Random, endpoint_id: int, book: Book) -> list[tuple[int, int, int, State]]:
    # Created and settled off the bucket edges, inside the period.
    start, end = book.from_ms + random.randrange(DAY_MS // 4), book.to_ms - 1_234_567
    cuts = sorted({start, end, *(random.randrange(start, end) for _ in range(25))})
    states = [random.choice(list(State)) for _ in cuts]
    return [(endpoint_id, a, b, state) for a, b, state in zip(cuts, cuts[1:], states, strict=False)]


def make_health(
    endpoint_id: int, created_ms: int, settled_ms: int, **values: Any
) -> dict[str, Any]:
    return {
        "endpoint_id": endpoint_id,
        "policy": Policy.PROVIDER,
        "created_ms": created_ms,
        "settled_ms": settled_ms,
        "since_ms": created_ms,
        "state": State.UP,
        "last_tick_ms": settled_ms,
        "gap_ms": 300_000,
        "is_interrupted": False,
        "first_failed_ms": None,
        "failures": 0,
        "passes": 0,
        "first_pass_ms": None,
        "has_incident": False,
        "trail": (),
        "excess": 0,
        "excess_from_ms": None,
        **values,
    }
