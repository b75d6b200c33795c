"""The way back: how an incident ends, and what happens to it out of sight."""

from monitor.domain.health import Closed, Rule, Span, State, Unobserved
from tests.domain.ticks import BROKEN, UNSEEN, bad, good, run

DOWN, UP, UNKNOWN = State.DOWN, State.UP, State.UNKNOWN


def test_the_first_good_tick_of_a_recovery_ends_down_time() -> None:
    health, spans, transitions = run(BROKEN, good(1050, 1060))

    assert (spans, transitions) == ((Span(1000, 1060, DOWN),), ())
    assert (health.state, health.passes, health.first_pass_ms) == (DOWN, 1, 1060)


def test_the_second_good_tick_in_a_row_closes_the_incident_at_the_first() -> None:
    health, spans, transitions = run(BROKEN, good(1050, 1060), good(1090, 1100))

    assert spans == (Span(1000, 1060, DOWN), Span(1060, 1100, UP))
    assert transitions == (Closed(ended_ms=1060, confirmed_ms=1100),)
    assert (health.state, health.since_ms, health.has_incident) == (UP, 1060, False)


def test_a_closed_incident_leaves_nothing_of_its_recovery_in_the_row() -> None:
    health = run(BROKEN, good(1050, 1060), good(1090, 1100)).health

    assert (health.passes, health.first_pass_ms, health.failures) == (0, None, 0)


def test_a_failure_resets_a_recovery() -> None:
    health, spans, transitions = run(BROKEN, good(1050, 1060), bad(1090, 1100), good(1110, 1120))

    assert (spans, transitions) == ((Span(1000, 1120, DOWN),), ())
    assert (health.passes, health.first_pass_ms) == (1, 1120)


def test_one_good_tick_closes_where_the_rule_says_so() -> None:
    health, spans, transitions = run(BROKEN, good(1050, 1060), rule=Rule(passes_to_close=1))

    assert (spans, transitions) == ((Span(1000, 1060, DOWN),), (Closed(1060, 1060),))
    assert (health.state, health.since_ms) == (UP, 1060)


def test_a_longer_recovery_is_pending_until_it_is_believed() -> None:
    ticks = (good(1050, 1060), good(1090, 1100), good(1130, 1140))
    health, spans, transitions = run(BROKEN, *ticks, rule=Rule(passes_to_close=3))

    assert spans == (Span(1000, 1060, DOWN), Span(1060, 1140, UP))
    assert (health.state, transitions) == (UP, (Closed(1060, 1140),))


def test_out_of_sight_an_open_incident_stays_open_and_is_marked_once() -> None:
    health, spans, transitions = run(BROKEN, good(1300, 1310), good(1700, 1710))

    assert spans == (Span(1000, 1710, UNKNOWN),)
    assert transitions == (Unobserved(since_ms=1000),)
    assert (health.has_incident, health.passes, health.first_pass_ms) == (True, 1, 1710)


def test_a_gap_in_a_recovery_starts_it_anew() -> None:
    health, spans, transitions = run(BROKEN, good(1050, 1060), good(1300, 1310))

    assert spans == (Span(1000, 1060, DOWN), Span(1060, 1310, UNKNOWN))
    assert (transitions, health.passes) == ((Unobserved(1060),), 1)


def test_two_good_ticks_close_an_incident_that_was_out_of_sight() -> None:
    health, spans, transitions = run(UNSEEN, good(1050, 1060), good(1090, 1100))

    assert spans == (Span(1000, 1060, UNKNOWN), Span(1060, 1100, UP))
    assert (health.state, transitions) == (UP, (Closed(1060, 1100),))


def test_one_failure_takes_an_incident_up_again_that_was_out_of_sight() -> None:
    health, spans, transitions = run(UNSEEN, good(1050, 1060), bad(1090, 1100))

    assert spans == (Span(1000, 1090, UNKNOWN), Span(1090, 1100, DOWN))
    assert (health.state, health.passes, transitions) == (DOWN, 0, ())
