"""Availability by time, and the success rate beside it."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitor.domain.availability import (
    MIN_PROBES,
    MIN_TRAFFIC,
    Availability,
    judge,
    success_rate,
    sum_by_state,
)
from monitor.domain.course import advance
from monitor.domain.health import Health, Rule, Span, State, Tick, Verdict
from monitor.domain.windows import DAY_MS, HOUR_MS, MINUTE_MS, Window

DOWN, UP, UNKNOWN, DEGRADED = State.DOWN, State.UP, State.UNKNOWN, State.DEGRADED
WINDOW = Window(100, 200)


def every(step_ms: int, from_ms: int, to_ms: int, verdict: Verdict = Verdict.PASS) -> list[Tick]:
    """Calls that take as long as they are apart, so that each minute is a call's own."""
    ends = range(from_ms + step_ms, to_ms + 1, step_ms)
    return [Tick(at - step_ms, at, verdict, is_probe=True, gap_ms=step_ms) for at in ends]


def watch(ticks: list[Tick], window: Window) -> Availability:
    spans = advance(Health.new(window.from_ms), ticks, Rule()).spans
    return judge(sum_by_state(spans, window), window.length_ms)


def test_checks_at_mixed_intervals_do_not_bend_it() -> None:
    end_ms = HOUR_MS + 10 * MINUTE_MS
    up = every(MINUTE_MS, 0, HOUR_MS)
    down = every(20_000, HOUR_MS, end_ms, Verdict.FAIL)

    seen = watch([*up, *down], Window(0, end_ms))
    assert (seen.percent_milli, seen.coverage_milli) == (85_714, 100_000)


def test_a_host_asleep_for_22_of_24_hours_has_two_hours_of_coverage_and_says_so() -> None:
    awake = every(MINUTE_MS, 0, 2 * HOUR_MS)
    woken = every(MINUTE_MS, DAY_MS, DAY_MS + MINUTE_MS)

    seen = watch([*awake, *woken], Window(0, DAY_MS))
    assert (seen.covered_ms, seen.window_ms) == (2 * HOUR_MS, DAY_MS)
    assert (seen.percent_milli, seen.coverage_milli) == (100_000, 8_333)


def test_nothing_watched_is_not_known() -> None:
    seen = judge({(UNKNOWN, False): 50}, 50)

    assert (seen.percent_milli, seen.coverage_milli) == (None, 0)


def test_an_empty_window_has_no_coverage_to_speak_of() -> None:
    assert judge({}, 0).coverage_milli is None


def test_a_millisecond_of_down_time_is_never_rounded_away() -> None:
    seen = judge({(UP, False): 10**12, (DOWN, False): 1}, 10**12 + 1)

    assert seen.percent_milli == 99_999


def test_always_down_is_zero() -> None:
    assert judge({(DOWN, False): 50}, 50).percent_milli == 0


def test_degraded_is_not_down() -> None:
    assert judge({(DEGRADED, False): 50, (DOWN, False): 50}, 100).percent_milli == 50_000


def test_maintenance_counts_as_watched_and_charges_nothing() -> None:
    seen = judge(
        {(UP, False): 50, (DOWN, True): 20, (UNKNOWN, True): 10, (UNKNOWN, False): 20}, 100
    )

    assert seen == Availability(window_ms=100, covered_ms=50, down_ms=0, maintenance_ms=30)
    assert (seen.percent_milli, seen.coverage_milli) == (100_000, 80_000)


def test_spans_are_clipped_to_the_window() -> None:
    spans = [Span(0, 90, UP), Span(90, 150, DOWN), Span(150, 180, UP), Span(180, 900, DOWN)]

    assert sum_by_state(spans, WINDOW) == {(DOWN, False): 70, (UP, False): 30}


def test_maintenance_that_overlaps_itself_is_counted_once() -> None:
    held = [Window(130, 150), Window(90, 120), Window(110, 140)]

    sums = sum_by_state([Span(0, 145, UP), Span(145, 900, DOWN)], WINDOW, held)
    assert sums == {(UP, True): 45, (DOWN, True): 5, (DOWN, False): 50}


# The two roots x of |good/n - x| = z sqrt(x (1 - x) / n), solved apart.
@pytest.mark.parametrize(
    ("good", "bad", "low", "high"),
    [(20, 0, 0.838875, 1.0), (0, 20, 0.0, 0.161125), (19, 1, 0.763869, 0.991119)],
)
def test_the_interval_is_wilsons(good: int, bad: int, low: float, high: float) -> None:
    seen = success_rate(good, bad, MIN_PROBES)

    assert seen is not None
    assert [seen.low, seen.high] == pytest.approx([low, high], abs=1e-6)


@pytest.mark.parametrize("min_calls", [MIN_PROBES, MIN_TRAFFIC])
def test_too_few_calls_tell_nothing(min_calls: int) -> None:
    assert success_rate(min_calls - 1, 0, min_calls) is None
    assert success_rate(min_calls - 1, 1, min_calls) is not None


def test_no_calls_have_no_rate_even_where_none_are_asked_for() -> None:
    assert success_rate(0, 0, 0) is None


@given(st.integers(0, 10**6), st.integers(0, 10**6))
def test_the_rate_lies_within_its_interval(good: int, bad: int) -> None:
    seen = success_rate(good, bad, 1)

    assert seen is None or 0 <= seen.low <= seen.rate <= seen.high <= 1
