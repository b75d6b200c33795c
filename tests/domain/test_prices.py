"""What usage costs: by leaf, tier, hour and date; never a partial sum, never a silent zero."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitor.domain.prices import Cost, CostState, PriceList, Rate, cost, in_force
from monitor.domain.tiers import Moment, ServiceTier, TierRule, read_service_tier
from monitor.domain.usage import LEAVES, Usage
from monitor.domain.weekdays import EVERY_DAY

HOUR_MS = 3_600_000
INPUT, OUTPUT = Rate("input", 2_500_000), Rate("output", 10_000_000)
PLAIN = PriceList((INPUT, OUTPUT), "test", valid_from_ms=0, id=7)
UNPRICED = Cost(CostState.UNPRICED)


def listed(*rates: Rate) -> list[PriceList]:
    return [PriceList(rates, "test", valid_from_ms=0)]


def nano(usage: Usage, *rates: Rate, at_ms: int = 0) -> int | None:
    return cost(usage, listed(*rates), at_ms).nano_usd


def test_each_leaf_is_paid_at_its_own_rate() -> None:
    paid = cost(Usage(input=1000, output=100), [PLAIN], 5)

    assert paid == Cost(CostState.COMPUTED, 3_500_000, price_list_id=7)


def test_the_sum_is_rounded_once() -> None:
    assert nano(Usage(input=1, output=1), Rate("input", 400), Rate("output", 400)) == 1


def test_no_usage_is_no_cost_and_not_zero() -> None:
    assert cost(None, [PLAIN], 5) == Cost(CostState.NO_USAGE)


def test_no_price_is_unpriced_and_not_zero() -> None:
    assert cost(Usage(input=1), [], 5) == UNPRICED


def test_a_price_of_zero_is_a_price() -> None:
    assert nano(Usage(input=9, output=9), Rate("input", 0), Rate("output", 0)) == 0


@pytest.mark.parametrize("leaf", ["cache_read", "cache_write_5m", "cache_write_1h", "cache_write"])
def test_a_cache_leaf_without_a_rate_takes_that_of_input(leaf: str) -> None:
    assert nano(Usage(**{leaf: 2}), INPUT, OUTPUT) == 5_000
    assert nano(Usage(**{leaf: 2}), INPUT, Rate(leaf, 1_000_000)) == 2_000


def test_reasoning_without_a_rate_takes_that_of_output() -> None:
    assert nano(Usage(reasoning=2), INPUT, OUTPUT) == 20_000


def test_an_image_without_a_rate_costs_what_other_input_does() -> None:
    assert nano(Usage(input_image=2), INPUT, OUTPUT) == 5_000
    assert nano(Usage(input_image=2), INPUT, Rate("input_image", 1_000_000)) == 2_000


FALLING_BACK = {
    "cache_read",
    "cache_write_5m",
    "cache_write_1h",
    "cache_write",
    "input_image",
    "reasoning",
}


@pytest.mark.parametrize("leaf", [x for x in LEAVES if x not in FALLING_BACK | {"input", "output"}])
def test_any_other_leaf_without_a_rate_makes_the_whole_call_unpriced(leaf: str) -> None:
    assert cost(Usage(**{"input": 10, leaf: 1}), [PLAIN], 5) == UNPRICED


def test_a_fallback_needs_a_rate_to_fall_back_on() -> None:
    assert cost(Usage(reasoning=1), listed(INPUT), 5) == UNPRICED


@pytest.mark.parametrize(
    ("cached", "expected"), [(99_999, 200_000), (100_000, 200_000), (100_001, 400_000)]
)
def test_a_tier_is_a_cliff_above_its_threshold_of_all_input(cached: int, expected: int) -> None:
    rates = (
        Rate("input", 1_000_000),
        Rate("cache_read", 0),
        Rate("output", 2_000_000),
        Rate("output", 4_000_000, above_tokens=100_000),
    )

    assert nano(Usage(cache_read=cached, output=100), *rates) == expected


@pytest.mark.parametrize(
    ("hour", "rate"), [(16, 3), (16.5, 1), (23, 1), (0, 1), (0.49, 1), (0.5, 3), (12, 3)]
)
def test_a_time_of_day_may_wrap_midnight(hour: float, rate: int) -> None:
    night = Rate("input", 1000, from_minute=16 * 60 + 30, to_minute=30)
    days_ms = 20_000 * 24 * HOUR_MS

    assert (
        nano(Usage(input=1), Rate("input", 3000), night, at_ms=days_ms + int(hour * HOUR_MS))
        == rate
    )


def test_the_narrowest_of_several_times_of_day_wins() -> None:
    wide = Rate("input", 2000, from_minute=0, to_minute=600)
    narrow = Rate("input", 1000, from_minute=540, to_minute=600)

    assert nano(Usage(input=1), wide, narrow, at_ms=9 * HOUR_MS) == 1
    assert nano(Usage(input=1), narrow, wide, at_ms=9 * HOUR_MS) == 1


def test_hours_of_fewer_days_win_over_the_same_hours_of_every_day() -> None:
    daily = Rate("input", 2000, from_minute=0, to_minute=60)
    thursdays = Rate("input", 1000, from_minute=0, to_minute=120, weekdays=0b000_1000)

    assert nano(Usage(input=1), daily, thursdays) == 1
    assert nano(Usage(input=1), daily, thursdays, at_ms=24 * HOUR_MS) == 2


def test_a_tier_weighs_more_than_a_time_of_day() -> None:
    tier = Rate("input", 5000, above_tokens=0)
    hour = Rate("input", 1000, from_minute=0, to_minute=60)

    assert nano(Usage(input=1), hour, tier) == 5


def test_the_list_in_force_at_the_start_of_the_call_is_the_one_that_counts() -> None:
    old = PriceList((Rate("input", 1000),), "test", valid_from_ms=0, valid_to_ms=100)
    new = PriceList((Rate("input", 2000),), "test", valid_from_ms=100)
    paid = [cost(Usage(input=1), [new, old], at_ms).nano_usd for at_ms in (-1, 0, 99, 100)]

    assert paid == [None, 1, 1, 2]


def test_of_several_lists_in_force_the_one_recorded_last_counts() -> None:
    first = PriceList((INPUT,), "catalogue", valid_from_ms=50, recorded_ms=1)
    corrected = PriceList((OUTPUT,), "user", valid_from_ms=0, recorded_ms=2)

    assert in_force([corrected, first], 60) is corrected
    assert in_force([first, corrected], 60) is corrected


BATCH = ServiceTier.BATCH
IN_BATCH = Rate("input", 1_250_000, service_tier=BATCH), Rate("output", 5, service_tier=BATCH)


def test_a_service_tier_swaps_the_whole_row() -> None:
    lists = listed(INPUT, Rate("cache_read", 1_000_000), OUTPUT, *IN_BATCH)
    usage = Usage(input=1000, cache_read=1000)

    assert cost(usage, lists, 0).nano_usd == 3_500_000
    assert cost(usage, lists, 0, BATCH).nano_usd == 2_500_000


@pytest.mark.parametrize("tier", list(ServiceTier))
def test_a_call_of_a_tier_without_rates_is_unpriced(tier: ServiceTier) -> None:
    assert cost(Usage(input=1), [PLAIN], 0, tier) == UNPRICED


def test_searches_cost_in_every_tier_what_they_cost_where_it_says_nothing_else() -> None:
    lists = listed(INPUT, *IN_BATCH, Rate("searches", 10_000_000))

    assert cost(Usage(searches=2), lists, 0, BATCH).nano_usd == 20_000


@pytest.mark.parametrize(("tokens", "expected"), [(50, 100), (51, 204)])
def test_a_threshold_may_look_at_input_and_output_together(tokens: int, expected: int) -> None:
    above = Rate("input", 2000, above_tokens=100, tier_rule=TierRule.TOTAL)
    free = Rate("output", 0)

    paid = nano(Usage(input=tokens, output=tokens), Rate("input", 2000), above, free)
    assert paid == 2 * tokens
    dearer = replace(above, pico_usd=4000)
    assert nano(Usage(input=tokens, output=tokens), Rate("input", 2000), dearer, free) == expected


@pytest.mark.parametrize(
    ("tokens", "expected"), [(100, 100), (101, 102), (200, 300), (201, 304), (300, 700)]
)
def test_without_a_cliff_only_tokens_beyond_a_threshold_cost_its_rate(
    tokens: int, expected: int
) -> None:
    steps = [Rate("input", rate, above, tier_rule=TierRule.BEYOND) for rate, above in STEPS]

    assert nano(Usage(input=tokens), Rate("input", 1000), *steps) == expected


STEPS = [(4000, 200), (2000, 100)]


@pytest.mark.parametrize(
    ("said", "tier"),
    [
        (None, None),
        ("default", None),
        ("auto", None),
        ("standard", None),
        ("flex", ServiceTier.FLEX),
        ("Priority", ServiceTier.PRIORITY),
        ("scale", ServiceTier.OTHER),
        (5, None),
    ],
)
def test_the_tier_is_the_one_that_the_answer_echoes(said: object, tier: ServiceTier | None) -> None:
    assert read_service_tier(said) is tier


RATES = st.builds(
    Rate,
    leaf=st.sampled_from(["input", "cache_read", "output", "reasoning", "searches"]),
    pico_usd=st.integers(0, 10**7),
    above_tokens=st.sampled_from([-1, 0, 10, 100]),
    from_minute=st.sampled_from([None, 0, 990]),
    to_minute=st.sampled_from([None, 30, 1000]),
    service_tier=st.sampled_from([None, BATCH]),
    tier_rule=st.sampled_from([TierRule.INPUT, TierRule.TOTAL]),
    weekdays=st.sampled_from([EVERY_DAY, 0b001_1111, 0b100_0000]),
)
MOMENTS = st.builds(
    Moment,
    st.integers(0, 120),
    st.integers(0, 120),
    st.sampled_from([0, 29, 30, 989, 990, 999, 1000, 1439]),
    st.integers(0, 6),
    st.sampled_from([None, BATCH]),
)


@given(st.lists(RATES, max_size=8), st.lists(MOMENTS, min_size=2, max_size=6))
def test_what_is_kept_of_one_call_is_right_for_the_next(
    rates: list[Rate], moments: list[Moment]
) -> None:
    used = PriceList(tuple(rates), "test", valid_from_ms=0)
    found = [used.rates_at(moment) for moment in moments]

    assert found == [PriceList(tuple(rates), "test", 0).rates_at(m) for m in moments]
