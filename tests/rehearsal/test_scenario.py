from itertools import pairwise

import pytest

from monitor.rehearsal.scenario import Kind, Scenario, Trouble

SCENARIO = Scenario(endpoints=2, months=6)


def test_the_same_scenario_gives_the_same_events() -> None:
    assert SCENARIO.events(1) == Scenario(endpoints=2, months=6).events(1)
    assert SCENARIO.events(0) != SCENARIO.events(1)


def test_nothing_happens_at_the_same_time_but_bursts() -> None:
    events = [event for event in SCENARIO.events(0) if event.trouble is not Trouble.BURST]

    assert all(first.to_ms <= second.from_ms for first, second in pairwise(events))


@pytest.mark.parametrize("kind", SCENARIO.kinds, ids=lambda kind: f"{kind.trouble} {kind.share}")
def test_every_trouble_comes_as_often_and_lasts_as_long_as_it_should(kind: Kind) -> None:
    lasted_s = [
        (event.to_ms - event.from_ms) / 1000
        for event in SCENARIO.events(0)
        if (event.trouble, event.share) == (kind.trouble, kind.share)
    ]

    assert len(lasted_s) == 6 * kind.per_month
    assert kind.shortest_s <= min(lasted_s) <= max(lasted_s) <= kind.longest_s


def test_one_burst_of_20_s_comes_each_week() -> None:
    bursts = [event for event in SCENARIO.events(0) if event.trouble is Trouble.BURST]

    assert {event.to_ms - event.from_ms for event in bursts} == {20_000}
    assert len(bursts) == 25
