"""The state table of docs/semantics.md, row by row: what each tick turns, settles and tells."""

from dataclasses import replace

import pytest

from monitor.domain.health import Advanced, Health, Opened, Span, State, Tick, Verdict
from tests.domain.ticks import BROKEN, NEW, RULE, UNSEEN, bad, blind, good, row, run

DOWN, UP, UNKNOWN, DEGRADED = State.DOWN, State.UP, State.UNKNOWN, State.DEGRADED
THREE_BAD = (bad(1050, 1060), bad(1062, 1070), bad(1080, 1090))


def test_time_before_the_first_call_is_unknown_and_its_own_is_up() -> None:
    health, spans, transitions = run(NEW, good(40, 50))

    assert spans == (Span(0, 40, UNKNOWN), Span(40, 50, UP))
    assert (health.state, health.since_ms, transitions) == (UP, 40, ())


def test_a_first_call_under_way_at_creation_leaves_nothing_unknown() -> None:
    assert run(NEW, good(-10, 50)).spans == (Span(0, 50, UP),)


@pytest.mark.parametrize("state", [UP, DEGRADED])
def test_an_ok_tick_in_time_vouches_back_to_the_tick_before(state: State) -> None:
    health, spans, _ = run(row(state), good(1190, 1200))

    assert spans == (Span(1000, 1200, state),)
    assert (health.state, health.since_ms) == (state, 0)


def test_twice_the_gap_is_still_vouched_for_whatever_the_call_takes() -> None:
    assert run(row(UP), good(1200, 9000)).spans == (Span(1000, 9000, UP),)


def test_more_than_twice_the_gap_is_unknown_up_to_the_start_of_the_call() -> None:
    health, spans, _ = run(row(UP), good(1201, 1210))

    assert spans == (Span(1000, 1201, UNKNOWN), Span(1201, 1210, UP))
    assert health.since_ms == 1201


def test_the_gap_that_counts_is_the_one_stored_with_the_tick_before() -> None:
    short = Tick(1050, 1060, Verdict.PASS, is_probe=True, gap_ms=10)

    assert run(row(UP), short, good(1081, 1090)).spans[1] == Span(1060, 1081, UNKNOWN)


def test_a_blind_call_makes_the_time_around_it_unknown() -> None:
    health, spans, _ = run(row(UP), blind(1040, 1041), good(1050, 1060))

    assert spans == (Span(1000, 1050, UNKNOWN), Span(1050, 1060, UP))
    assert health.is_interrupted is False


def test_a_blind_call_settles_nothing() -> None:
    health, spans, transitions = run(row(UP), blind(1040, 1041))

    assert (health.is_interrupted, health.settled_ms, health.last_tick_ms) == (True, 1000, 1000)
    assert (spans, transitions) == ((), ())


def test_a_call_that_began_before_the_tick_before_ended_leaves_no_gap_to_be_blind_in() -> None:
    assert run(row(UP), blind(1001, 1002), good(990, 1060)).spans == (Span(1000, 1060, UP),)


@pytest.mark.parametrize("late", [good(900, 1000), bad(900, 1000), blind(900, 1000)])
def test_a_call_that_ends_no_later_than_the_newest_tick_moves_nothing(late: Tick) -> None:
    assert run(row(UP), late) == Advanced(row(UP), (), ())


def test_a_call_that_took_no_millisecond_is_held_to_have_taken_one() -> None:
    assert run(NEW, good(50, 50)).spans == (Span(0, 49, UNKNOWN), Span(49, 50, UP))


def test_a_call_from_before_creation_moves_nothing() -> None:
    new = Health.new(1000)

    assert run(new, good(900, 1000)) == Advanced(new, (), ())


def test_a_call_that_overlaps_the_tick_before_is_clipped() -> None:
    health, spans, _ = run(row(UP), bad(980, 1060), bad(1062, 1070), good(1080, 1090))

    assert spans == (Span(1000, 1090, UP),)
    assert health.failures == 0


@pytest.mark.parametrize("state", [UP, DEGRADED])
def test_a_first_failure_settles_up_to_its_start_and_keeps_the_state(state: State) -> None:
    health, spans, transitions = run(row(state), bad(1050, 1060))

    assert spans == (Span(1000, 1050, state),)
    assert (health.state, health.first_failed_ms, health.failures) == (state, 1050, 1)
    assert (health.last_tick_ms, transitions) == (1060, ())


