from collections.abc import Iterator
from dataclasses import replace
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitor.domain.amounts import dollars
from monitor.domain.money import NANO_PER_USD
from monitor.domain.plan import (
    DAY_S,
    Budgets,
    Pace,
    PlannedProbe,
    ProbePlan,
    Size,
    Wish,
    plan,
    probe_costs,
)
from monitor.domain.prices import PriceList, Rate
from monitor.domain.purposes import INFER, PERFORMANCE

NOON_MS = 1_795_348_800_000
SIZE = Size(input=40, most_input=100, output=16)
DOLLAR = Budgets(NANO_PER_USD)


def wish(name: str, interval_s: float | None = 300.0, provider: str = "a") -> Wish:
    return Wish(name, provider, INFER, interval_s, SIZE)


def price(input_pico: int, output_pico: int) -> PriceList:
    rates = (Rate("input", input_pico), Rate("output", output_pico))
    return PriceList(rates, source="test", valid_from_ms=0)


GPT_4O = price(2_500_000, 10_000_000)
COST, MOST = 40 * 2_500 + 16 * 10_000, 100 * 2_500 + 16 * 10_000
FREE = price(0, 0)


def test_a_probe_costs_its_typical_input_and_its_limit_out() -> None:
    assert probe_costs(SIZE, GPT_4O, NOON_MS) == (COST, MOST)


def test_a_probe_without_a_price_has_no_cost() -> None:
    assert probe_costs(SIZE, None, NOON_MS) is None


def test_a_price_without_output_prices_no_probe_that_has_any() -> None:
    only_input = PriceList((Rate("input", 1_000),), source="test", valid_from_ms=0)

    assert probe_costs(SIZE, only_input, NOON_MS) is None
    assert probe_costs(SIZE._replace(output=0), only_input, NOON_MS) == (40, 100)


def test_a_price_that_changes_with_the_hour_counts_at_its_dearest() -> None:
    night = (Rate("input", 0, -1, 600, 60), Rate("output", 0, -1, 600, 60))
    day = (Rate("input", 1_000, -1, 60, 600), Rate("output", 0, -1, 60, 600))
    prices = PriceList((*night, *day), source="test", valid_from_ms=NOON_MS + 1)

    assert probe_costs(SIZE, prices, NOON_MS) == (40, 100)


def test_within_the_budget_intervals_stay_as_asked() -> None:
    fitted = plan([wish("a")], {"a": GPT_4O}, DOLLAR, NOON_MS)

    assert fitted.of("a").interval_s == 300
    assert fitted.day_nano_usd == COST * 288
    assert not fitted.is_stretched


def test_a_tenth_of_the_budget_is_left_to_confirmations() -> None:
    budget = COST * 288
    fitted = plan([wish("a")], {"a": GPT_4O}, Budgets(budget), NOON_MS)

    assert fitted.of("a").pace is Pace.STRETCHED
    assert budget * 0.89 < fitted.day_nano_usd <= budget * 0.9


