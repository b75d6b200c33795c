"""How spend adds up: each day is its calls, and what is projected says of what."""

from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from monitor.domain.budgets import Budget, InForce, Scope, ScopeKind
from monitor.domain.calls import Call
from monitor.domain.dimensions import EVERYTHING, Filters
from monitor.domain.periods import Cycle, Period
from monitor.domain.windows import DAY_MS, HOUR_MS, Window, day_of
from monitor.services import budgets
from monitor.services.courses import Course, course, fitting
from tests.making import MONDAY_MS
from tests.services.test_replay import QUICK
from tests.services.test_spend import BLUE, COST, DAY_S, RED, ZONES, calls_of, ledgers, opened, told

UTC = ZoneInfo("UTC")


def run(recorded: list[Call], now_ms: int, filters: Filters = EVERYTHING) -> Course:
    with opened(recorded) as database, database.reading() as session:
        cycle = Cycle(Period.MONTH, UTC)
        return course(session, cycle, now_ms, now_ms, filters)


def test_a_month_goes_on_as_the_last_seven_days_did() -> None:
    found = run([told(DAY_S * n) for n in range(12)], MONDAY_MS + 11 * DAY_MS + 12 * HOUR_MS)

    # 13 March at noon, so far twelve days; 18.5 days are left of it.
    assert (found.so_far.cost_nano_usd, found.paced_days) == (12 * COST, 7)
    assert found.projected_nano_usd == 12 * COST + COST * 37 // 2


def test_the_day_that_a_team_began_on_is_not_a_complete_one() -> None:
    recorded = [told(DAY_S * n + 6 * 3_600) for n in (3, 4, 5)]
    found = run(recorded, MONDAY_MS + 5 * DAY_MS + 12 * HOUR_MS)

    assert found.paced_days == 1
    assert found.projected_nano_usd == 3 * COST + COST * 49 // 2


def test_without_a_complete_day_nothing_is_projected() -> None:
    found = run([told(0)], MONDAY_MS + HOUR_MS)

    assert (found.projected_nano_usd, found.so_far.n) == (None, 1)


def test_a_month_that_is_over_is_not_projected() -> None:
    with opened([told(0)]) as database, database.reading() as session:
        later_ms = MONDAY_MS + 40 * DAY_MS
        found = course(session, Cycle(Period.MONTH, UTC), MONDAY_MS, later_ms)

    assert (found.projected_nano_usd, len(found.days), len(found.before)) == (None, 31, 28)


def test_calls_of_unknown_cost_are_not_projected_as_nothing() -> None:
    found = run([told(DAY_S * n, None) for n in range(5)], MONDAY_MS + 4 * DAY_MS + HOUR_MS)

    assert (found.so_far.spend_nano_usd, found.projected_nano_usd) == (None, None)


def test_filters_leave_only_their_own_calls() -> None:
    recorded = [told(0), told(1, attribution=BLUE)]

    assert run(recorded, MONDAY_MS + HOUR_MS, Filters(team="blue")).so_far.n == 1


def test_a_budgets_period_is_projected_as_the_budget_itself_is() -> None:
    cycle = Cycle(Period.WEEK, ZoneInfo("Asia/Kathmandu"), weekday=2)
    budget = Budget("reds", Scope(ScopeKind.TEAM, "red"), 10**9, cycle)
    now_ms = MONDAY_MS + 11 * DAY_MS + 5 * HOUR_MS
    recorded = [told(DAY_S * n / 3, attribution=[RED, BLUE][n % 2]) for n in range(30)]
    with opened(recorded) as database:
        with database.writing() as session:
            budgets.install(session, (budget,), now_ms)
        with database.reading() as session:
            [standing] = budgets.standing(session, now_ms)
            found = course(session, cycle, now_ms, now_ms, Filters(team="red"))

    assert found.projected_nano_usd == standing.projected_nano_usd
    assert found.so_far.cost_nano_usd == standing.spent.nano_usd > 0


def test_four_weeks_make_a_forecast_that_is_the_budgets_too() -> None:
    cycle = Cycle(Period.MONTH, UTC)
    budget = Budget("all", Scope(ScopeKind.TOTAL), 60 * COST, cycle)
    now_ms = MONDAY_MS + 40 * DAY_MS + 12 * HOUR_MS
    with opened([told(DAY_S * n) for n in range(41)]) as database:
        with database.writing() as session:
            budgets.install(session, (budget,), now_ms)
        with database.reading() as session:
            [standing] = budgets.standing(session, now_ms)
            found = course(session, cycle, now_ms, now_ms)

    # 11 April at noon: eleven calls so far; 19.5 days are to come, with one call each.
    assert found.outlook == standing.outlook
    assert found.outlook is not None
    assert (found.outlook.days, found.outlook.record) == (40, (0, 0))
    assert found.outlook.forecast.total.middle == 11 * COST + COST * 39 // 2
    assert (standing.projected_nano_usd, standing.breach_permille) == (61 * COST // 2, 0)


def test_a_breach_is_told_of_by_the_day_that_is_as_likely_as_not() -> None:
    cycle = Cycle(Period.MONTH, UTC)
    budget = Budget("all", Scope(ScopeKind.TOTAL), 20 * COST, cycle)
    now_ms = MONDAY_MS + 40 * DAY_MS + 12 * HOUR_MS
    with opened([told(DAY_S * n) for n in range(41)]) as database:
        with database.writing() as session:
            budgets.install(session, (budget,), now_ms)
        with database.reading() as session:
            [standing] = budgets.standing(session, now_ms)
            assert budgets.untold(session, now_ms) == ["all"]

    assert standing.breach_permille == 1000
    # The end of 20 April in St. John's, where the ledger is at home.
    assert standing.breach_ms == MONDAY_MS + 50 * DAY_MS + 5 * HOUR_MS // 2 - 1


@settings(max_examples=5, deadline=None, phases=QUICK)
@given(
    recorded=ledgers(),
    zone=st.sampled_from(ZONES),
    period=st.sampled_from(Period),
    at_ms=st.integers(0, 14 * DAY_MS),
)
def test_each_day_is_the_sum_of_its_calls(
    recorded: list[Call], zone: ZoneInfo, period: Period, at_ms: int
) -> None:
    end_ms = MONDAY_MS + 15 * DAY_MS
    with opened(recorded) as database:
        with database.reading() as session:
            found = course(session, Cycle(period, zone), MONDAY_MS + at_ms, end_ms)
        calls = calls_of(database, Window(0, end_ms))

    for each in (*found.days, *found.before):
        own = [
            call["cost_nano_usd"] or 0
            for call in calls
            if call["origin"] != "probe" and day_of(call["started_ms"], zone) == each.day
        ]
        assert (each.totals.n, each.totals.cost_nano_usd) == (len(own), sum(own))
    assert [each.day for each in found.before] == list(found.before_period)
    assert found.before_period.stop == found.period.start


@pytest.mark.parametrize(
    ("filters", "found"),
    [
        (EVERYTHING, "all"),
        (Filters(team="red"), "reds"),
        (Filters(team="blue"), None),
        (Filters(team="red", model="x"), None),
    ],
)
def test_a_budget_is_shown_where_it_is_of_just_these_calls(
    filters: Filters, found: str | None
) -> None:
    scopes = {"reds": Scope(ScopeKind.TEAM, "red"), "all": Scope(ScopeKind.TOTAL)}
    cycle = Cycle(Period.MONTH, UTC)
    held = [InForce(Budget(n, s, 1, cycle), Window(0, 1), 1) for n, s in scopes.items()]
    fits = fitting(held, filters)

    assert (fits and fits.budget.name) == found