def test_a_first_failure_of_an_unknown_endpoint_keeps_it_unknown() -> None:
    health, spans, _ = run(NEW, bad(40, 50))

    assert (health.state, spans) == (UNKNOWN, (Span(0, 40, UNKNOWN),))


@pytest.mark.parametrize("state", [UP, DEGRADED])
def test_an_ok_tick_before_the_threshold_is_a_blip(state: State) -> None:
    health, spans, transitions = run(row(state), *THREE_BAD[:2], good(1080, 1090))

    assert (spans, transitions) == ((Span(1000, 1090, state),), ())
    assert (health.state, health.failures, health.first_failed_ms) == (state, 0, None)


def test_a_blip_of_an_unknown_endpoint_settles_as_up() -> None:
    assert run(NEW, bad(40, 50), good(60, 70)).spans[1:] == (Span(40, 70, UP),)


def test_a_blip_ended_out_of_sight_settles_only_what_was_seen() -> None:
    health, spans, _ = run(row(DEGRADED), bad(1050, 1060), good(1300, 1310))

    assert spans == (
        Span(1000, 1060, DEGRADED),
        Span(1060, 1300, UNKNOWN),
        Span(1300, 1310, UP),
    )
    assert health.state is UP


def test_third_failure_in_a_row_opens_an_incident_from_the_first() -> None:
    health, spans, transitions = run(row(UP), *THREE_BAD)

    assert spans == (Span(1000, 1050, UP), Span(1050, 1090, DOWN))
    assert transitions == (Opened(started_ms=1050, confirmed_ms=1090),)
    assert (health.state, health.since_ms, health.has_incident) == (DOWN, 1050, True)


def test_an_incident_starts_no_earlier_than_the_good_call_before_it_ended() -> None:
    overlapping = (bad(950, 1060), *THREE_BAD[1:])

    assert run(row(UP), *overlapping).transitions == (Opened(1000, 1090),)


def test_one_failure_opens_where_the_rule_says_so() -> None:
    once = replace(RULE, failures_to_open=1)

    assert run(row(UP), bad(1050, 1060), rule=once).transitions == (Opened(1050, 1060),)


def test_a_gap_in_a_confirmation_starts_the_count_anew() -> None:
    health, spans, transitions = run(row(UP), *THREE_BAD[:2], bad(1300, 1310))

    assert spans == (Span(1000, 1070, UP), Span(1070, 1300, UNKNOWN))
    assert (health.state, health.failures, health.first_failed_ms) == (UNKNOWN, 1, 1300)
    assert (health.settled_ms, transitions) == (1300, ())


def test_a_blind_call_in_a_confirmation_starts_the_count_anew() -> None:
    assert run(row(UP), *THREE_BAD[:2], blind(1072, 1073), THREE_BAD[2]).health.failures == 1


def test_a_failure_confirmed_after_a_gap_starts_after_it() -> None:
    later = (bad(1300, 1310), bad(1320, 1330), bad(1340, 1350))

    assert run(row(UP), *THREE_BAD[:2], *later).transitions == (Opened(1300, 1350),)


@pytest.mark.parametrize("health", [NEW, row(UP), row(DEGRADED)])
def test_good_traffic_vouches_while_nothing_is_wrong(health: Health) -> None:
    ticks = good(1050, 1060), good(1050, 1060, is_probe=False)

    assert run(health, ticks[1]) == run(health, ticks[0])


@pytest.mark.parametrize("health", [BROKEN, UNSEEN, run(row(UP), bad(1050, 1060)).health])
def test_good_traffic_heals_nothing(health: Health) -> None:
    assert run(health, good(1070, 1080, is_probe=False)) == Advanced(health, (), ())


@pytest.mark.parametrize("health", [NEW, row(UP), BROKEN])
def test_bad_traffic_fails_nothing(health: Health) -> None:
    assert run(health, bad(1070, 1080, is_probe=False)) == Advanced(health, (), ())


def test_an_edited_rule_holds_from_the_next_tick_on() -> None:
    checking = run(row(UP), *THREE_BAD[:2]).health

    assert run(checking, THREE_BAD[2], rule=replace(RULE, failures_to_open=2)).health.state is DOWN
