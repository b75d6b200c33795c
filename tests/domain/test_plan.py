from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitor.domain.amounts import dollars
from monitor.domain.endpoints import Endpoint, Flavour, Target
from monitor.domain.money import NANO_PER_USD
from monitor.domain.plan import DAY_S, Pace, ProbePlan, plan, probe_cost
from monitor.domain.prices import PriceList, Rate

NOON_MS = 1_795_348_800_000
TARGET = Target("a@default", "a", "https://a.example/v1", Flavour.OPENAI_CHAT, "default", None)


def endpoint(name: str, interval_s: float = 300.0, *, is_probed: bool = True) -> Endpoint:
    return Endpoint(
        name, TARGET, name, name, interval_s=interval_s, output_tokens=16, is_probed=is_probed
    )


def price(input_pico: int, output_pico: int) -> PriceList:
    rates = (Rate("input", input_pico), Rate("output", output_pico))
    return PriceList(rates, source="test", valid_from_ms=0)


GPT_4O = price(2_500_000, 10_000_000)
FREE = price(0, 0)


def test_a_probe_costs_forty_tokens_in_and_its_limit_out() -> None:
    assert probe_cost(endpoint("a"), GPT_4O, NOON_MS) == 40 * 2_500 + 16 * 10_000


def test_a_probe_without_a_price_has_no_cost() -> None:
    assert probe_cost(endpoint("a"), None, NOON_MS) is None


def test_a_price_without_output_prices_no_probe() -> None:
    only_input = PriceList((Rate("input", 1),), source="test", valid_from_ms=0)

    assert probe_cost(endpoint("a"), only_input, NOON_MS) is None


def test_a_price_that_changes_with_the_hour_counts_at_its_dearest() -> None:
    night = (Rate("input", 0, -1, 600, 60), Rate("output", 0, -1, 600, 60))
    day = (Rate("input", 1_000, -1, 60, 600), Rate("output", 0, -1, 60, 600))
    prices = PriceList((*night, *day), source="test", valid_from_ms=NOON_MS + 1)

    assert probe_cost(endpoint("a"), prices, NOON_MS) == 40


def test_within_the_budget_intervals_stay_as_asked() -> None:
    fitted = plan([endpoint("a")], {"a": GPT_4O}, NANO_PER_USD, NOON_MS)

    assert fitted.of("a").interval_s == 300
    assert fitted.day_nano_usd == 260_000 * 288
    assert not fitted.is_stretched


def test_over_the_budget_paid_intervals_are_stretched_alike() -> None:
    asked = [endpoint("a", 60), endpoint("b", 300), endpoint("c", 60)]
    fitted = plan(asked, {"a": GPT_4O, "b": GPT_4O, "c": FREE}, 10_000_000, NOON_MS)
    per_day = 260_000 * (1440 + 288)

    assert [p.interval_s for p in fitted.probes] == [
        -(-60 * per_day // 10_000_000),
        -(-300 * per_day // 10_000_000),
        60,
    ]
    assert [p.pace for p in fitted.probes] == [Pace.STRETCHED, Pace.STRETCHED, Pace.AS_ASKED]


@pytest.mark.parametrize(
    ("prices", "budget", "pace"),
    [({}, NANO_PER_USD, Pace.UNPRICED), ({"a": GPT_4O}, 0, Pace.NO_BUDGET)],
)
def test_what_may_not_be_paid_is_not_sent(
    prices: dict[str, PriceList], budget: int, pace: Pace
) -> None:
    planned = plan([endpoint("a")], prices, budget, NOON_MS).of("a")

    assert (planned.interval_s, planned.day_nano_usd, planned.pace) == (None, 0, pace)


def test_an_unpriced_probe_that_is_allowed_has_an_unknown_cost() -> None:
    planned = plan([endpoint("a")], {}, 0, NOON_MS, unpriced_too={"a"}).of("a")

    assert (planned.interval_s, planned.day_nano_usd) == (300, None)


def test_free_probes_need_no_budget() -> None:
    assert plan([endpoint("a")], {"a": FREE}, 0, NOON_MS).of("a").interval_s == 300


def test_an_endpoint_that_is_not_probed_costs_nothing() -> None:
    fitted = plan([endpoint("a", is_probed=False)], {"a": GPT_4O}, 1, NOON_MS)

    assert (fitted.of("a").pace, fitted.day_nano_usd) == (Pace.OFF, 0)


def test_an_unknown_endpoint_has_no_plan() -> None:
    with pytest.raises(KeyError):
        ProbePlan((), 0).of("a")


rates = st.integers(0, 10**9)
intervals_s = st.floats(15, 86_400)


@given(st.lists(st.tuples(rates, rates, intervals_s), max_size=6), st.integers(0, 10**12))
def test_a_plan_never_exceeds_its_budget_and_never_shortens(
    asked: list[tuple[int, int, float]], budget: int
) -> None:
    endpoints = [endpoint(str(n), interval_s) for n, (_, _, interval_s) in enumerate(asked)]
    prices = {str(n): price(i, o) for n, (i, o, _) in enumerate(asked)}
    fitted = plan(endpoints, prices, budget, NOON_MS)
    spent = sum(
        (p.cost_nano_usd or 0) * DAY_S / p.interval_s for p in fitted.probes if p.interval_s
    )

    assert spent <= budget * (1 + 1e-9)
    assert all(p.interval_s is None or p.interval_s >= p.asked_interval_s for p in fitted.probes)


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
