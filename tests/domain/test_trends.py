from datetime import date
from zoneinfo import ZoneInfo

from hypothesis import given
from hypothesis import strategies as st

from monitor.domain.trends import Trend, windows
from monitor.domain.windows import DAY_MS, Window, day_window

COUNTS = st.integers(0, 10**12)
TRENDS = st.lists(st.builds(Trend, COUNTS, st.tuples(COUNTS, COUNTS, COUNTS)), max_size=8)
ZONES = st.sampled_from([ZoneInfo("Australia/Lord_Howe"), ZoneInfo("Europe/Berlin")])
DAY = date(2026, 10, 25).toordinal()


@given(found=TRENDS)
def test_the_gains_of_all_sum_to_the_gain_of_the_whole(found: list[Trend]) -> None:
    columns = [sum(column) for column in zip(*(each.before for each in found), strict=True)]
    before = tuple(columns) or (0, 0, 0)
    whole = Trend(sum(each.now for each in found), before)

    assert sum(each.gain_thirds for each in found) == whole.gain_thirds


@given(now=COUNTS, before=st.tuples(COUNTS, COUNTS, COUNTS), more=COUNTS)
def test_more_now_gains_as_much_and_the_order_of_before_says_nothing(
    now: int, before: tuple[int, int, int], more: int
) -> None:
    plain = Trend(now, before)

    assert Trend(now + more, before).gain_thirds - plain.gain_thirds == 3 * more
    assert Trend(now, before[::-1]).gain == plain.gain


def test_what_is_used_as_ever_gains_nothing() -> None:
    assert (Trend(5, (5, 5, 5)).gain, Trend(5, (4, 5, 7)).gain) == (0, 0)
    assert (Trend(9, (0, 0, 0)).gain, Trend(0, (3, 3, 3)).gain) == (9, -3)


@given(first=st.integers(DAY - 200, DAY + 200), days=st.integers(1, 30), zone=ZONES)
def test_the_windows_are_complete_days_that_touch(first: int, days: int, zone: ZoneInfo) -> None:
    now_ms = day_window(first + days, zone).from_ms + 7
    found = windows(Window(day_window(first, zone).from_ms, now_ms), zone)

    assert found == tuple(
        Window(
            day_window(first - n * days, zone).from_ms,
            day_window(first - (n - 1) * days, zone).from_ms,
        )
        for n in range(4)
    )


@given(start=st.integers(1, DAY_MS - 1), length=st.integers(1, 40 * DAY_MS))
def test_a_rolling_window_follows_three_that_are_as_long(start: int, length: int) -> None:
    utc, start = ZoneInfo("UTC"), start + 400 * DAY_MS
    found = windows(Window(start, start + length), utc)

    assert found is not None
    assert [each.to_ms for each in found[1:]] == [each.from_ms for each in found[:-1]]
    assert found[1].length_ms == length


def test_a_first_day_has_no_trend() -> None:
    utc = ZoneInfo("UTC")

    assert (
        windows(Window(day_window(DAY, utc).from_ms, day_window(DAY, utc).from_ms + 5), utc) is None
    )
