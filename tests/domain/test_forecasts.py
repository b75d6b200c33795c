"""What a period's spend will come to: seasons, breaches, and how often intervals hold."""

from itertools import pairwise

import pytest

from monitor.domain.forecasts import LEAST_DAYS, History, forecast, record
from tests.performance.forecasting import KINDS, Kind, holds

USD = 10**9
WEEK = (120, 130, 125, 120, 100, 30, 25)


def week_after_week(weeks: int, *, scale: int = USD) -> History:
    return History(tuple(scale * day for day in WEEK * weeks), 0)


def noisy(days: int) -> History:
    return History(tuple(USD * (90 + 7 * at % 23) for at in range(days)), 3)


@pytest.mark.parametrize("kind", KINDS)
def test_the_interval_holds_about_eight_times_of_ten(kind: Kind) -> None:
    held = sum(holds(kind, number) for number in range(60))

    assert 40 <= held <= 56


def test_a_weekend_ahead_costs_what_weekends_cost() -> None:
    found = forecast(week_after_week(8), 0, (1.0,) * 7)

    assert found is not None
    days = [after.middle - before.middle for before, after in pairwise(found.ends)]
    assert [round(day / USD) for day in days] == list(WEEK[1:])


def test_the_season_goes_with_the_weekday_on_which_history_begins() -> None:
    turned = History(week_after_week(8).days[5:], 5)

    found = forecast(turned, 0, (1.0, 1.0))

    assert found is not None
    assert [round(end.middle / USD) for end in found.ends] == [120, 250]


def test_days_without_spend_stay_without() -> None:
    found = forecast(History((100, 100, 100, 100, 100, 0, 0) * 6, 0), 0, (1.0,) * 7)

    assert found is not None
    assert found.total.middle == 500


def test_only_what_is_left_of_today_is_added_to_what_is_spent() -> None:
    history = History((USD,) * 40, 0)

    found = forecast(history, 5 * USD, (0.25, 1.0))

    assert found is not None
    assert [end.middle for end in found.ends] == [5 * USD + USD // 4, 6 * USD + USD // 4]


def test_money_is_forecast_alike_in_whichever_unit() -> None:
    small, large = (
        forecast(week_after_week(6, scale=each), 0, (1.0,) * 20) for each in (10**6, USD)
    )

    assert small is not None
    assert large is not None
    assert large.total.high == pytest.approx(1000 * small.total.high, rel=1e-6)


def test_the_interval_grows_with_time_and_its_middle_lies_within() -> None:
    found = forecast(noisy(60), 0, (1.0,) * 20)

    assert found is not None
    widths = [end.high - end.low for end in found.ends]
    assert widths[0] < widths[9] < widths[19]
    assert all(end.low <= end.middle <= end.high for end in found.ends)


def test_the_same_days_give_the_same_figures() -> None:
    first, second = (forecast(noisy(45), 7, (0.5, 1.0, 1.0)) for _ in range(2))

    assert first == second


@pytest.mark.parametrize("days", [(), (USD,) * (LEAST_DAYS - 1), (USD,) * 40 + (0,) * LEAST_DAYS])
def test_too_little_to_go_on_is_no_forecast(days: tuple[int, ...]) -> None:
    assert forecast(History(days, 0), 0, (1.0,)) is None


def test_a_period_that_is_over_is_not_forecast() -> None:
    assert forecast(week_after_week(6), 0, ()) is None


def test_how_likely_and_when_an_amount_is_used_up() -> None:
    found = forecast(noisy(60), 0, (1.0,) * 10)

    assert found is not None
    assert found.breach(found.total.high + 10**12) == (0, 9)
    assert found.breach(found.ends[4].low // 2).permille == 1000
    permille, day = found.breach(found.ends[6].middle)
    assert (permille > 900, day) == (True, 6)
    assert 400 <= found.breach(found.total.middle).permille <= 600


def test_a_record_counts_intervals_that_held() -> None:
    assert record(week_after_week(4), 7) == (0, 0)
    steady, before = noisy(90), record(noisy(90), 7)
    assert before.n == 12
    assert 6 <= before.held <= 12
    broken = History((*steady.days[:30], *(9 * day for day in steady.days[30:])), steady.weekday)
    assert record(broken, 7).held < before.held + 1
