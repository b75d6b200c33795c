"""Making: small, plain endpoints, calls and databases for tests of every floor."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from monitor.domain.calls import Call, Kind, Origin
from monitor.domain.endpoints import Endpoint, Flavour, Target
from monitor.domain.outcomes import Outcome, Result
from monitor.domain.prices import PriceList, Rate
from monitor.services import calls, endpoints, prices, reference
from monitor.services.calls import Receipt
from monitor.services.reference import Reference
from monitor.storage import attributions, facts
from monitor.storage.engine import Database
from tests import databases

#: 2026-03-02 00:00 UTC, a Monday.
MONDAY_MS = 1_772_409_600_000

TARGET = Target(
    "acme@default", "acme", "http://127.0.0.1:1/v1", Flavour.OPENAI_CHAT, "default", None
)
ENDPOINT = Endpoint("acme/small", TARGET, "acme/small", "small")
OTHER = Endpoint("acme/large", TARGET, "acme/large", "large")
PRICES = PriceList(
    (Rate("input", 2_500_000), Rate("cache_read", 1_250_000), Rate("output", 10_000_000)),
    source="test",
    valid_from_ms=0,
)


def open_database(
    folder: Path,
    watched: Sequence[Endpoint] = (ENDPOINT, OTHER),
    priced: Mapping[str, PriceList] = {ENDPOINT.id: PRICES},
    zone: str = "UTC",
    now_ms: int = MONDAY_MS,
) -> Database:
    """A migrated database in a folder, that knows the endpoints and prices."""
    database = Database(databases.make(folder))
    with database.writing() as session:
        facts.state(session, facts.HOME_ZONE, zone)
        endpoints.register(session, watched, now_ms)
        prices.install(session, priced, now_ms)
    return database


def load_reference(database: Database) -> Reference:
    """The reference data of a database."""
    with database.reading() as session:
        return reference.load(session)


def record(
    database: Database, recorded: Sequence[Call], now_ms: int | None = None
) -> list[Receipt]:
    """Record calls in one transaction, each as if right after its end unless `now_ms` is given."""
    known = load_reference(database)
    with database.writing() as session:
        known.attribution_ids.update(
            attributions.intern(session, {call.attribution for call in recorded})
        )
    entries = [calls.price(c, known, c.ended_ms if now_ms is None else now_ms) for c in recorded]
    with database.writing() as session:
        return calls.record(session, entries, known)


def probe(at_s: float, outcome: Result = Outcome.OK, *, lasts_s: float = 1.0, **more: Any) -> Call:
    """An infer probe of `ENDPOINT`, starting some seconds after `MONDAY_MS`."""
    started_ms = MONDAY_MS + round(at_s * 1000)
    values: dict[str, Any] = {
        "endpoint": ENDPOINT.id,
        "origin": Origin.PROBE,
        "kind": Kind.INFER,
        "started_ms": started_ms,
        "ended_ms": started_ms + round(lasts_s * 1000),
        "outcome": outcome,
    }
    return Call(**values | more)


def request(at_s: float, outcome: Result = Outcome.OK, **more: Any) -> Call:
    """A team's request to `ENDPOINT`."""
    return probe(at_s, outcome, **{"origin": Origin.API, "kind": Kind.REQUEST} | more)
