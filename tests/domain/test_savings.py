from itertools import starmap

from hypothesis import given
from hypothesis import strategies as st

from monitor.domain.baskets import Sums
from monitor.domain.prices import PriceList, Rate, cost
from monitor.domain.savings import Savings, add, savings
from monitor.domain.tiers import Moment
from monitor.domain.usage import Usage

#: Three dollars in, 0.30 from the cache, 3.75 and 6.00 into it, 15 out.
RATES = {
    "input": 3_000_000,
    "cache_read": 300_000,
    "cache_write_5m": 3_750_000,
    "cache_write_1h": 6_000_000,
    "output": 15_000_000,
}
PRICE = PriceList(tuple(starmap(Rate, RATES.items())), "test", 0, id=1)
FLAT = PRICE.rates_at(Moment())
CALL = Usage(input=100, cache_read=10_000, cache_write_5m=2_000, cache_write_1h=400, output=50)
COST = 100 * 3_000 + 10_000 * 300 + 2_000 * 3_750 + 400 * 6_000 + 50 * 15_000
SPARED, EXTRA = 10_000 * 2_700, 2_000 * 750 + 400 * 3_000


def sums(cost_nano_usd: int = COST, n_costed: int = 1, n_unpriced: int = 0) -> Sums:
    return Sums(CALL, cost_nano_usd, n_costed, n_unpriced)


def test_reads_are_held_against_the_input_rate_and_so_are_writes() -> None:
    found = savings(sums(), FLAT, is_reported=False)

    assert found == Savings(SPARED, EXTRA, exact=12_400)
    assert found.net_nano_usd == SPARED - EXTRA


def test_calls_at_other_rates_count_in_proportion_to_what_was_paid() -> None:
    found = savings(sums(2 * COST), FLAT, is_reported=False)

    assert found == Savings(2 * SPARED, 2 * EXTRA, about=12_400)


def test_calls_without_a_price_spare_nothing() -> None:
    doubled = Sums([2 * each for each in CALL], COST, 1, 1)

    assert savings(doubled, FLAT, is_reported=False) == Savings(SPARED, EXTRA, about=24_800)
    assert savings(sums(0, 0, 1), FLAT, is_reported=False) == Savings(left_out=12_400)


def test_costs_that_a_provider_told_are_left_out_and_counted() -> None:
    assert savings(sums(), FLAT, is_reported=True) == Savings(left_out=12_400)
    assert savings(sums(), None, is_reported=False) == Savings(left_out=12_400)


def test_cached_tokens_at_the_price_of_input_spare_nothing() -> None:
    plain = PriceList((Rate("input", 3_000_000), Rate("output", 15_000_000)), "test", 0, id=1)
    charged = cost(CALL, [plain], 0).nano_usd or 0
    found = savings(Sums(CALL, charged, 1, 0), plain.rates_at(Moment()), is_reported=False)

    assert found == Savings(0, 0, exact=12_400)


@given(st.lists(st.tuples(*[st.integers(0, 9_999)] * 6), min_size=1, max_size=8))
def test_savings_are_what_calls_would_have_cost_more_without_the_cache(
    counts: list[tuple[int, ...]],
) -> None:
    """But for rounding each call: the same calls, all of their input uncached."""
    calls = [Usage(*each) for each in counts]
    priced = [cost(usage, [PRICE], 0).nano_usd or 0 for usage in calls]
    plain = [Usage(input=usage.input_total, output=usage.output) for usage in calls]
    without = sum(cost(usage, [PRICE], 0).nano_usd or 0 for usage in plain)
    leaves = [sum(each) for each in zip(*calls, strict=True)]
    found = savings(Sums(leaves, sum(priced), len(calls), 0), FLAT, is_reported=False)

    assert abs(found.net_nano_usd - (without - sum(priced))) <= len(calls) + 1


def test_savings_add_up() -> None:
    assert add([Savings(1, 2, 3, 4, 5), Savings(1, 1, 1, 1, 1)]) == Savings(2, 3, 4, 5, 6)
    assert add([]) == Savings()
