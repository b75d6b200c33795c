from zoneinfo import ZoneInfo

import pytest

from monitor.domain.anomalies import (
    Tolerance,
    Usual,
    day_so_far,
    is_unusual,
    usual,
    weekdays_before,
)
from monitor.domain.budgets import Spent
from monitor.domain.money import NANO_PER_USD
from monitor.domain.windows import DAY_MS, HOUR_MS, MINUTE_MS, Window
from tests.making import MONDAY_MS

UTC, BERLIN = ZoneInfo("UTC"), ZoneInfo("Europe/Berlin")
DEFAULT = Tolerance()


def cents(*amounts: int) -> list[Spent]:
    return [Spent(cent * NANO_PER_USD // 100, calls=10) for cent in amounts]


def test_a_median_and_the_median_distance_from_it_are_worked_by_hand() -> None:
    # $40, $42, $38, $60, $41: the median is 41; distances 1, 1, 3, 19, 0 have the median 1.
    # 1.4826 × $1 is less than a tenth of $41.
    found = usual(cents(4_000, 4_200, 3_800, 6_000, 4_100), 3)

    assert found == Usual(41_000_000_000, 4_100_000_000, 5)


def test_days_that_differ_have_a_spread_of_their_own() -> None:
    # $10, $20, $30, $50: the median is $25; distances 15, 5, 5, 25 have the median $10.
    found = usual(cents(1_000, 2_000, 3_000, 5_000), 3)

    assert found == Usual(25_000_000_000, 14_826_000_000, 4)


def test_two_days_are_too_few() -> None:
    assert usual(cents(1_000, 1_000), 3) is None


def test_a_day_of_mostly_unknown_cost_is_no_day_to_compare_with() -> None:
    half, most = Spent(1, 10, unpriced=3, no_usage=2), Spent(1, 10, unpriced=6)

    assert usual([half, half, most], 3) is None
    assert usual([half, half, half], 3) == Usual(1, 0, 3)


@pytest.mark.parametrize(
    ("cent", "told"), [(5_740, False), (5_741, True), (4_100, False), (0, False)]
)
def test_spend_is_unusual_above_four_spreads(cent: int, told: bool) -> None:  # noqa: FBT001
    before = Usual(41 * NANO_PER_USD, 4_100_000_000, 5)

    assert is_unusual(cent * NANO_PER_USD // 100, before, DEFAULT) is told


@pytest.mark.parametrize(("cent", "told"), [(499, False), (500, True)])
def test_cents_are_not_worth_a_message(cent: int, told: bool) -> None:  # noqa: FBT001
    assert is_unusual(cent * NANO_PER_USD // 100, Usual(0, 0, 3), DEFAULT) is told


def test_a_day_ends_with_the_last_quarter_of_an_hour_that_is_over() -> None:
    found = [day_so_far(MONDAY_MS + at * MINUTE_MS, UTC) for at in (0, 14, 15, 200)]
    sunday, minutes = Window(MONDAY_MS - DAY_MS, MONDAY_MS), MINUTE_MS

    assert found[:2] == [sunday, sunday]
    assert found[2:] == [
        Window(MONDAY_MS, MONDAY_MS + 15 * minutes),
        Window(MONDAY_MS, MONDAY_MS + 195 * minutes),
    ]


def test_weekdays_before_end_at_the_same_time_of_the_clock() -> None:
    # 2026-03-30 is the Monday after clocks in Berlin were set forward.
    monday_ms = MONDAY_MS + 28 * DAY_MS - 2 * HOUR_MS
    today = day_so_far(monday_ms + 10 * HOUR_MS, BERLIN)
    [last, before] = weekdays_before(today, 2, BERLIN)

    assert today == Window(monday_ms, monday_ms + 10 * HOUR_MS)
    assert last == Window(monday_ms - 7 * DAY_MS + HOUR_MS, monday_ms - 7 * DAY_MS + 11 * HOUR_MS)
    assert before.to_ms == last.to_ms - 7 * DAY_MS


def test_a_whole_day_is_held_against_whole_days() -> None:
    today = day_so_far(MONDAY_MS, UTC)

    assert weekdays_before(today, 1, UTC) == [
        Window(MONDAY_MS - 8 * DAY_MS, MONDAY_MS - 7 * DAY_MS)
    ]
