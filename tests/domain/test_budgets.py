"""Budgets: thresholds, overrides, projections; whose calls count."""

from dataclasses import replace
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitor.domain.budgets import (
    PROJECTED,
    Budget,
    InForce,
    Override,
    Pace,
    Scope,
    ScopeKind,
    Spent,
    Threshold,
    Whose,
    breach_ms,
    counts,
    headroom,
    in_force,
    project,
    reached,
)
from monitor.domain.calls import Attribution
from monitor.domain.periods import Cycle, Period
from monitor.domain.windows import DAY_MS, Window

MONTH = Cycle(Period.MONTH, ZoneInfo("UTC"))
BUDGET = Budget("search", Scope(ScopeKind.TEAM, "search"), 1_000, MONTH)
WINDOW = Window(0, 30 * DAY_MS)
HELD = InForce(BUDGET, WINDOW, 1_000)
money = st.integers(0, 10**15)
overrides = st.builds(
    Override,
    budget=st.sampled_from(["search", "other"]),
    amount_nano_usd=st.integers(1, 10**12),
    from_ms=st.integers(0, 100),
    until_ms=st.integers(1, 120),
    by=st.just("me"),
    reason=st.just(""),
    id=st.integers(1, 9),
)


@pytest.mark.parametrize(
    ("spent", "percents"),
    [(499, []), (500, [50]), (799, [50]), (800, [50, 80]), (999, [50, 80]), (1_000, [50, 80, 100])],
)
def test_a_threshold_is_met_at_its_share_and_not_before(spent: int, percents: list[int]) -> None:
    assert [each.percent for each in reached(HELD, spent, None)] == percents


@given(money, st.integers(1, 10**15), st.sets(st.integers(1, 1_000), min_size=1))
def test_nothing_is_met_before_the_headroom_is_used_up_and_then_something_is(
    spent: int, amount: int, percents: set[int]
) -> None:
    thresholds = tuple(map(Threshold, percents))
    held = InForce(replace(BUDGET, thresholds=thresholds), WINDOW, amount)
    before, left = reached(held, spent, None), headroom(held, spent)

    if left is None:
        assert len(before) == len(thresholds)
    else:
        assert left > 0
        assert reached(held, spent + left - 1, None) == before
        assert len(reached(held, spent + left, None)) > len(before)


@pytest.mark.parametrize(
    ("spent", "projected", "is_met"),
    [(600, 1_000, True), (600, 999, False), (600, None, False), (1_000, 2_000, False)],
)
def test_a_projection_is_told_while_there_is_money_left(
    spent: int, projected: int | None, is_met: object
) -> None:
    assert (PROJECTED in reached(HELD, spent, projected)) == is_met


def test_a_projection_goes_on_with_the_pace_of_the_last_days() -> None:
    pace = Pace(70, 7 * DAY_MS)

    assert project(100, pace, WINDOW, 10 * DAY_MS) == 100 + 20 * 10
    assert project(100, pace, WINDOW, 29 * DAY_MS + DAY_MS // 2) == 105
    assert project(100, None, WINDOW, 10 * DAY_MS) is None


@given(money, money, st.integers(0, 30 * DAY_MS))
def test_a_breach_lies_in_the_period_just_where_the_projection_meets_the_amount(
    spent: int, lately: int, now_ms: int
) -> None:
    held, pace = replace(HELD, amount_nano_usd=10**12), Pace(lately, 7 * DAY_MS)
    projected = project(spent, pace, WINDOW, now_ms)
    at_ms = breach_ms(held, spent, pace, now_ms)

    assert projected is not None
    assert (at_ms is not None) == (projected >= held.amount_nano_usd)
    assert at_ms is None or now_ms <= at_ms <= WINDOW.to_ms


def test_of_overrides_that_hold_the_newest_counts_and_none_beyond_its_end() -> None:
    first = Override("search", 5, 10, 90, "me", "", 1)
    second = Override("search", 7, 20, 50, "me", "", 2)
    amounts = [in_force(BUDGET, [first, second], at).amount_nano_usd for at in (9, 10, 20, 50, 90)]

    assert amounts == [1_000, 5, 7, 5, 1_000]


@given(st.lists(overrides, max_size=6), st.integers(0, 130))
def test_an_amount_holds_as_long_as_it_says(made: list[Override], at_ms: int) -> None:
    held = in_force(BUDGET, made, at_ms)
    ends = [each.until_ms for each in made if each.budget == "search"] + [held.window.to_ms]
    begins = [each.from_ms for each in made if each.budget == "search"]
    steps = sorted(each for each in (*ends, *begins) if each > at_ms)

    assert held.holds_until_ms > at_ms
    assert in_force(BUDGET, made, steps[0] - 1).amount_nano_usd == held.amount_nano_usd
    assert held.override is None or held.override.from_ms <= at_ms < held.override.until_ms


CALL = Whose(
    Attribution("search", "site", "https://a.example", "prod"),
    ("https://www.a.example", "https://a.example"),
    "openai",
    "openai/gpt-4o-2024-08-06",
    "openai/gpt-4o",
    is_probe=False,
)


@pytest.mark.parametrize(
    ("scope", "is_counted"),
    [
        (Scope(ScopeKind.TOTAL), True),
        (Scope(ScopeKind.TEAM, "search"), True),
        (Scope(ScopeKind.TEAM, "site"), False),
        (Scope(ScopeKind.PROJECT, "site"), True),
        (Scope(ScopeKind.APP, "https://a.example"), True),
        (Scope(ScopeKind.APP, "https://www.a.example"), True),
        (Scope(ScopeKind.APP, "https://b.example"), False),
        (Scope(ScopeKind.KEY, "prod"), True),
        (Scope(ScopeKind.KEY, "search"), False),
        (Scope(ScopeKind.PROVIDER, "openai"), True),
        (Scope(ScopeKind.PROVIDER, "azure"), False),
        (Scope(ScopeKind.MODEL, "openai/gpt-4o"), True),
        (Scope(ScopeKind.MODEL, "openai/gpt-4o-2024-08-06"), True),
        (Scope(ScopeKind.MODEL, "openai/gpt-4o-mini"), False),
    ],
)
def test_a_call_counts_for_the_budgets_of_its_scope(scope: Scope, is_counted: object) -> None:
    assert counts(replace(BUDGET, scope=scope), CALL) == is_counted


def test_our_own_probes_count_only_where_the_budget_says_so() -> None:
    total = replace(BUDGET, scope=Scope(ScopeKind.TOTAL))
    probe = CALL._replace(is_probe=True)

    assert not counts(total, probe)
    assert counts(replace(total, has_probes=True), probe)


def test_money_of_calls_none_of_which_is_priced_is_not_known_and_not_nothing() -> None:
    assert Spent(0, 3, unpriced=2, no_usage=1).shown_nano_usd is None
    assert (Spent().shown_nano_usd, Spent(5, 3, unpriced=2).shown_nano_usd) == (0, 5)
