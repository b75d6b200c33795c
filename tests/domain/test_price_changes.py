from dataclasses import replace

import pytest

from monitor.domain.price_changes import Turn, effect, last_turn, spell
from monitor.domain.prices import PriceList, Rate
from monitor.domain.usage import LEAVES, Usage
from tests.making import PRICES

OLD = replace(PRICES, id=1)
DEARER = (Rate("input", 3_000_000), Rate("output", 12_000_000))
NEW = PriceList(DEARER, "feed", valid_from_ms=5_000, recorded_ms=4_000, id=2)


def test_a_price_that_was_announced_turns_when_it_begins_to_hold() -> None:
    assert [last_turn([OLD, NEW], at) for at in (4_999, 5_000)] == [None, Turn(OLD, NEW, 5_000)]


def test_a_price_that_reaches_back_turns_when_it_is_recorded() -> None:
    late = replace(NEW, valid_from_ms=0)

    assert last_turn([OLD, late], 9_000) == Turn(OLD, late, 4_000)


@pytest.mark.parametrize(
    "lists", [[], [NEW], [OLD, replace(NEW, rates=OLD.rates)]], ids=["none", "first", "same"]
)
def test_a_first_price_and_the_same_one_again_are_no_change(lists: list[PriceList]) -> None:
    assert last_turn(lists, 9_000) is None


def test_the_effect_on_what_was_used_is_worked_by_hand() -> None:
    # 2M uncached at +$0.50 a million, 1M cached that has no new rate of its own and so costs as
    # input, +$1.75, and 500k of output at +$2.00: $1.00 + $1.75 + $1.00.
    used = Usage(input=2_000_000, cache_read=1_000_000, output=500_000)

    assert effect(used, OLD, NEW) == 3_750_000_000


def test_the_effect_is_not_known_where_one_of_both_prices_no_all_of_it() -> None:
    used = [int(leaf == "images") for leaf in LEAVES]

    assert effect(used, OLD, NEW) is None


@pytest.mark.parametrize(
    ("rates", "said"),
    [
        (
            {"input": (2_500_000, 3_000_000), "output": (10_000_000, 12_000_000)},
            "input $2.50 → $3.00, output $10.00 → $12.00 per M tokens",
        ),
        ({"cache_read": (None, 150_000)}, "cache read none → $0.15 per M tokens"),
        ({"searches": (10_000_000_000, 0)}, "searches $0.01 → $0 each"),
    ],
)
def test_old_and_new_are_told_as_people_write_prices(
    rates: dict[str, tuple[int | None, int]], said: str
) -> None:
    assert spell(rates) == said
