from datetime import date
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitor.domain.comparison import compare
from monitor.domain.windows import DAY_MS, HOUR_MS, Window, day_window

ZONES = st.sampled_from(
    [ZoneInfo(name) for name in ("UTC", "Australia/Lord_Howe", "Pacific/Chatham", "Europe/Berlin")]
)
DAY = date(2026, 10, 25).toordinal()  # the clock is set back in Berlin
BERLIN = ZoneInfo("Europe/Berlin")


@given(first=st.integers(DAY - 300, DAY + 300), days=st.integers(1, 40), zone=ZONES, ms=st.data())
def test_complete_days_are_compared_with_as_many_before_them(
    first: int, days: int, zone: ZoneInfo, ms: st.DataObject
) -> None:
    today = day_window(first + days, zone)
    now_ms = ms.draw(st.integers(today.from_ms, today.to_ms - 1))
    found = compare(Window(day_window(first, zone).from_ms, now_ms), zone)

    assert found is not None
    assert found.days == days
    assert found.current == Window(day_window(first, zone).from_ms, today.from_ms)
    assert found.previous == Window(day_window(first - days, zone).from_ms, found.current.from_ms)


@given(start=st.integers(1, DAY_MS - 1), length=st.integers(1, 40 * DAY_MS))
def test_a_window_off_midnight_is_compared_with_as_long_a_time(start: int, length: int) -> None:
    found = compare(Window(start, start + length), ZoneInfo("UTC"))

    assert found is not None
    assert found.current.length_ms == found.previous.length_ms == length
    assert found.previous.to_ms == found.current.from_ms == start


@pytest.mark.parametrize("hours", [1, 24])
def test_a_day_that_is_not_over_is_compared_with_nothing(hours: int) -> None:
    start_ms = day_window(DAY, BERLIN).from_ms

    assert compare(Window(start_ms, start_ms + hours * HOUR_MS), BERLIN) is None
