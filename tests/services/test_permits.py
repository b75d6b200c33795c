import asyncio
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from monitor.domain.calls import Phase
from monitor.domain.outcomes import Outcome
from monitor.domain.plan import Budgets, PlannedProbe, ProbePlan, plan
from monitor.domain.purposes import INFER, PERFORMANCE, Purpose
from monitor.domain.purse import Hold
from monitor.domain.tiers import ServiceTier
from monitor.domain.usage import Usage, UsageState
from monitor.domain.windows import DAY_MS
from monitor.probes.wishes import wishes
from monitor.services.calls import Receipt
from monitor.services.permits import Permits
from monitor.storage.engine import Database
from monitor.storage.gaps import GapReason
from tests.making import ENDPOINT, MONDAY_MS, OTHER, PRICES, open_database, probe, record
from tests.monitors import FREE

NOON_MS = MONDAY_MS + DAY_MS // 2
SPENT_NANO_USD = 260_000
NAME = ENDPOINT.id
Answer = Hold | GapReason


def make_plan(budget: int = 10**9, unpriced_too: tuple[str, ...] = (), **own: int) -> ProbePlan:
    asked = list(wishes([ENDPOINT, OTHER]))
    budgets = Budgets(budget, own)
    return plan(asked, {NAME: PRICES}, budgets, NOON_MS, unpriced_too=unpriced_too)


MOST_NANO_USD = make_plan().of(NAME).most_nano_usd or 0


@pytest.fixture
def database(tmp_path: Path) -> Iterator[Database]:
    database = open_database(tmp_path)
    yield database
    database.close()


def make_permits(database: Database, plan: ProbePlan, zone: str = "UTC") -> Permits:
    return Permits(database, plan, ZoneInfo(zone))


def spend(database: Database, at_s: float) -> None:
    """One probe of 0.26 thousandths of a dollar."""
    record(
        database,
        [probe(at_s, usage=Usage(input=40, output=16), usage_state=UsageState.MEASURED)],
    )


def of(permits: Permits, endpoint: str = NAME, purpose: Purpose = INFER) -> PlannedProbe:
    return permits._plan.of(endpoint, purpose)


def ask(permits: Permits, endpoint: str = NAME, now_ms: int = NOON_MS) -> Answer:
    return asyncio.run(permits.ask(of(permits, endpoint), now_ms))


def test_a_probe_within_the_budget_is_permitted(database: Database) -> None:
    spend(database, 60)
    permits = make_permits(database, make_plan(SPENT_NANO_USD + MOST_NANO_USD))

    assert isinstance(ask(permits), Hold)


def test_a_probe_that_could_cross_the_cap_is_refused(database: Database) -> None:
    spend(database, 60)
    permits = make_permits(database, make_plan(SPENT_NANO_USD + MOST_NANO_USD - 1))

    assert ask(permits) is GapReason.CAPPED


def test_a_providers_own_cap_holds_below_the_cap_of_all(database: Database) -> None:
    spend(database, 60)
    permits = make_permits(database, make_plan(acme=SPENT_NANO_USD + MOST_NANO_USD - 1))

    assert ask(permits) is GapReason.CAPPED


def test_probes_in_flight_are_counted_at_their_most(database: Database) -> None:
    async def ask_at_once() -> list[Answer]:
        permits = make_permits(database, make_plan(3 * MOST_NANO_USD))
        return await asyncio.gather(*(permits.ask(of(permits), NOON_MS) for _ in range(8)))

    answers = asyncio.run(ask_at_once())

    assert [isinstance(answer, Hold) for answer in answers] == [True] * 3 + [False] * 5


async def make_and_settle(permits: Permits, call: object, receipt: Receipt | None) -> Answer:
    """What is said to a probe after one that came to this end."""
    hold = await permits.ask(of(permits), NOON_MS)
    assert isinstance(hold, Hold)
    await permits.settle(hold, call, receipt)  # type: ignore[arg-type] # both ends are tried
    return await permits.ask(of(permits), NOON_MS)


SENT = probe(60, Outcome.TIMEOUT_TOTAL, phase=Phase.SENT)


