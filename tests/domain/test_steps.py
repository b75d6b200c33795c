from datetime import date
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitor.domain.steps import cut
from monitor.domain.windows import BUCKET_MS, DAY_MS, HOUR_MS, MINUTE_MS, Window, day_window

ZONES = [ZoneInfo(name) for name in ("UTC", "Asia/Kathmandu", "Australia/Lord_Howe")]
BERLIN = ZoneInfo("Europe/Berlin")
YEAR_MS = day_window(date(2025, 1, 1).toordinal(), ZoneInfo("UTC")).from_ms


@given(
    from_ms=st.integers(YEAR_MS, YEAR_MS + 365 * DAY_MS),
    length_ms=st.integers(1, 5 * DAY_MS),
    step_ms=st.sampled_from([3 * MINUTE_MS, BUCKET_MS, HOUR_MS, 6 * HOUR_MS, DAY_MS]),
    zone=st.sampled_from(ZONES),
    share=st.floats(0, 1, exclude_max=True),
)
def test_every_instant_of_a_window_lies_in_the_step_it_is_placed_in(
    from_ms: int, length_ms: int, step_ms: int, zone: ZoneInfo, share: float
) -> None:
    window = Window(from_ms, from_ms + length_ms)
    steps = cut(window, step_ms, zone)
    instant_ms = window.from_ms + int(share * length_ms)
    place = steps.place_of(instant_ms)
    ends = (*steps.starts[1:], steps.end_ms)

    assert steps.starts[place] <= instant_ms < ends[place]
    assert (
        steps.place_of(max(steps.starts[0], instant_ms // steps.grain_ms * steps.grain_ms)) == place
    )
    assert steps.end_ms >= window.to_ms


def test_a_day_on_which_the_clock_is_set_is_one_step() -> None:
    day = date(2025, 10, 26).toordinal()
    steps = cut(day_window(day, BERLIN), DAY_MS, BERLIN)

    assert len(steps.starts) == 1
    assert steps.whole.length_ms == 25 * HOUR_MS


def test_a_step_off_the_buckets_is_refused() -> None:
    with pytest.raises(ValueError, match="no multiple of 15 minutes"):
        cut(Window(0, DAY_MS), 7 * 60_000, BERLIN)
