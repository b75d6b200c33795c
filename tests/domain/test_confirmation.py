"""Failures that are not in a row: few of many, and a share that is exceeded by so much."""

from dataclasses import replace
from time import process_time

import pytest

from monitor.domain.health import Health, Opened, Rule, Span, State, Tick, Verdict
from tests.domain.ticks import GAP, RULE, bad, blind, good, row, run

DOWN, UP = State.DOWN, State.UP
#: Each of the three rules alone.
IN_A_ROW = replace(RULE, window_failures=0, share_points=0)
OF_MANY = replace(RULE, failures_to_open=99, window_failures=3, window_probes=5, share_points=0)
BY_SHARE = replace(RULE, failures_to_open=99, window_failures=0, share_percent=30, share_points=150)


def walk(pattern: str, *, is_probe: bool = True) -> list[Tick]:
    """A call each 50 ms, 10 ms long: `F` fails, `.` passes."""
    starts = range(1_040, 1_040 + 50 * len(pattern), 50)
    make = {"F": bad, ".": good}
    return [
        make[each](at, at + 10, is_probe=is_probe) for at, each in zip(starts, pattern, strict=True)
    ]


def start_of(place: int) -> int:
    return 1_040 + 50 * place


def end_of(place: int) -> int:
    return start_of(place) + 10


def test_few_of_many_open_an_incident_from_the_first_of_them() -> None:
    health, spans, transitions = run(row(UP), *walk("F.F.F"), rule=OF_MANY)

    assert transitions == (Opened(start_of(0), end_of(4)),)
    assert (health.state, health.trail) == (DOWN, ())
    # The good calls between stay up: down begins at the first failure after the last of them.
    assert spans == (Span(1_000, start_of(4), UP), Span(start_of(4), end_of(4), DOWN))


def test_a_failure_that_has_slid_out_of_the_window_does_not_count() -> None:
    assert run(row(UP), *walk("F.F..F"), rule=OF_MANY).transitions == ()
    assert run(row(UP), *walk("F.F..FF"), rule=OF_MANY).transitions == (
        Opened(start_of(2), end_of(6)),
    )


def test_good_probes_wear_the_trail_down_to_nothing() -> None:
    assert run(row(UP), *walk("F...."), rule=OF_MANY).health.trail == (start_of(0), -1, -1, -1, -1)
    assert run(row(UP), *walk("F....."), rule=OF_MANY).health.trail == ()


def test_an_exceeded_share_opens_from_the_failure_that_began_it() -> None:
    # 70 a failure, -30 a good one: 70, 40, 110, 80, 150.
    transitions = run(row(UP), *walk("F.F.F"), rule=BY_SHARE).transitions

    assert transitions == (Opened(start_of(0), end_of(4)),)


def test_a_share_that_is_just_held_opens_nothing_for_ever() -> None:
    # 30 failures in 100: what three failures add, seven good ones take away.
    assert run(row(UP), *walk("F..F..F..." * 50), rule=BY_SHARE).transitions == ()


def test_the_share_begins_anew_once_good_probes_have_paid_for_the_failures() -> None:
    transitions = run(row(UP), *walk("F...F.FF"), rule=BY_SHARE).transitions

    assert transitions == (Opened(start_of(4), end_of(7)),)


@pytest.mark.parametrize("rule", [OF_MANY, BY_SHARE])
def test_what_was_counted_is_forgotten_out_of_sight(rule: Rule) -> None:
    after_a_gap = [t._replace(started_ms=t[0] + 900, ended_ms=t[1] + 900) for t in walk("F")]
    seen = run(row(UP), *walk("F.F."), *after_a_gap, rule=rule)

    assert seen.transitions == ()
    assert seen.health.trail in ((), (1_940,))
    assert run(row(UP), *walk("F.F."), blind(1_235, 1_236), bad(1_240, 1_250), rule=rule)[2] == ()


@pytest.mark.parametrize("rule", [OF_MANY, BY_SHARE])
def test_what_was_counted_is_forgotten_in_an_incident(rule: Rule) -> None:
    back = walk("F.F.F..FF")

    assert len(run(row(UP), *back, rule=rule).transitions) == 2


@pytest.mark.parametrize("rule", [OF_MANY, BY_SHARE])
def test_traffic_neither_adds_to_the_counts_nor_wears_them_down(rule: Rule) -> None:
    probes = walk("F.F..")
    traffic = [t._replace(is_probe=False, ended_ms=t.ended_ms + 1) for t in walk("F.F..")]
    mixed = [t for pair in zip(probes, traffic, strict=True) for t in pair]

    with_traffic, without = (run(row(UP), *ticks, rule=rule).health for ticks in (mixed, probes))
    assert (with_traffic.trail, with_traffic.excess) == (without.trail, without.excess)


def test_the_earliest_start_of_the_rules_that_are_met_counts() -> None:
    both = replace(RULE, failures_to_open=2, window_failures=3, window_probes=5, share_points=0)

    assert run(row(UP), *walk("F.FF"), rule=both).transitions == (Opened(start_of(0), end_of(3)),)


def test_a_degraded_answer_turns_up_to_degraded_and_a_good_one_back() -> None:
    slow, fast = (good(1_050, 1_060)._replace(is_degraded=d) for d in (True, False))
    degraded = run(row(UP), slow)
    assert degraded.spans == (Span(1_000, 1_060, State.DEGRADED),)

    later = fast._replace(started_ms=1_080, ended_ms=1_090)
    assert run(degraded.health, later).health.state is UP


def test_traffic_vouches_for_degraded_and_never_turns_it() -> None:
    vouched = run(row(State.DEGRADED), good(1_050, 1_060, is_probe=False))

    assert vouched.spans == (Span(1_000, 1_060, State.DEGRADED),)


def test_a_recovery_ends_degraded_where_its_answers_are_slow() -> None:
    ticks = [good(t, t + 10)._replace(is_degraded=True) for t in (1_050, 1_090)]
    recovered = run(row(DOWN, has_incident=True), *ticks)

    assert recovered.spans == (Span(1_000, 1_060, DOWN), Span(1_060, 1_100, State.DEGRADED))


def test_a_year_of_probes_is_walked_through_in_a_second() -> None:
    """A rehearsal walks through many simulated years: 100,000 probes, three in a thousand bad."""
    year = [
        Tick(at, at + 10, Verdict.FAIL if at % 33_300 == 0 else Verdict.PASS, True, GAP)  # noqa: FBT003
        for at in range(0, 10_000_000, 100)
    ]
    begun_s = process_time()
    for tick_batch in (year[:50_000], year[50_000:]):
        run(Health.new(-1), *tick_batch)

    assert process_time() - begun_s < 1


def test_what_is_over_before_the_least_span_is_a_blip() -> None:
    ticks = [*walk("FFFF"), good(1_240, 1_250)]

    assert run(row(UP), *ticks, rule=replace(IN_A_ROW, least_span_ms=200)).transitions == ()


def test_a_failure_is_confirmed_as_soon_as_it_spans_the_least_span() -> None:
    spanned = replace(IN_A_ROW, least_span_ms=200)

    assert run(row(UP), *walk("FFFFFF"), rule=spanned).transitions == (
        Opened(start_of(0), end_of(4)),
    )
