from collections.abc import Sequence
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitor.rehearsal.plain import PASSES_TO_CLOSE, PlainRule, _hits, alarms, rehearse, stretches
from monitor.rehearsal.scenario import Event, Scenario, Trouble

HARD = Scenario(endpoints=2, months=2, blip_share=0.0)


def by_hand(failing: Sequence[int], rule: PlainRule) -> list[int]:
    """Probe by probe, as the rule is told in words."""
    found, since, passes, is_open = [], list[int](), 0, False
    for number in range(max(failing, default=-1) + 1):
        if number in failing:
            passes = 0
            since.append(number)
        else:
            passes += 1
        if is_open and passes >= PASSES_TO_CLOSE:
            is_open, since = False, []
        recent = [each for each in since if number - each < rule.probes]
        if not is_open and number in failing and len(recent) >= rule.failures:
            is_open = True
            found.append(number)
    return found


@given(st.sets(st.integers(0, 60)), st.sampled_from([(1, 1), (2, 2), (3, 3), (2, 4), (3, 6)]))
def test_a_rule_opens_where_counting_by_hand_opens(
    failing: set[int], counts: tuple[int, int]
) -> None:
    rule = PlainRule(*counts)

    assert list(alarms(sorted(failing), rule)) == by_hand(sorted(failing), rule)


def test_stretches_tile_the_whole_time() -> None:
    events = [Event(10, 20, Trouble.OUTAGE, 0.6), Event(15, 30, Trouble.BURST, 1.0)]
    pieces = list(stretches(events, 100, 0.003))

    assert [piece.from_ms for piece in pieces] == [0, *[piece.to_ms for piece in pieces[:-1]]]
    assert (pieces[-1].to_ms, pieces[1].share) == (100, 0.6)


def test_more_failures_in_a_row_are_seen_later() -> None:
    tallies = rehearse(HARD, [PlainRule(1, 1), PlainRule(3, 3)], interval_s=60)
    first, third = (sorted(tally.delays_s[1.0]) for tally in tallies.values())

    gaps_s = [later - sooner for sooner, later in zip(first, third, strict=True)]
    assert gaps_s == pytest.approx([120.0] * 8)


@pytest.mark.parametrize("share", [0.003, 0.1, 0.6])
def test_chance_hits_as_many_probes_as_it_should(share: float) -> None:
    hits = list(_hits(Random(1), 0, 200_000, share))
    deviation = (200_000 * share * (1 - share)) ** 0.5

    assert abs(len(hits) - 200_000 * share) < 4 * deviation
    assert hits == sorted(set(hits))
