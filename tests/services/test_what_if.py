"""What if, over a real ledger: which calls are looked at, and which endpoints have prices."""

from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from monitor.domain.calls import Attribution
from monitor.domain.dimensions import EVERYTHING, Filters
from monitor.domain.prices import PriceList, Rate
from monitor.domain.usage import Usage, UsageState
from monitor.domain.windows import DAY_MS, Window
from monitor.services.what_if import Unpriced, candidates, what_if
from monitor.storage.engine import Database
from tests.making import ENDPOINT, MONDAY_MS, OTHER, PRICES, open_database, probe, record, request

pytestmark = pytest.mark.usefixtures("keeper")
DAY = Window(MONDAY_MS, MONDAY_MS + DAY_MS)
CHEAP = PriceList((Rate("input", 1_000), Rate("output", 1_000)), "test", valid_from_ms=0)
USED = Usage(input=1_000, output=100)


@pytest.fixture
def database(tmp_path: Path) -> Iterator[Database]:
    priced = {ENDPOINT.id: PRICES, OTHER.id: CHEAP}
    with closing(open_database(tmp_path, priced=priced)) as opened:
        known: dict[str, Any] = {"usage": USED, "usage_state": UsageState.MEASURED}
        calls = [request(n, **known, attribution=Attribution("red")) for n in range(3)]
        calls += [request(10, **known, attribution=Attribution("blue")), request(11)]
        record(opened, [*calls, probe(12, **known), request(90_000, **known)])
        yield opened


def test_the_teams_calls_of_a_window_are_priced_elsewhere(database: Database) -> None:
    with database.reading() as session:
        found = what_if(session, DAY, EVERYTHING, [OTHER.id, ENDPOINT.id], DAY.to_ms)

    other, own = found.others
    assert (found.since_ms, found.calls, found.no_usage) == (MONDAY_MS, 4, 1)
    assert (other.slug, other.cost.n, other.cost.there_nano_usd) == (OTHER.id, 4, 4 * 1_100)
    assert own.cost.change_nano_usd == 0 < own.cost.here_nano_usd


def test_of_too_many_calls_the_newest_are_looked_at(database: Database) -> None:
    with database.reading() as session:
        found = what_if(session, DAY, Filters(team="red"), [OTHER.id], DAY.to_ms, most=2)

    assert (found.since_ms, found.calls, found.no_usage) == (MONDAY_MS + 1_000, 2, 0)


def test_an_endpoint_without_a_price_is_named(database: Database) -> None:
    with database.reading() as session:
        assert candidates(session, DAY.to_ms) == sorted([ENDPOINT.id, OTHER.id])
        with pytest.raises(Unpriced, match="acme/nothing has no price in force"):
            what_if(session, DAY, EVERYTHING, ["acme/nothing"], DAY.to_ms)
