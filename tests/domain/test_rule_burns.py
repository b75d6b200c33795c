"""Burn rates, worked by hand: at 99.5 % an hour has 18 s of budget, so 14.4 times is 259.2 s."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitor.domain.health import Span, State
from monitor.domain.rule_burns import History, judge
from monitor.domain.rule_parameters import FAST, LONG, STEADY, Burn
from monitor.domain.rules import AlertRule, Finding, RuleName
from monitor.domain.windows import HOUR_MS, MINUTE_MS, Window

U, D, X, N = State.UP, State.DEGRADED, State.DOWN, State.UNKNOWN
FAST_BURN = AlertRule(RuleName.FAST_BURN, FAST)
Held = tuple[tuple[float, State], ...]


def spans(*held: tuple[float, State]) -> list[Span]:
    """Each so many seconds long."""
    at_ms, made = 0, []
    for seconds, state in held:
        made.append(Span(at_ms, at_ms + round(seconds * 1000), state))
        at_ms = made[-1].to_ms
    return made


def found(
    *held: tuple[float, State],
    rule: AlertRule[Burn] = FAST_BURN,
    is_told: bool = False,
    maintenance: tuple[Window, ...] = (),
) -> list[Finding]:
    history = History.of(spans(*held), maintenance)
    return list(judge(rule, "1", history, outages_are_told=is_told))


def minutes(findings: list[Finding]) -> list[tuple[bool, float]]:
    return [(each.is_firing, each.at_ms / MINUTE_MS) for each in findings]


def test_the_sums_of_a_window_are_those_of_its_spans() -> None:
    history = History.of(spans((60, U), (30, X), (30, N), (60, D)), [Window(80_000, 130_000)])

    assert history.spent(Window(0, 180_000)) == (20_000, 130_000)
    assert history.spent(Window(70_000, 75_000)) == (5_000, 5_000)
    assert history.spent(Window(125_000, 10**9)) == (0, 50_000)
    assert history.spent(Window(-100, 0)) == (0, 0)


def test_259_seconds_down_in_an_hour_are_not_14_4_times_too_fast_and_260_are() -> None:
    almost = found((3600, U), (259, X), (3600, U))
    enough = found((3600, U), (260, X), (3600, U))

    assert almost == []
    assert minutes(enough) == [(True, 65), (False, 70)]
    assert enough[0].facts == {
        "down_ms": 260_000,
        "covered_ms": 3_600_000,
        "outages": 1,
        "long_min": 60,
        "rate_tenths": 144,
        "objective_milli": 99_500,
    }


def test_what_is_over_for_the_short_window_opens_nothing() -> None:
    # 21.6 s of the last five minutes are 14.4 times too fast: those of an hour ago are not.
    assert found((3600, U), (240, X), (1200, U), (19, X), (3600, U)) == []
    assert minutes(found((3600, U), (240, X), (1200, U), (22, X), (3600, U)))[0] == (True, 85)


@pytest.mark.parametrize(("down_s", "is_opened"), [(647, False), (660, True)])
def test_six_times_too_fast_for_six_hours_is_648_seconds(down_s: int, is_opened: bool) -> None:  # noqa: FBT001 -- a column
    rule = AlertRule(RuleName.BURN, STEADY)

    assert bool(found((30_000, U), (down_s, X), (30_000, U), rule=rule)) is is_opened


@pytest.mark.parametrize(("down_s", "is_opened"), [(1295, False), (1300, True)])
def test_a_budget_of_three_days_is_1296_seconds(down_s: int, is_opened: bool) -> None:  # noqa: FBT001 -- a column
    rule = AlertRule(RuleName.SLOW_BURN, LONG)

    assert bool(found((400_000, U), (down_s, X), (400_000, U), rule=rule)) is is_opened


def test_a_window_that_was_hardly_watched_says_nothing() -> None:
    assert found((1000, N), (1700, N), (900, X), (300, N)) == []
    assert found((1700, N), (1000, U), (900, X), (300, U)) != []


def test_unknown_time_closes_nothing() -> None:
    assert [f.is_firing for f in found((3600, U), (300, X), (86_400, N))] == [True]
    assert [f.is_firing for f in found((3600, U), (300, X), (9000, N), (600, U))] == [True, False]


def test_maintenance_burns_nothing() -> None:
    held = (Window(3_600_000, 3_900_000),)

    assert found((3600, U), (300, X), (3600, U), maintenance=held) == []


def test_an_outage_that_is_told_is_not_told_again() -> None:
    assert found((3600, U), (1800, X), (7200, U), is_told=True) == []


def test_outages_that_add_up_are_told_once_they_are_over() -> None:
    findings = found((3600, U), (180, X), (1800, U), (180, X), (7200, U), is_told=True)

    assert minutes(findings) == [(True, 97), (False, 101)]
    assert findings[0].facts["outages"] == 2
    assert findings[0].since_ms == HOUR_MS


def test_an_endpoint_that_flaps_is_told_as_that() -> None:
    held: Held = ((3600, U), *((100, X), (100, U)) * 6, (300, U))

    assert found(*held, is_told=True) == []
    assert found(*held) != []


HELD = st.lists(
    st.tuples(st.integers(1, 1200), st.sampled_from([U, U, X, D, N])), min_size=1, max_size=30
)


@given(HELD, st.integers(0, 15_000))
def test_all_at_once_or_in_two_goes_come_to_the_same(
    held: list[tuple[int, State]], cut_s: int
) -> None:
    whole, cut_ms = History.of(spans(*held)), cut_s * 1000
    everything = list(judge(FAST_BURN, "1", whole))
    first = [each for each in everything if each.at_ms <= cut_ms]
    is_open = bool(first) and first[-1].is_firing
    then = list(judge(FAST_BURN, "1", whole, is_open=is_open, from_ms=cut_ms + 1))

    assert first + then == everything


@given(HELD)
def test_openings_and_closings_take_turns(held: list[tuple[int, State]]) -> None:
    says = [each.is_firing for each in judge(FAST_BURN, "1", History.of(spans(*held)))]

    assert says == [n % 2 == 0 for n in range(len(says))]
