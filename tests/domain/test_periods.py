"""Periods tile time, wherever they begin and whatever the clock does."""

from datetime import date
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitor.domain.periods import Cycle, Period
from monitor.domain.windows import DAY_MS, HOUR_MS, day_of, day_window

UTC, BERLIN = ZoneInfo("UTC"), ZoneInfo("Europe/Berlin")
#: With half hours, with midnights that do not exist, and with a day that was left out.
ZONES = (
    "UTC",
    "Europe/Berlin",
    "Australia/Lord_Howe",
    "Pacific/Chatham",
    "America/St_Johns",
    "America/Asuncion",
    "Africa/Cairo",
    "Pacific/Apia",
)
cycles = st.builds(
    Cycle,
    period=st.sampled_from(Period),
    zone=st.sampled_from(ZONES).map(ZoneInfo),
    weekday=st.integers(0, 6),
    month=st.integers(1, 12),
    day=st.integers(1, 31),
)
instants = st.integers(0, 2_500_000_000_000)  # 1970 to 2049


def at(day: str, zone: ZoneInfo = UTC) -> int:
    return day_window(date.fromisoformat(day).toordinal(), zone).from_ms


@given(cycles, instants)
def test_periods_tile_time_without_gap_or_overlap(cycle: Cycle, at_ms: int) -> None:
    window = cycle.window(at_ms)
    after, before = cycle.window(window.to_ms), cycle.window(window.from_ms - 1)

    assert window.from_ms <= at_ms < window.to_ms
    assert (before.to_ms, after.from_ms) == (window.from_ms, window.to_ms)
    assert cycle.window(window.from_ms) == cycle.window(window.to_ms - 1) == window


@given(cycles, instants)
def test_a_period_begins_at_a_midnight_of_its_zone(cycle: Cycle, at_ms: int) -> None:
    from_ms = cycle.window(at_ms).from_ms

    assert day_of(from_ms - 1, cycle.zone) < day_of(from_ms, cycle.zone)


@given(cycles, instants)
def test_as_many_periods_make_a_year_as_their_name_says(cycle: Cycle, at_ms: int) -> None:
    year = Cycle(Period.YEAR, cycle.zone, 0, cycle.month, cycle.day).window(at_ms)
    starts, window = 0, cycle.window(year.from_ms)
    while window.from_ms < year.to_ms:
        starts += year.from_ms <= window.from_ms
        window = cycle.window(window.to_ms)
        if cycle.period in {Period.DAY, Period.WEEK} and starts > 10:
            return

    assert starts == {Period.MONTH: 12, Period.QUARTER: 4, Period.YEAR: 1}[cycle.period]


@pytest.mark.parametrize(
    ("cycle", "inside", "first", "after"),
    [
        (Cycle(Period.DAY, UTC), "2026-11-24", "2026-11-24", "2026-11-25"),
        (Cycle(Period.WEEK, UTC), "2026-11-24", "2026-11-23", "2026-11-30"),
        (Cycle(Period.WEEK, UTC, weekday=6), "2026-11-22", "2026-11-22", "2026-11-29"),
        (Cycle(Period.MONTH, UTC), "2024-02-29", "2024-02-01", "2024-03-01"),
        (Cycle(Period.MONTH, UTC, day=15), "2026-03-14", "2026-02-15", "2026-03-15"),
        (Cycle(Period.MONTH, UTC, day=31), "2026-03-01", "2026-02-28", "2026-03-31"),
        (Cycle(Period.MONTH, UTC, day=31), "2024-02-28", "2024-01-31", "2024-02-29"),
        (Cycle(Period.QUARTER, UTC), "2026-11-24", "2026-10-01", "2027-01-01"),
        (Cycle(Period.QUARTER, UTC, month=4, day=6), "2027-01-05", "2026-10-06", "2027-01-06"),
        (Cycle(Period.QUARTER, UTC, month=11, day=30), "2026-03-01", "2026-02-28", "2026-05-30"),
        (Cycle(Period.YEAR, UTC, month=4, day=6), "2026-04-05", "2025-04-06", "2026-04-06"),
        (Cycle(Period.YEAR, UTC, month=2, day=29), "2025-02-27", "2024-02-29", "2025-02-28"),
    ],
)
def test_a_period_begins_where_its_calendar_says(
    cycle: Cycle, inside: str, first: str, after: str
) -> None:
    window = cycle.window(at(inside))

    assert (window.from_ms, window.to_ms) == (at(first), at(after))


def test_a_month_in_which_the_clock_is_set_is_longer_or_shorter_by_an_hour() -> None:
    month = Cycle(Period.MONTH, BERLIN)
    march, october = (month.window(at(day, BERLIN)) for day in ("2026-03-10", "2026-10-10"))

    assert march.length_ms == 31 * DAY_MS - HOUR_MS
    assert october.length_ms == 31 * DAY_MS + HOUR_MS
