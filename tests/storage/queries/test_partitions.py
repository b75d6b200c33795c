"""Any partition of a period sums to the period, over changes of the clock, in awkward zones."""

from collections import Counter
from itertools import pairwise
from typing import Any
from zoneinfo import ZoneInfo

from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy.orm import Session

from monitor.domain.calls import Origin
from monitor.domain.dimensions import Dimension
from monitor.domain.health import State
from monitor.domain.histogram import Metric, merge
from monitor.domain.steps import cut
from monitor.domain.windows import BUCKET_MS, DAY_MS, HOUR_MS, Window, day_of, day_window
from monitor.storage.queries import health, latency, usage
from monitor.storage.queries.owners import Audience
from monitor.storage.queries.totals import Totals, add_up
from tests.storage.queries.oracle import METRICS, bin_slowly, list_values, sum_calls
from tests.storage.queries.seeds import HOMES, Seeded

LENGTH_MS = 5 * DAY_MS
OFFSETS = st.integers(0, LENGTH_MS) | st.integers(0, LENGTH_MS // BUCKET_MS).map(
    lambda n: n * BUCKET_MS
)
CUTS = st.lists(OFFSETS, min_size=2, max_size=5, unique=True).map(sorted)
ZONES = st.sampled_from([ZoneInfo(name) for name in HOMES])
INTERNED = st.sampled_from((Dimension.ALL, Dimension.MODEL, Dimension.TEAM, Dimension.ORIGIN))
few = settings(max_examples=15, deadline=None)


def split(seeded: Seeded, cuts: list[int]) -> tuple[Window, list[Window]]:
    start = seeded.book.from_ms - DAY_MS // 3
    instants = [start + cut for cut in cuts]
    return Window(instants[0], instants[-1]), [Window(*pair) for pair in pairwise(instants)]


def read_usage(session: Session, window: Window, zone: ZoneInfo) -> Totals:
    found = usage.totals(session, window, zone, by=Dimension.ENDPOINT, audience=Audience.EVERYONE)
    return add_up(found.values())


@few
@given(cuts=CUTS, zone=ZONES)
def test_usage_of_parts_sums_to_the_whole(seeded: Seeded, cuts: list[int], zone: ZoneInfo) -> None:
    whole, parts = split(seeded, cuts)
    with seeded.database.reading() as session:
        found = read_usage(session, whole, zone)
        summed = add_up(read_usage(session, part, zone) for part in parts)

    assert found == summed
    assert found == Totals(**sum_calls(in_window(seeded, whole)))


@few
@given(first=st.integers(-1, 3), length=st.integers(1, 4), zone=ZONES, by=INTERNED)
def test_days_of_any_zone_hold_the_calls_that_started_in_them(
    seeded: Seeded, first: int, length: int, zone: ZoneInfo, by: Dimension
) -> None:
    start = day_of(seeded.book.from_ms, zone) + first
    with seeded.database.reading() as session:
        found = usage.by_day(session, start, start + length - 1, zone, by=by)

    for n, day in enumerate(range(start, start + length)):
        summed = add_up(days[n].totals for days in found.values())
        assert summed == Totals(**sum_calls(in_window(seeded, day_window(day, zone))))


@few
@given(cuts=CUTS, hours=st.sampled_from((1, 2, 6)), by=INTERNED)
def test_steps_hold_the_calls_that_started_in_them(
    seeded: Seeded, cuts: list[int], hours: int, by: Dimension
) -> None:
    steps = cut(split(seeded, cuts)[0], hours * HOUR_MS, seeded.book.home)
    with seeded.database.reading() as session:
        found = usage.over_time(session, steps, by=by)

    for n, pair in enumerate(pairwise([*steps.starts, steps.end_ms])):
        summed = add_up(each[n].totals for each in found.values())
        assert summed == Totals(**sum_calls(in_window(seeded, Window(*pair))))


def in_window(seeded: Seeded, window: Window) -> list[dict[str, Any]]:
    return [
        c
        for c in seeded.book.calls
        if window.from_ms <= c["started_ms"] < window.to_ms and c["endpoint_id"] != 1
    ]


@few
@given(
    cuts=CUTS, zone=ZONES, metric=st.sampled_from(METRICS), origin=st.none() | st.just(Origin.PROBE)
)
def test_latency_of_parts_merges_to_the_whole(
    seeded: Seeded, cuts: list[int], zone: ZoneInfo, metric: Metric, origin: Origin | None
) -> None:
    whole, parts = split(seeded, cuts)
    with seeded.database.reading() as session:
        found, *partial = [
            latency.histograms(session, window, metric, zone, origin=origin)
            for window in (whole, *parts)
        ]

    for number in (1, 2, 3):
        merged = merge(each.get(number, {}) for each in partial)
        assert found.get(number, {}) == merged == expect(seeded, whole, metric, origin, number)


def expect(
    seeded: Seeded, window: Window, metric: Metric, origin: Origin | None, endpoint_id: int
) -> dict[int, int]:
    return Counter(
        bin_slowly(units)
        for c, units in list_values(seeded.book, metric)
        if window.from_ms <= c["started_ms"] < window.to_ms
        and c["endpoint_id"] == endpoint_id
        and origin in (None, c["origin"])
    )


@few
@given(cuts=CUTS, zone=ZONES)
def test_time_by_state_of_parts_sums_to_the_whole(
    seeded: Seeded, cuts: list[int], zone: ZoneInfo
) -> None:
    whole, parts = split(seeded, cuts)
    with seeded.database.reading() as session:
        found = health.availability(session, whole, zone)
        partial = [health.availability(session, part, zone) for part in parts]

    for number, judged in found.items():
        down_ms = sum(each[number].down_ms for each in partial)
        assert judged.down_ms == down_ms == measure(seeded, whole, number, {State.DOWN})
        covered = {State.UP, State.DEGRADED, State.DOWN}
        assert judged.covered_ms == measure(seeded, whole, number, covered)
        assert judged.window_ms == measure(seeded, whole, number, set(State))


def measure(seeded: Seeded, window: Window, endpoint_id: int, states: set[State]) -> int:
    return sum(
        window.clip(start, end).length_ms
        for e, start, end, state in seeded.book.slices
        if e == endpoint_id and state in states
    )
