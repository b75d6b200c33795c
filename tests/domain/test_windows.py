"""Buckets and days: every zone's day is whole buckets, and days tile time."""

from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitor.domain.windows import (
    BUCKET_MS,
    DAY_MS,
    HOUR_MS,
    Window,
    bucket_of,
    bucket_start_ms,
    day_of,
    day_of_bucket,
    day_window,
    instant_ms,
    moment,
    split_by_bucket,
)

ODD_ZONES = [
    ZoneInfo(name)
    for name in (
        "UTC",
        "Asia/Kathmandu",
        "Australia/Lord_Howe",
        "Pacific/Chatham",
        "America/St_Johns",
        # Their clocks change at midnight: the day begins at one, or hears twelve twice.
        "Africa/Cairo",
        "America/Havana",
    )
]
ZONES = st.sampled_from(ODD_ZONES)
DAYS = st.integers(date(2012, 1, 1).toordinal(), date(2036, 12, 31).toordinal())
INSTANTS = st.integers(-(10**13), 10**13)


@given(DAYS, ZONES)
def test_the_days_of_a_zone_tile_time(day: int, zone: ZoneInfo) -> None:
    window = day_window(day, zone)

    assert window.to_ms == day_window(day + 1, zone).from_ms
    assert window.length_ms in {int(h * HOUR_MS) for h in (23, 23.5, 24, 24.5, 25)}


@given(DAYS, ZONES)
def test_the_first_and_the_last_instant_of_a_day_are_of_that_day(day: int, zone: ZoneInfo) -> None:
    window = day_window(day, zone)

    assert day_of(window.from_ms, zone) == day_of(window.to_ms - 1, zone) == day
    assert day_of(window.from_ms - 1, zone) == day - 1


@given(DAYS, ZONES)
def test_a_day_of_any_zone_is_whole_buckets(day: int, zone: ZoneInfo) -> None:
    window = day_window(day, zone)
    buckets = range(bucket_of(window.from_ms), bucket_of(window.to_ms))

    assert (window.from_ms % BUCKET_MS, window.to_ms % BUCKET_MS) == (0, 0)
    assert {day_of_bucket(bucket, zone) for bucket in buckets} == {day}


@pytest.mark.parametrize(("month", "day", "hours"), [(3, 8, 23), (11, 1, 25), (7, 1, 24)])
def test_days_have_23_24_or_25_hours(month: int, day: int, hours: int) -> None:
    window = day_window(date(2026, month, day).toordinal(), ZoneInfo("America/New_York"))

    assert window.length_ms == hours * HOUR_MS


def test_a_day_that_a_zone_skipped_is_empty() -> None:
    skipped = date(2011, 12, 30).toordinal()

    assert day_window(skipped, ZoneInfo("Pacific/Apia")).length_ms == 0


def test_a_day_begins_at_the_midnight_of_its_zone() -> None:
    window = day_window(date(2026, 11, 22).toordinal(), ZoneInfo("Asia/Kathmandu"))

    assert window.from_ms == instant_ms(datetime(2026, 11, 21, 18, 15, tzinfo=UTC))
    assert window.length_ms == DAY_MS


@given(INSTANTS, ZONES)
def test_an_instant_comes_back_from_the_clock_on_the_wall(instant: int, zone: ZoneInfo) -> None:
    assert instant_ms(moment(instant, zone)) == instant


@given(INSTANTS, st.integers(0, 10**8))
def test_a_window_is_split_without_loss_into_the_buckets_it_meets(
    from_ms: int, length_ms: int
) -> None:
    window = Window(from_ms, from_ms + length_ms)
    parts = list(split_by_bucket(window))

    assert sum(ms for _, ms in parts) == length_ms
    assert parts == [
        (bucket, ms)
        for bucket in range(bucket_of(window.from_ms), bucket_of(window.to_ms) + 1)
        if (ms := window.clip(*bucket_edges(bucket)).length_ms)
    ]


def bucket_edges(bucket: int) -> tuple[int, int]:
    return bucket_start_ms(bucket), bucket_start_ms(bucket + 1)


@pytest.mark.parametrize(
    ("edges", "expected"),
    [((0, 9), (3, 7)), ((4, 5), (4, 5)), ((0, 5), (3, 5)), ((5, 9), (5, 7)), ((7, 9), (7, 7))],
)
def test_a_window_is_clipped_to_what_both_cover(
    edges: tuple[int, int], expected: tuple[int, int]
) -> None:
    assert Window(3, 7).clip(*edges) == Window(*expected)


@pytest.mark.parametrize("edges", [(0, 2), (8, 9)])
def test_windows_that_do_not_meet_share_nothing(edges: tuple[int, int]) -> None:
    assert Window(3, 7).clip(*edges).length_ms == 0
