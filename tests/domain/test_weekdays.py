import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitor.domain.weekdays import (
    DAY_MINUTES,
    EVERY_DAY,
    WEEK_MINUTES,
    clock,
    is_within,
    minutes_a_week,
    pack,
    read,
    spell,
)

minutes = st.integers(0, DAY_MINUTES - 1)
days = st.integers(1, EVERY_DAY)


@pytest.mark.parametrize(
    ("days_of_week", "spelled"),
    [
        (range(7), "mon-sun"),
        (range(5), "mon-fri"),
        ([5, 6], "sat-sun"),
        ([0, 2, 4], "mon,wed,fri"),
        ([6, 0], "mon,sun"),
        ([3], "thu"),
    ],
)
def test_weekdays_are_spelled_in_runs(days_of_week: list[int], spelled: str) -> None:
    assert spell(pack(days_of_week)) == spelled


@given(days)
def test_what_is_spelled_is_read_again(weekdays: int) -> None:
    assert read(spell(weekdays)) == weekdays


@pytest.mark.parametrize("wrong", ["", "monday", "fri-mon", "mon-", "-fri", "mon,,tue", "MON", "1"])
def test_what_is_no_weekday_is_refused(wrong: str) -> None:
    with pytest.raises(ValueError, match=r"names no weekdays; write them like mon-fri or sat,sun"):
        read(wrong)


@pytest.mark.parametrize(
    ("at_ms", "expected"),
    [
        (0, (0, 3)),
        (1_772_409_600_000, (0, 0)),
        (1_772_409_600_000 - 1, (1439, 6)),
        (1_772_409_600_000 + 6 * 86_400_000 + 90 * 60_000, (90, 6)),
    ],
)
def test_an_instant_has_a_minute_and_a_weekday_of_utc(
    at_ms: int, expected: tuple[int, int]
) -> None:
    assert clock(at_ms) == expected


@given(minutes, minutes, days)
def test_hours_are_those_minutes_that_follow_each_of_their_begins(
    start: int, end: int, weekdays: int
) -> None:
    lasting = (end - start) % DAY_MINUTES or DAY_MINUTES
    begins = [day * DAY_MINUTES + start for day in range(7) if weekdays >> day & 1]
    covered = {(begin + n) % WEEK_MINUTES for begin in begins for n in range(lasting)}
    around = {(start + n) % WEEK_MINUTES for n in range(-2, 3)} | {end, end - 1, 0, 1}
    looked_at = {day * DAY_MINUTES + each % DAY_MINUTES for day in range(7) for each in around}

    assert minutes_a_week(start, end, weekdays) == len(covered)
    for minute in looked_at:
        day, of_day = divmod(minute, DAY_MINUTES)
        assert is_within(of_day, day, start, end, weekdays) is (minute in covered)
