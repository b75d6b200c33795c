from collections.abc import Sequence
from dataclasses import dataclass
from itertools import starmap

from hypothesis import given, settings
from hypothesis import strategies as st

from monitor.domain.baskets import CALLS, Basket, Bought, Item, Sums, add, fill
from monitor.domain.movers import Effects, movers, together
from monitor.domain.prices import PriceList, Rate, cost
from monitor.domain.tiers import Moment
from monitor.domain.usage import LEAVES, Usage

NANO = 1_000
#: Dollars per million tokens, in pico-dollars a token.
INPUT, OUTPUT, CACHED = 2_500_000, 10_000_000, 1_250_000


def at(**rates: int) -> PriceList:
    return PriceList(tuple(starmap(Rate, rates.items())), "test", 0, id=1)


PRICE = at(input=INPUT, output=OUTPUT, cache_read=CACHED)


def spend(calls: Sequence[Usage], price: PriceList = PRICE, endpoint_id: int = 1) -> Basket:
    """The basket of calls that were each priced on their own."""
    charged = [cost(usage, [price], 0).nano_usd or 0 for usage in calls]
    leaves = [sum(each) for each in zip(Usage(), *calls, strict=True)]
    sums = Sums(leaves, sum(charged), len(calls), 0)
    return fill(endpoint_id, sums, price.rates_at(Moment()))


def explain(before: Basket, after: Basket) -> Effects:
    [mover] = movers({"team": before}, {"team": after})
    assert sum(mover.effects) == mover.change_nano_usd
    return mover.effects


ONE = Usage(input=1_000, output=100)


def test_twice_as_many_calls_are_volume_alone() -> None:
    assert explain(spend([ONE]), spend([ONE, ONE])) == Effects(volume=3_500_000)


def test_a_dearer_rate_is_price_alone() -> None:
    dearer = at(input=2 * INPUT, output=OUTPUT)

    assert explain(spend([ONE]), spend([ONE], dearer)) == Effects(price=2_500_000)


def test_more_output_among_as_many_tokens_is_mix_alone() -> None:
    longer = Usage(input=900, output=200)

    assert explain(spend([ONE]), spend([longer])) == Effects(mix=750_000)


def test_another_model_is_new_and_the_one_before_is_gone() -> None:
    effects = explain(spend([ONE]), spend([ONE], endpoint_id=2))

    assert effects == Effects(new=3_500_000, gone=-3_500_000)


