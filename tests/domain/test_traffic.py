"""Traffic where nothing is probed: minute by minute it confirms failures, and recoveries."""

import pytest

from monitor.domain import traffic
from monitor.domain.course import advance
from monitor.domain.health import Advanced, Closed, Health, Opened, Rule, Span, State, Verdict
from monitor.domain.traffic import Meter, Said, is_failing
from monitor.domain.windows import MINUTE_MS

RULE = Rule()
GAP_MS = 300_000


def minute(number: int, good: int, failed: int) -> list[Said]:
    """Calls of 100 ms spread over a minute, good ones first."""
    return [
        Said(at_ms, at_ms + 100, GAP_MS, place < good)
        for place in range(good + failed)
        for at_ms in [number * MINUTE_MS + place * 1_000]
    ]


def drive(*minutes: list[Said], health: Health | None = None) -> Advanced:
    """A row after minutes of traffic, with all its spans and transitions."""
    _, ticks = traffic.advance(Meter(), [said for one in minutes for said in one], RULE)
    return advance(health or Health.new(0), ticks, RULE.of_traffic)


def test_a_share_of_thirty_percent_of_twenty_calls_is_failing() -> None:
    assert is_failing(14, 6, RULE)
    assert not is_failing(15, 5, RULE)
    assert not is_failing(0, 19, RULE)


def test_two_failing_minutes_turn_it_down_from_its_first_failing_call() -> None:
    health, spans, transitions = drive(
        minute(0, 20, 0), minute(1, 14, 6), minute(2, 14, 6), minute(3, 1, 0)
    )

    first_ms = MINUTE_MS + 14_000
    assert transitions == (Opened(first_ms, 2 * MINUTE_MS + 19_100),)
    assert spans[-1] == Span(first_ms, 2 * MINUTE_MS + 19_100, State.DOWN)
    assert health.has_incident


@pytest.mark.parametrize("second", [minute(2, 20, 0), minute(2, 15, 5)])
def test_one_failing_minute_alone_is_a_blip(second: list[Said]) -> None:
    health, spans, transitions = drive(minute(0, 20, 0), minute(1, 0, 20), second, minute(3, 1, 0))

    assert transitions == ()
    assert {span.state for span in spans} == {State.UP}
    assert health.failures == 0


def test_a_minute_of_few_calls_neither_confirms_nor_clears() -> None:
    held = drive(minute(0, 20, 0), minute(1, 0, 20), minute(2, 19, 0), minute(3, 1, 0))
    assert (held.transitions, held.health.failures) == ((), 1)

    confirmed = drive(minute(1, 0, 20), minute(2, 0, 19), minute(3, 0, 20), minute(4, 1, 0))
    assert confirmed.transitions == (Opened(MINUTE_MS, 3 * MINUTE_MS + 19_100),)


def test_it_comes_back_after_two_good_minutes_of_twenty_calls() -> None:
    down = [minute(1, 0, 20), minute(2, 0, 20)]
    once = drive(*down, minute(3, 20, 0), minute(4, 19, 0), minute(5, 1, 0))
    assert once.health.has_incident

    back = drive(*down, minute(3, 15, 5), minute(4, 20, 0), minute(5, 1, 0))
    assert back.transitions[1] == Closed(3 * MINUTE_MS + 19_100, 4 * MINUTE_MS + 19_100)
    assert back.health.state is State.UP


def test_a_failing_minute_in_between_starts_the_way_back_anew() -> None:
    ways = [minute(3, 20, 0), minute(4, 14, 6), minute(5, 20, 0), minute(6, 1, 0)]

    assert drive(minute(1, 0, 20), minute(2, 0, 20), *ways).health.passes == 1


def test_good_traffic_vouches_at_once() -> None:
    assert drive(minute(0, 3, 0)).spans[-1] == Span(0, 2_100, State.UP)


def test_traffic_that_stops_ends_the_count() -> None:
    hours_later = minute(300, 0, 20)
    health, _, transitions = drive(
        minute(0, 20, 0), minute(1, 0, 20), hours_later, minute(301, 1, 0)
    )

    assert (transitions, health.failures) == ((), 1)


def test_a_call_of_a_minute_that_has_spoken_says_nothing() -> None:
    counts, _ = traffic.advance(Meter(), [Said(60_000, 60_100, GAP_MS, is_good=True)], RULE)

    late = Said(0, 59_999, GAP_MS, is_good=False)
    assert traffic.advance(counts, [late], RULE) == (counts, [])


def test_while_its_minute_is_doubtful_a_good_call_does_not_vouch() -> None:
    counts, _ = traffic.advance(Meter(), [Said(60_000, 60_100, GAP_MS, is_good=False)], RULE)
    counts, ticks = traffic.advance(counts, [Said(60_200, 60_300, GAP_MS, is_good=True)], RULE)
    assert ticks == []

    # As a whole it was too little to judge: then its good calls vouch.
    _, ticks = traffic.advance(counts, [Said(120_000, 120_100, GAP_MS, is_good=False)], RULE)
    assert [(t.verdict, t.is_probe) for t in ticks] == [(Verdict.PASS, False)]


def test_a_replay_in_any_batches_gives_the_same() -> None:
    said = [*minute(0, 20, 0), *minute(1, 9, 12), *minute(2, 1, 20), *minute(3, 25, 1)]
    whole = traffic.advance(Meter(), said, RULE)
    for cut in range(len(said)):
        counts, first = traffic.advance(Meter(), said[:cut], RULE)
        counts, rest = traffic.advance(counts, said[cut:], RULE)
        assert (counts, first + rest) == whole
