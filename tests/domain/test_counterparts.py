from datetime import date
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitor.domain.counterparts import Kind, before, complete
from monitor.domain.windows import DAY_MS, HOUR_MS, Window, day_of, day_window

ZONES = [
    ZoneInfo(name)
    for name in (
        "UTC",
        "Asia/Kathmandu",
        "Australia/Lord_Howe",
        "Pacific/Chatham",
        "America/St_Johns",
    )
]
BERLIN = ZoneInfo("Europe/Berlin")


def days(first: str, last: str, zone: ZoneInfo = BERLIN) -> Window:
    start, end = (date.fromisoformat(each).toordinal() for each in (first, last))
    return Window(day_window(start, zone).from_ms, day_window(end, zone).to_ms)


@pytest.mark.parametrize(
    ("kind", "window", "expected"),
    [
        (Kind.DAYS, ("2026-11-18", "2026-11-24"), ("2026-11-11", "2026-11-17")),
        (Kind.DAYS, ("2026-11-24", "2026-11-24"), ("2026-11-23", "2026-11-23")),
        # The clock is set back on 25 October: the days before are an hour longer.
        (Kind.DAYS, ("2026-10-26", "2026-10-27"), ("2026-10-24", "2026-10-25")),
        (Kind.MONTH, ("2026-11-01", "2026-11-24"), ("2026-10-01", "2026-10-24")),
        (Kind.MONTH, ("2026-10-01", "2026-10-31"), ("2026-09-01", "2026-09-30")),
        (Kind.MONTH, ("2026-11-01", "2026-11-30"), ("2026-10-01", "2026-10-31")),
        (Kind.MONTH, ("2026-03-01", "2026-03-30"), ("2026-02-01", "2026-02-28")),
        (Kind.MONTH, ("2026-01-01", "2026-01-02"), ("2025-12-01", "2025-12-02")),
    ],
)
def test_a_period_is_held_against_the_one_of_its_kind_before(
    kind: Kind, window: tuple[str, str], expected: tuple[str, str]
) -> None:
    assert before(days(*window), BERLIN, kind) == days(*expected)


def test_a_span_is_held_against_as_long_a_span() -> None:
    window = Window(10 * DAY_MS + 1, 11 * DAY_MS + 1)

    assert before(window, BERLIN, Kind.SPAN) == Window(9 * DAY_MS + 1, 10 * DAY_MS + 1)


def test_today_is_left_out_of_a_comparison() -> None:
    now_ms = days("2026-11-24", "2026-11-24").from_ms + 9 * HOUR_MS
    window = Window(days("2026-11-18", "2026-11-18").from_ms, now_ms)
    found = complete(window, BERLIN, Kind.DAYS, now_ms)

    assert found is not None
    assert found.after == days("2026-11-18", "2026-11-23")
    assert found.before == days("2026-11-12", "2026-11-17")


def test_on_the_first_of_a_month_there_is_nothing_to_compare() -> None:
    today = days("2026-11-01", "2026-11-01")
    window = Window(today.from_ms, today.from_ms + HOUR_MS)

    assert complete(window, BERLIN, Kind.MONTH, window.to_ms) is None


@given(
    zone=st.sampled_from(ZONES),
    first=st.integers(738_000, 740_000),
    length=st.integers(1, 90),
    so_far_ms=st.integers(1, DAY_MS),
)
def test_days_before_end_where_the_window_begins(
    zone: ZoneInfo, first: int, length: int, so_far_ms: int
) -> None:
    start_ms = day_window(first, zone).from_ms
    now_ms = day_window(first + length - 1, zone).from_ms + so_far_ms - 1
    window = Window(start_ms, max(now_ms, start_ms + 1))
    found = before(window, zone, Kind.DAYS)

    assert found.to_ms == start_ms
    assert day_of(found.from_ms, zone) == first - (day_of(window.to_ms - 1, zone) - first + 1)
    assert day_window(day_of(found.from_ms, zone), zone).from_ms == found.from_ms