def test_moving_between_two_models_is_mix() -> None:
    cheap = at(input=INPUT // 10, output=OUTPUT // 10)
    before = add([spend([ONE] * 9), spend([ONE], cheap, 2)])
    after = add([spend([ONE]), spend([ONE] * 9, cheap, 2)])

    assert explain(before, after) == Effects(mix=-8 * 3_500_000 + 8 * 350_000)


def test_a_leaf_that_was_not_used_before_is_mix_at_its_own_rate() -> None:
    cached = Usage(input=0, output=100, cache_read=1_000)

    assert explain(spend([ONE]), spend([cached])) == Effects(mix=-1_250_000)


def test_searches_are_not_counted_among_tokens() -> None:
    priced = at(input=INPUT, output=OUTPUT, searches=10_000_000_000)
    before = spend([ONE._replace(searches=1)], priced)
    after = spend([ONE._replace(searches=2)], priced)

    assert explain(before, after) == Effects(volume=10_000_000)


def test_prices_do_not_move_because_some_calls_are_unpriced() -> None:
    leaves = [3 * each for each in ONE]
    flat = PRICE.rates_at(Moment())
    before = fill(1, Sums(leaves, 3 * 3_500_000, 3, 0), flat)
    after = fill(1, Sums(leaves, 3_500_000, 1, 2), flat)

    assert explain(before, after) == Effects(volume=-7_000_000)


def test_without_a_price_list_every_token_costs_the_same() -> None:
    before = fill(1, Sums(ONE, 1_100, 1, 0), None)
    after = fill(1, Sums(ONE, 2_200, 1, 0), None)

    assert explain(before, after) == Effects(price=1_100)
    assert before.items[Item(1, "input")] == Bought(1_000, 1_000 * NANO)


def test_without_tokens_every_call_costs_the_same() -> None:
    nothing = Usage()
    before = fill(1, Sums(nothing, 500, 1, 0), None)

    assert before.items == {Item(1, CALLS): Bought(1, 500 * NANO)}
    assert explain(before, fill(1, Sums(nothing, 1_000, 2, 0), None)) == Effects(volume=500)


def test_movers_are_ordered_by_how_far_they_moved_up_or_down() -> None:
    one, two, three = spend([ONE]), spend([ONE] * 2), spend([ONE] * 3)
    found = movers({"a": one, "b": three, "c": one}, {"a": two, "c": one, "d": one})

    assert [each.owner for each in found] == ["b", "a", "d", "c"]
    assert [each.change_nano_usd // 3_500_000 for each in found] == [-3, 1, 1, 0]


def test_several_movers_are_one_whose_effects_are_their_sums() -> None:
    one, two = spend([ONE]), spend([ONE] * 2)
    found = movers({"a": one, "b": two}, {"a": two, "c": one})
    whole = together(found, "all")

    assert whole.change_nano_usd == sum(whole.effects) == 0
    assert whole.effects == Effects(volume=3_500_000, new=3_500_000, gone=-7_000_000)


COUNTS = st.integers(0, 5_000)
COUNTED = st.fixed_dictionaries(
    {"input": COUNTS, "cache_read": COUNTS, "output": COUNTS, "reasoning": COUNTS}
    | {"images": st.integers(0, 3)}
)
CALLS_OF = st.lists(COUNTED.map(lambda counts: Usage(**counts)), max_size=4)
RATES = st.integers(0, 40_000_000)
LISTS = st.fixed_dictionaries(
    dict.fromkeys(("input", "cache_read", "output", "images"), RATES)
).map(lambda rates: at(**rates))


@dataclass(frozen=True)
class Period:
    """The calls of three endpoints; of each, how many have no price, and what is told of it."""

    calls: tuple[list[Usage], ...]
    price: PriceList
    unpriced: tuple[int, ...]
    factor: int

    def basket(self, *, is_clean: bool = False) -> Basket:
        filled = (self._fill(number, is_clean=is_clean) for number in range(len(self.calls)))
        return add(filled)

    def sums(self, number: int, *, is_clean: bool = False) -> Sums:
        calls = self.calls[number]
        hidden = 0 if is_clean else min(self.unpriced[number], len(calls))
        charged = [cost(usage, [self.price], 0).nano_usd or 0 for usage in calls[hidden:]]
        leaves = [sum(each) for each in zip(Usage(), *calls, strict=True)]
        money = sum(charged) * (1 if is_clean else self.factor)
        return Sums(leaves, money, len(calls) - hidden, hidden)

    def _fill(self, number: int, *, is_clean: bool) -> Basket:
        rates = None if not is_clean and self.factor == 3 else self.price.rates_at(Moment())
        return fill(number, self.sums(number, is_clean=is_clean), rates)


PERIODS = st.builds(
    Period,
    st.tuples(CALLS_OF, CALLS_OF, CALLS_OF),
    LISTS,
    st.tuples(*[st.integers(0, 3)] * 3),
    st.integers(1, 3),
)


@given(before=PERIODS, after=PERIODS)
def test_effects_sum_to_the_change_to_the_nano_dollar(before: Period, after: Period) -> None:
    [mover] = movers({"all": before.basket()}, {"all": after.basket()})
    spent = [sum(p.sums(n).cost_nano_usd for n in range(3)) for p in (before, after)]

    assert sum(mover.effects) == mover.change_nano_usd == spent[1] - spent[0]
    assert (mover.before_nano_usd, mover.after_nano_usd) == (spent[0], spent[1])


@given(before=PERIODS, after=PERIODS)
def test_unchanged_prices_have_no_effect(before: Period, after: Period) -> None:
    same = Period(after.calls, before.price, after.unpriced, after.factor)
    effects = explain(before.basket(is_clean=True), same.basket(is_clean=True))

    assert effects.price == 0


@given(before=PERIODS, price=LISTS)
def test_unchanged_calls_have_no_volume_and_no_mix_but_of_rounding(
    before: Period, price: PriceList
) -> None:
    after = Period(before.calls, price, before.unpriced, before.factor)
    effects = explain(before.basket(is_clean=True), after.basket(is_clean=True))
    n_calls = sum(map(len, before.calls))

    assert abs(effects.volume) <= n_calls + 1
    assert abs(effects.mix) <= len(LEAVES)
    assert (effects.new, effects.gone) == (0, 0)


@settings(max_examples=60)
@given(before=PERIODS, times=st.integers(2, 9))
def test_more_of_the_same_is_volume(before: Period, times: int) -> None:
    more = Period(
        tuple([*calls] * times for calls in before.calls), before.price, before.unpriced, 1
    )
    effects = explain(before.basket(is_clean=True), more.basket(is_clean=True))

    assert (effects.price, effects.new, effects.gone) == (0, 0, 0)
    assert abs(effects.mix) <= len(LEAVES)


@given(periods=st.tuples(PERIODS, PERIODS, PERIODS))
def test_changes_of_periods_in_a_row_add_up(periods: tuple[Period, Period, Period]) -> None:
    first, second, third = (each.basket() for each in periods)

    assert sum(explain(first, second)) + sum(explain(second, third)) == sum(explain(first, third))