@pytest.mark.parametrize(
    ("call", "receipt", "answer"),
    [
        (SENT, Receipt(1), GapReason),  # asked, and never told what it cost
        (replace(SENT, phase=Phase.CONNECTED), Receipt(1), Hold),  # nothing was asked yet
        (replace(SENT, http_status=503), Receipt(1), Hold),  # refused
        (replace(SENT, usage=Usage(input=1)), Receipt(1), Hold),  # the ledger knows
        (
            replace(SENT, usage=Usage(input=1), service_tier=ServiceTier.PRIORITY),
            Receipt(1),
            GapReason,
        ),  # its tier may have no price
        (replace(SENT, usage=Usage(input=1)), Receipt(None), GapReason),  # it lies in the spool
        (None, None, GapReason),  # cut short
    ],
)
def test_money_comes_back_only_where_the_ledger_knows_what_became_of_it(
    database: Database, call: object, receipt: Receipt | None, answer: type[Answer]
) -> None:
    permits = make_permits(database, make_plan(MOST_NANO_USD))

    assert isinstance(asyncio.run(make_and_settle(permits, call, receipt)), answer)


def test_money_of_spooled_calls_comes_back_with_the_next_call_that_is_written(
    database: Database,
) -> None:
    async def use() -> Answer:
        permits = make_permits(database, make_plan(2 * MOST_NANO_USD))
        first, second = [await permits.ask(of(permits), NOON_MS) for _ in range(2)]
        assert isinstance(first, Hold)
        assert isinstance(second, Hold)
        known = replace(SENT, usage=Usage())
        await permits.settle(first, known, Receipt(None))
        await permits.settle(second, known, Receipt(1))
        await permits.ask(of(permits), NOON_MS)
        return await permits.ask(of(permits), NOON_MS)

    assert isinstance(asyncio.run(use()), Hold)


def test_after_a_restart_calls_of_unknown_cost_still_count(database: Database) -> None:
    record(database, [SENT])

    assert ask(make_permits(database, make_plan(MOST_NANO_USD))) is GapReason.CAPPED
    assert isinstance(ask(make_permits(database, make_plan(2 * MOST_NANO_USD))), Hold)


def test_an_extra_probe_gets_only_what_the_plan_leaves_over(database: Database) -> None:
    fitted = make_plan()
    rest = fitted.day_nano_usd // 2
    answers = [
        asyncio.run(
            make_permits(database, replace(fitted, budgets=Budgets(budget))).ask(
                fitted.of(NAME), NOON_MS, is_extra=True
            )
        )
        for budget in (rest + MOST_NANO_USD - 1, rest + MOST_NANO_USD)
    ]

    assert [isinstance(answer, Hold) for answer in answers] == [False, True]


def test_the_next_day_has_its_own_money(database: Database) -> None:
    spend(database, 60)
    permits = make_permits(database, make_plan(MOST_NANO_USD))

    assert isinstance(ask(permits, now_ms=NOON_MS + DAY_MS), Hold)


def test_days_are_those_of_the_home_zone(tmp_path: Path) -> None:
    database = open_database(tmp_path, zone="America/New_York")
    spend(database, 60)
    permits = make_permits(database, make_plan(MOST_NANO_USD), "America/New_York")

    assert isinstance(ask(permits), Hold)
    database.close()


def test_free_probes_go_on_at_the_cap(database: Database) -> None:
    spend(database, 60)
    free = plan(list(wishes([ENDPOINT])), {NAME: FREE}, Budgets(0), NOON_MS)

    assert isinstance(ask(make_permits(database, free)), Hold)


def test_an_endpoint_without_a_price_is_not_asked(database: Database) -> None:
    assert ask(make_permits(database, make_plan()), OTHER.id) is GapReason.UNPRICED


def test_an_endpoint_without_a_price_is_asked_where_the_plan_says_so(database: Database) -> None:
    permits = make_permits(database, make_plan(unpriced_too=(OTHER.id,)))

    assert isinstance(ask(permits, OTHER.id), Hold)


def test_a_refusal_is_news_once_a_day(database: Database) -> None:
    permits = make_permits(database, make_plan())
    news = [permits.is_news("a", GapReason.CAPPED, NOON_MS + n * DAY_MS // 2) for n in range(4)]

    assert news == [True, True, False, True]


def test_a_refusal_is_remembered_until_a_permit(database: Database) -> None:
    spend(database, 60)
    permits = make_permits(database, make_plan(MOST_NANO_USD))
    ask(permits)
    was_refused = permits.was_refused(NAME)
    ask(permits, now_ms=NOON_MS + DAY_MS)

    assert (was_refused, permits.was_refused(NAME)) == (True, False)


def test_a_refused_measurement_of_speed_leaves_confirmations_as_they_are(
    database: Database,
) -> None:
    permits = make_permits(database, make_plan(MOST_NANO_USD))
    refused = asyncio.run(permits.ask(of(permits, purpose=PERFORMANCE), NOON_MS))

    assert (refused, permits.was_refused(NAME)) == (GapReason.CAPPED, False)
