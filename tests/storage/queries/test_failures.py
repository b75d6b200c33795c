from collections import Counter
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from monitor.domain.outcomes import RULINGS, Group, Result
from monitor.domain.steps import cut
from monitor.domain.windows import BUCKET_MS, DAY_MS, HOUR_MS, Window
from monitor.storage.queries import failures
from tests.storage.queries.seeds import ALPHA, BETA, HOMES, TARGET, Seeded

ZONES = [ZoneInfo(name) for name in HOMES]
few = settings(max_examples=15, deadline=None)


def listed(seeded: Seeded, window: Window, *ids: int) -> list[dict[str, Any]]:
    """The calls of a window, found by looking at each."""
    return [
        c
        for c in seeded.book.calls
        if window.from_ms <= c["started_ms"] < window.to_ms and c["endpoint_id"] in ids
    ]


def count_failed(calls: list[dict[str, Any]]) -> Counter[Result]:
    outcomes = [c["outcome"] for c in calls]
    return Counter(each for each in outcomes if RULINGS[each].group is not Group.GOOD)


@few
@given(start_ms=st.integers(0, 3 * DAY_MS), length_ms=st.integers(1, 2 * DAY_MS))
def test_counts_are_those_of_the_window_off_its_bucket_edges_too(
    seeded: Seeded, start_ms: int, length_ms: int
) -> None:
    from_ms = seeded.book.from_ms + start_ms
    window = Window(from_ms, from_ms + length_ms)
    with seeded.database.reading() as session:
        found = failures.counts(session, window, [ALPHA, TARGET])

    expected = {n: count_failed(listed(seeded, window, n)) for n in (ALPHA, TARGET)}
    assert found == {number: counted for number, counted in expected.items() if counted}


@pytest.mark.parametrize("step_ms", [BUCKET_MS, 6 * HOUR_MS, DAY_MS])
@pytest.mark.parametrize("zone", ZONES, ids=str)
def test_steps_hold_the_calls_that_started_in_them(
    seeded: Seeded, step_ms: int, zone: ZoneInfo
) -> None:
    window = Window(seeded.book.from_ms + 1_234_567, seeded.book.to_ms - 7_654_321)
    steps = cut(window, step_ms, zone)
    with seeded.database.reading() as session:
        found = failures.over_time(session, steps, zone, [ALPHA, BETA])

    for step, end_ms in zip(found, (*steps.starts[1:], steps.end_ms), strict=True):
        inside = listed(seeded, Window(step.from_ms, end_ms), ALPHA, BETA)
        assert (step.calls, step.failed) == (len(inside), count_failed(inside))
