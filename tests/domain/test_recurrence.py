from datetime import UTC, datetime, time
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitor.domain.pauses import Scope
from monitor.domain.recurrence import HORIZON_MS, Every, Once, expand
from monitor.domain.windows import DAY_MS, HOUR_MS, Window, instant_ms, moment

BERLIN, UTC_ZONE = ZoneInfo("Europe/Berlin"), ZoneInfo("UTC")
SUNDAY = frozenset({6})
ALL = Scope()


def at(year: int, month: int, day: int, hour: int = 0, minute: int = 0) -> int:
    return instant_ms(datetime(year, month, day, hour, minute, tzinfo=UTC))


def sundays(now_ms: int, zone: ZoneInfo = BERLIN) -> list[Window]:
    plan = Every(SUNDAY, time(2, 30), 2 * HOUR_MS, zone, ALL)
    return [each.window for each in expand([plan], now_ms)]


def test_a_weekly_window_comes_every_week_within_the_horizon() -> None:
    found = sundays(at(2026, 6, 1, 12), UTC_ZONE)

    assert [window.from_ms for window in found] == [
        at(2026, 6, day, 2, 30) for day in (7, 14, 21, 28)
    ] + [at(2026, 7, 5, 2, 30)]
    assert {window.length_ms for window in found} == {2 * HOUR_MS}


@pytest.mark.parametrize(
    ("now_ms", "starts_ms"),
    [
        # 02:30 does not come on 29 March: it is when it would have come, 03:30 in summer.
        (at(2026, 3, 21), [at(2026, 3, 22, 1, 30), at(2026, 3, 29, 1, 30), at(2026, 4, 5, 0, 30)]),
        # 02:30 comes twice on 25 October: the first one, in summer.
        (at(2026, 10, 23), [at(2026, 10, 25, 0, 30), at(2026, 11, 1, 1, 30)]),
    ],
)
def test_a_window_moves_with_the_clock_and_stays_as_long(now_ms: int, starts_ms: list[int]) -> None:
    found = sundays(now_ms)[: len(starts_ms)]

    assert [window.from_ms for window in found] == starts_ms
    assert {window.length_ms for window in found} == {2 * HOUR_MS}


def test_a_window_that_runs_is_there_and_one_that_is_over_is_not() -> None:
    start_ms = at(2026, 6, 7, 2, 30)

    assert sundays(start_ms + HOUR_MS, UTC_ZONE)[0].from_ms == start_ms
    assert sundays(start_ms + 2 * HOUR_MS, UTC_ZONE)[0].from_ms == start_ms + 7 * DAY_MS


def test_a_single_window_is_there_for_ever() -> None:
    window = Window(5, 9)

    assert [each.window for each in expand([Once(window, ALL)], at(2026, 1, 1, 0))] == [window]


def test_of_two_windows_that_begin_together_the_longer_one_counts() -> None:
    plans = [Once(Window(5, 9), ALL), Once(Window(5, 20), ALL), Once(Window(5, 7), Scope("a/b"))]

    assert sorted(each.window.to_ms for each in expand(plans, 0)) == [7, 20]


@given(
    st.integers(0, 2**41),
    st.frozensets(st.integers(0, 6), min_size=1),
    st.times(),
    st.integers(60_000, 7 * DAY_MS),
    st.sampled_from(["UTC", "Europe/Berlin", "Australia/Lord_Howe", "America/St_Johns"]),
)
def test_a_look_a_day_later_names_the_same_windows_and_adds_to_them(
    now_ms: int, weekdays: frozenset[int], clock: time, lasts_ms: int, zone: str
) -> None:
    plan = Every(weekdays, clock.replace(tzinfo=None), lasts_ms, ZoneInfo(zone), ALL)
    before = {each.name: each.window for each in expand([plan], now_ms)}
    after = {each.name: each.window for each in expand([plan], now_ms + DAY_MS)}
    gone, came = before.keys() - after.keys(), after.keys() - before.keys()

    assert all(before[name].to_ms <= now_ms + DAY_MS for name in gone)
    assert all(after[name].from_ms >= now_ms + HORIZON_MS for name in came)
    assert {moment(w.from_ms, plan.zone).weekday() for w in before.values()} <= {
        *weekdays,
        *((day + 1) % 7 for day in weekdays),  # where midnight is leapt over
    }
