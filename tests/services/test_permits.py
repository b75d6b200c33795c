from collections.abc import Iterator
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from monitor.domain.plan import ProbePlan, plan
from monitor.domain.usage import Usage, UsageState
from monitor.domain.windows import DAY_MS
from monitor.services.permits import Permits
from monitor.storage.engine import Database
from monitor.storage.gaps import GapReason
from tests.making import ENDPOINT, MONDAY_MS, OTHER, PRICES, open_database, probe, record
from tests.monitors import FREE

NOON_MS = MONDAY_MS + DAY_MS // 2
PROBE_NANO_USD = 260_000


@pytest.fixture
def database(tmp_path: Path) -> Iterator[Database]:
    database = open_database(tmp_path)
    yield database
    database.close()


def make_plan(budget_nano_usd: int = 10**9, unpriced_too: tuple[str, ...] = ()) -> ProbePlan:
    prices = {ENDPOINT.id: PRICES}
    return plan([ENDPOINT, OTHER], prices, budget_nano_usd, NOON_MS, unpriced_too=unpriced_too)


def make_permits(database: Database, plan: ProbePlan, zone: str = "UTC") -> Permits:
    return Permits(database, plan, ZoneInfo(zone))


def spend(database: Database, at_s: float) -> None:
    """One probe of 0.26 thousandths of a dollar."""
    record(
        database,
        [probe(at_s, usage=Usage(input=40, output=16), usage_state=UsageState.MEASURED)],
    )


def test_a_probe_within_the_budget_is_permitted(database: Database) -> None:
    spend(database, 60)

    permits = make_permits(database, make_plan(2 * PROBE_NANO_USD))

    assert permits.refuse(ENDPOINT, NOON_MS) is None


def test_a_probe_that_would_cross_the_cap_is_refused(database: Database) -> None:
    spend(database, 60)

    permits = make_permits(database, make_plan(2 * PROBE_NANO_USD - 1))

    assert permits.refuse(ENDPOINT, NOON_MS) is GapReason.CAPPED


def test_the_next_day_has_its_own_money(database: Database) -> None:
    spend(database, 60)

    permits = make_permits(database, make_plan(PROBE_NANO_USD))

    assert permits.refuse(ENDPOINT, NOON_MS + DAY_MS) is None


def test_days_are_those_of_the_home_zone(database: Database) -> None:
    spend(database, 60)

    permits = make_permits(database, make_plan(PROBE_NANO_USD), "America/New_York")

    assert permits.refuse(ENDPOINT, NOON_MS) is None


def test_free_probes_go_on_at_the_cap(database: Database) -> None:
    spend(database, 60)
    free = plan([ENDPOINT], {ENDPOINT.id: FREE}, 0, NOON_MS)

    assert make_permits(database, free).refuse(ENDPOINT, NOON_MS) is None


def test_an_endpoint_without_a_price_is_not_asked(database: Database) -> None:
    permits = make_permits(database, make_plan())

    assert permits.refuse(OTHER, NOON_MS) is GapReason.UNPRICED


def test_an_endpoint_without_a_price_is_asked_where_the_plan_says_so(database: Database) -> None:
    permits = make_permits(database, make_plan(unpriced_too=(OTHER.id,)))

    assert permits.refuse(OTHER, NOON_MS) is None


def test_a_refusal_is_news_once_a_day(database: Database) -> None:
    permits = make_permits(database, make_plan())

    news = [permits.is_news(OTHER, GapReason.CAPPED, NOON_MS + n * DAY_MS // 2) for n in range(4)]

    assert news == [True, True, False, True]


def test_a_refusal_is_remembered_until_a_permit(database: Database) -> None:
    spend(database, 60)
    permits = make_permits(database, make_plan(PROBE_NANO_USD))
    permits.refuse(ENDPOINT, NOON_MS)
    was_refused = permits.was_refused(ENDPOINT)
    permits.refuse(ENDPOINT, NOON_MS + DAY_MS)

    assert (was_refused, permits.was_refused(ENDPOINT)) == (True, False)
