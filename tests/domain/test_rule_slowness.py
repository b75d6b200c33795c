from hypothesis import given
from hypothesis import strategies as st

from monitor.domain.health import Span, State
from monitor.domain.rule_parameters import Slow
from monitor.domain.rule_slowness import judge
from monitor.domain.rules import AlertRule, RuleName
from monitor.domain.windows import MINUTE_MS

RULE = AlertRule(RuleName.DEGRADED, Slow(hold_min=10, close_min=5))
U, D, X, N = State.UP, State.DEGRADED, State.DOWN, State.UNKNOWN


def spans(*held: tuple[int, State]) -> list[Span]:
    """Each so many minutes long."""
    at, made = 0, []
    for minutes, state in held:
        made.append(Span(at * MINUTE_MS, (at + minutes) * MINUTE_MS, state))
        at += minutes
    return made


def found(*held: tuple[int, State], from_min: int = 0) -> list[tuple[bool, int, int]]:
    findings = judge(RULE, "1", spans(*held), from_ms=from_min * MINUTE_MS)
    return [(f.is_firing, f.since_ms // MINUTE_MS, f.at_ms // MINUTE_MS) for f in findings]


def test_ten_minutes_of_it_open_and_five_without_it_close() -> None:
    assert found((20, U), (12, D), (6, U)) == [(True, 20, 30), (False, 32, 37)]


def test_a_short_while_of_it_or_without_it_changes_nothing() -> None:
    assert found((20, U), (9, D), (3, U), (9, D)) == []
    assert found((10, D), (4, U), (3, D), (4, U)) == [(True, 0, 10)]


def test_what_is_unknown_or_down_opens_nothing_and_closes_nothing() -> None:
    assert found((6, D), (9, N), (6, D), (9, X), (6, D)) == []
    assert found((10, D), (60, N), (60, X)) == [(True, 0, 10)]


def test_nothing_opens_before_the_rule_is_in_force() -> None:
    assert found((20, U), (60, D), from_min=50) == [(True, 40, 50)]
    assert found((20, U), (60, D), from_min=90) == []


@given(st.lists(st.tuples(st.integers(1, 15), st.sampled_from([U, D, X, N])), max_size=30))
def test_openings_and_closings_take_turns(held: list[tuple[int, State]]) -> None:
    says = [is_firing for is_firing, *_ in found(*held)]

    assert says == [n % 2 == 0 for n in range(len(says))]
