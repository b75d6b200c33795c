"""What holds an alert, and what becomes of it afterwards."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitor.domain.alerts import AlertKind
from monitor.domain.maintenance import Maintenance
from monitor.domain.silences import (
    Fate,
    HoldKind,
    Holds,
    Scope,
    Silence,
    Subject,
    fate_of,
    hold_after,
)
from monitor.domain.windows import Window

M, S, R = HoldKind.MAINTENANCE, HoldKind.SILENCE, HoldKind.RECOVERY
A = Subject(AlertKind.AVAILABILITY, "acme", "acme/a")
B = Subject(AlertKind.AVAILABILITY, "acme", "acme/b")
KINDS = st.sets(st.sampled_from(HoldKind))


def silence(scope: Scope, until_ms: int | None = 100, ended_ms: int | None = None) -> Silence:
    return Silence(scope, 0, until_ms, "alice", ended_ms=ended_ms)


@pytest.mark.parametrize(
    ("scope", "holds"),
    [
        (Scope(), True),
        (Scope(alert=7), True),
        (Scope(alert=8), False),
        (Scope(endpoint="acme/a"), True),
        (Scope(endpoint="acme/b"), False),
        (Scope(provider="acme"), True),
        (Scope(provider="other"), False),
        (Scope(kind=AlertKind.AVAILABILITY), True),
        (Scope(kind=AlertKind.BUDGET), False),
    ],
)
def test_a_silence_holds_what_its_scope_covers(scope: Scope, *, holds: bool) -> None:
    assert bool(Holds((silence(scope),)).of(7, [A], 50)) is holds


@pytest.mark.parametrize(
    ("at_ms", "ended_ms", "holds"),
    [(-1, None, False), (0, None, True), (99, None, True), (100, None, False), (60, 50, False)],
)
def test_a_silence_holds_from_its_making_to_its_end(
    at_ms: int, ended_ms: int | None, *, holds: bool
) -> None:
    assert silence(Scope(), ended_ms=ended_ms).holds(at_ms) is holds


def test_an_alert_is_held_while_all_that_it_befalls_is() -> None:
    one = Holds((silence(Scope(endpoint="acme/a")),))
    mixed = Holds(one.silences, (Maintenance("m", Window(0, 100), "acme/b"),))

    assert one.of(7, [A, B], 50) == frozenset()
    assert mixed.of(7, [A, B], 50) == {S}, "not all of it was to be expected"
    assert Holds().of(7, [], 50) == frozenset()


@pytest.mark.parametrize("kind", [AlertKind.BUDGET, AlertKind.SPEND, AlertKind.SELF])
def test_money_and_the_monitor_itself_know_no_maintenance(kind: AlertKind) -> None:
    everything = Holds(windows=(Maintenance("m", Window(0, 100)),))

    assert everything.of(7, [A], 50) == {M}
    assert everything.of(7, [Subject(kind, "", None)], 50) == frozenset()


@pytest.mark.parametrize(
    ("before", "now", "after"),
    [
        (None, set(), None),
        (None, {M}, M),
        (None, {M, S}, M),
        (M, {M, S}, M),
        (M, {S}, S),
        (S, {M}, S),
        (S, {S, R}, R),
        (R, {S}, S),
        (R, set(), None),
    ],
)
def test_what_held_an_alert_besides_maintenance_is_remembered(
    before: HoldKind | None, now: set[HoldKind], after: HoldKind | None
) -> None:
    assert hold_after(before, now) is after


@given(st.none() | st.sampled_from(HoldKind), KINDS)
def test_an_alert_is_held_exactly_while_something_holds_it(
    before: HoldKind | None, now: set[HoldKind]
) -> None:
    assert (hold_after(before, now) is None) == (not now)


@pytest.mark.parametrize(
    ("hold", "over", "told", "fate"),
    [
        *((kind, False, told, Fate.TELL) for kind in HoldKind for told in (False, True)),
        (S, True, False, Fate.SUM),
        (S, True, True, Fate.TELL),
        (M, True, False, Fate.LOG),
        (M, True, True, Fate.TELL),
        (R, True, False, Fate.LOG),
        (R, True, True, Fate.LOG),
    ],
)
def test_what_lasts_is_told_and_what_is_over_as_was_wanted(
    hold: HoldKind, *, over: bool, told: bool, fate: Fate
) -> None:
    assert fate_of(hold, is_over=over, was_told=told) is fate