def test_over_the_budget_paid_intervals_are_stretched_alike() -> None:
    asked = [wish("a", 60), wish("b", 300), wish("c", 60)]
    fitted = plan(asked, {"a": GPT_4O, "b": GPT_4O, "c": FREE}, Budgets(10_000_000), NOON_MS)
    per_day = COST * (1440 + 288)

    assert [p.interval_s for p in fitted.probes] == [
        -(-60 * per_day // 9_000_000),
        -(-300 * per_day // 9_000_000),
        60,
    ]
    assert [p.pace for p in fitted.probes] == [Pace.STRETCHED, Pace.STRETCHED, Pace.AS_ASKED]


def test_a_providers_own_budget_stretches_its_probes_alone() -> None:
    asked = [wish("a", provider="a"), wish("b", provider="b")]
    budgets = Budgets(NANO_PER_USD, {"a": COST * 144})
    fitted = plan(asked, {"a": GPT_4O, "b": GPT_4O}, budgets, NOON_MS)

    assert [p.pace for p in fitted.probes] == [Pace.STRETCHED, Pace.AS_ASKED]
    assert fitted.day_by_provider["a"] <= COST * 144


def test_all_kinds_of_an_endpoint_are_planned_and_paid_together() -> None:
    long = replace(wish("a", 10_800), purpose=PERFORMANCE, size=Size(1_000, 6_000, 160))
    fitted = plan([wish("a"), long], {"a": GPT_4O}, DOLLAR, NOON_MS)

    assert fitted.day_nano_usd == COST * 288 + (1_000 * 2_500 + 160 * 10_000) * 8
    assert fitted.of("a", PERFORMANCE).interval_s == 10_800


@pytest.mark.parametrize(
    ("prices", "budget", "pace"),
    [
        ({}, NANO_PER_USD, Pace.UNPRICED),
        ({"a": GPT_4O}, 0, Pace.NO_BUDGET),
        ({"a": GPT_4O}, MOST - 1, Pace.TOO_DEAR),
    ],
)
def test_what_may_not_be_paid_is_not_sent(
    prices: dict[str, PriceList], budget: int, pace: Pace
) -> None:
    planned = plan([wish("a")], prices, Budgets(budget), NOON_MS).of("a")

    assert (planned.interval_s, planned.day_nano_usd, planned.pace) == (None, 0, pace)


def test_what_is_too_dear_takes_nothing_from_the_others() -> None:
    dear = replace(wish("a"), size=Size(40, 10**9, 16))
    fitted = plan([dear, wish("b")], {"a": GPT_4O, "b": GPT_4O}, DOLLAR, NOON_MS)

    assert [p.pace for p in fitted.probes] == [Pace.TOO_DEAR, Pace.AS_ASKED]


def test_an_unpriced_probe_that_is_allowed_has_an_unknown_cost() -> None:
    planned = plan([wish("a")], {}, Budgets(0), NOON_MS, unpriced_too={"a"}).of("a")

    assert (planned.interval_s, planned.day_nano_usd) == (300, None)


def test_free_probes_need_no_budget() -> None:
    assert plan([wish("a")], {"a": FREE}, Budgets(0), NOON_MS).of("a").interval_s == 300


def test_a_probe_that_is_switched_off_costs_nothing() -> None:
    fitted = plan([wish("a", None)], {"a": GPT_4O}, DOLLAR, NOON_MS)

    assert (fitted.of("a").pace, fitted.day_nano_usd) == (Pace.OFF, 0)


def test_an_unknown_endpoint_has_no_plan() -> None:
    with pytest.raises(KeyError):
        ProbePlan((), Budgets(0)).of("a")


rates = st.integers(0, 10**9)
intervals_s = st.floats(15, 86_400)
asked_probes = st.lists(st.tuples(rates, rates, intervals_s, st.sampled_from("ab")), max_size=6)


def day_of(probes: Iterator[PlannedProbe]) -> float:
    return sum((p.cost_nano_usd or 0) * DAY_S / p.interval_s for p in probes if p.interval_s)


@given(asked_probes, st.integers(0, 10**12), st.integers(0, 10**12))
def test_a_plan_never_exceeds_a_budget_and_never_shortens(
    asked: list[tuple[int, int, float, str]], total: int, own: int
) -> None:
    wishes = [wish(str(n), interval_s, name) for n, (_, _, interval_s, name) in enumerate(asked)]
    prices = {str(n): price(i, o) for n, (i, o, _, _) in enumerate(asked)}
    fitted = plan(wishes, prices, Budgets(total, {"a": own}), NOON_MS)

    assert day_of(iter(fitted.probes)) <= total * (1 + 1e-9)
    assert day_of(p for p in fitted.probes if p.provider == "a") <= own * (1 + 1e-9)
    assert all(
        p.interval_s is None or p.interval_s >= (p.asked_interval_s or 0) for p in fitted.probes
    )


@pytest.mark.parametrize(
    ("usd", "text"),
    [
        ("0", "$0"),
        ("1234.5", "$1,234.50"),
        ("0.5", "$0.50"),
        ("0.12345", "$0.123"),
        ("0.0000156", "$0.0000156"),
        ("0.000000001", "$0.000000001"),
        ("-2", "−$2.00"),
        ("0.9999", "$1.00"),
    ],
)
def test_little_money_is_not_shown_as_none(usd: str, text: str) -> None:
    assert dollars(int(Decimal(usd) * NANO_PER_USD)) == text
