from datetime import date
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitor.domain.cover import Cover, cover, cover_days
from monitor.domain.windows import BUCKET_MS, DAY_MS, HOUR_MS, Window, bucket_start_ms, day_window

ZONES = [
    "Asia/Kathmandu",
    "Australia/Lord_Howe",
    "Pacific/Chatham",
    "America/St_Johns",
    "Europe/Berlin",
    "UTC",
]
BERLIN, KATHMANDU = ZoneInfo("Europe/Berlin"), ZoneInfo("Asia/Kathmandu")
#: 2025-01-01 to 2026-01-01: each zone's two changes of the clock.
INSTANTS = st.integers(1_735_689_600_000, 1_767_225_600_000)
#: Some windows end on bucket edges, most do not.
LENGTHS = st.integers(0, 40 * DAY_MS) | st.integers(0, 4000).map(lambda n: n * BUCKET_MS)
ALIGNED = INSTANTS | INSTANTS.map(lambda at: at // BUCKET_MS * BUCKET_MS)


def list_parts(parts: Cover, zone: ZoneInfo) -> list[tuple[int, int]]:
    days = [day_window(day, zone) for day in parts.days]
    buckets = [Window(bucket_start_ms(r.start), bucket_start_ms(r.stop)) for r in parts.buckets]
    return sorted((w.from_ms, w.to_ms) for w in (*days, *buckets, *parts.edges))


@pytest.mark.parametrize("home", ["Europe/Berlin", "Australia/Lord_Howe"])
@pytest.mark.parametrize("name", ZONES)
@given(from_ms=ALIGNED, length_ms=LENGTHS)
def test_parts_tile_the_window(name: str, home: str, from_ms: int, length_ms: int) -> None:
    window, zone = Window(from_ms, from_ms + length_ms), ZoneInfo(name)

    parts = list_parts(cover(window, zone, ZoneInfo(home)), ZoneInfo(home))

    edges = [window.from_ms, *(end for _, end in parts)]
    assert [start for start, _ in parts] == edges[:-1]
    assert edges[-1] == window.to_ms


@given(from_ms=ALIGNED, length_ms=LENGTHS)
def test_edges_are_shorter_than_a_bucket(from_ms: int, length_ms: int) -> None:
    parts = cover(Window(from_ms, from_ms + length_ms), BERLIN, BERLIN)

    assert len(parts.edges) <= 2
    assert all(0 < edge.length_ms < BUCKET_MS for edge in parts.edges)


@given(from_ms=ALIGNED, length_ms=LENGTHS)
def test_no_whole_day_is_read_as_buckets(from_ms: int, length_ms: int) -> None:
    parts = cover(Window(from_ms, from_ms + length_ms), BERLIN, BERLIN)

    assert all(len(run) < 25 * 4 * 2 for run in parts.buckets)
    assert len(parts.days) >= (length_ms - 2 * 25 * HOUR_MS) // DAY_MS - 1


def test_another_zone_than_home_reads_no_day_rows() -> None:
    window = day_window(date(2025, 6, 1).toordinal(), KATHMANDU)

    assert cover(window, KATHMANDU, BERLIN) == Cover(
        range(0), (range(window.from_ms // BUCKET_MS, window.to_ms // BUCKET_MS),), ()
    )


@pytest.mark.parametrize("day", [date(2025, 3, 30), date(2025, 10, 26), date(2025, 6, 1)])
def test_calendar_days_at_home_are_day_rows_alone(day: date) -> None:
    run = range(day.toordinal(), day.toordinal() + 3)

    assert cover_days(run, BERLIN, BERLIN) == Cover(run, (), ())


def test_a_window_inside_one_bucket_is_an_edge() -> None:
    window = Window(BUCKET_MS + 5, BUCKET_MS + 9)

    assert cover(window, BERLIN, BERLIN) == Cover(range(0), (), (window,))


def test_an_empty_window_has_no_parts() -> None:
    assert cover(Window(BUCKET_MS, BUCKET_MS), BERLIN, BERLIN) == Cover(range(0), (), ())
