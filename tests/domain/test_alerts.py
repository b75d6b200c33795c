"""Alerts and their deliveries, as rules: hostile orders of events are made by hypothesis."""

from dataclasses import dataclass, field, replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitor.domain.alerts import (
    FLAPPING_MS,
    GATHER_MS,
    JOIN_MS,
    Alert,
    AlertKind,
    Change,
    Root,
    Severity,
    Telling,
    change_alert,
    is_stale,
    open_alert,
    settle,
    severity_of,
)
from monitor.domain.deliveries import (
    GIVE_UP_MS,
    MAX_WAIT_S,
    Delivery,
    DeliveryState,
    Refused,
    after_refusal,
    hears,
    pick,
    was_told,
)
from monitor.domain.outcomes import Outcome
from tests.making import MONDAY_MS

ROOT = Root(AlertKind.AVAILABILITY, "acme")


def change(number: int, at_ms: int, *, opens: bool = True, flaps: int = 1) -> Change:
    return Change(number, ROOT, Severity.CRITICAL, opens, MONDAY_MS + at_ms, flaps)


def opened(number: int = 1) -> Alert:
    return open_alert(change(number, 0)).alert


def test_an_opening_waits_a_moment_for_others_of_the_same_cause() -> None:
    told = open_alert(change(1, 0))

    assert (told.telling, told.due_ms) == (Telling.OPENED, MONDAY_MS + GATHER_MS)


def test_what_opens_within_the_window_joins_and_is_told_as_growth() -> None:
    joined = change(2, JOIN_MS)
    told = change_alert(opened(), joined)

    assert opened().takes(joined)
    assert (told.telling, told.alert.open) == (Telling.GREW, frozenset({1, 2}))


def test_what_opens_after_the_window_is_an_alert_of_its_own() -> None:
    assert not opened().takes(change(2, JOIN_MS + 1))


def test_another_provider_is_another_cause() -> None:
    other = replace(change(2, 10), root=Root(AlertKind.AVAILABILITY, "borealis"))

    assert not opened().takes(other)


def test_an_alert_closes_with_the_last_of_its_incidents() -> None:
    both = change_alert(opened(), change(2, 10)).alert
    first = change_alert(both, change(1, 20, opens=False))
    last = change_alert(first.alert, change(2, 30, opens=False))

    assert (first.telling, last.telling) == (None, Telling.CLOSED)
    assert last.alert.closed_ms == MONDAY_MS + 30


def test_the_fourth_change_in_half_an_hour_is_flapping_and_nothing_is_told_after_it() -> None:
    told = change_alert(opened(), change(1, 60_000, opens=False, flaps=4))
    later = change_alert(told.alert, change(1, 90_000, flaps=5))

    assert (told.telling, told.alert.closed_ms, later.telling) == (Telling.FLAPPING, None, None)


def test_an_opening_that_is_the_fourth_change_begins_as_flapping() -> None:
    assert open_alert(change(1, 0, flaps=4)).telling is Telling.FLAPPING


def test_what_flapped_closes_once_it_kept_still() -> None:
    flapping = change_alert(opened(), change(1, 0, opens=False, flaps=4)).alert
    still = settle(flapping, MONDAY_MS + FLAPPING_MS - 1)
    calm = settle(flapping, MONDAY_MS + FLAPPING_MS)

    assert (still.telling, calm.telling) == (None, Telling.CLOSED)


def test_what_flapped_and_stayed_down_is_told_as_down() -> None:
    flapping = open_alert(change(1, 0, flaps=4)).alert
    calm = settle(flapping, MONDAY_MS + FLAPPING_MS)
    up = change_alert(calm.alert, change(1, 2 * FLAPPING_MS, opens=False))

    assert (calm.telling, calm.alert.closed_ms) == (Telling.GREW, None)
    assert settle(calm.alert, MONDAY_MS + 10 * FLAPPING_MS).telling is None
    assert up.telling is Telling.CLOSED


def test_what_joins_one_that_flaps_is_told_unless_it_flaps_too() -> None:
    flapping = open_alert(change(1, 0, flaps=4)).alert
    first, again = (change_alert(flapping, change(2, 10, flaps=n)).telling for n in (1, 2))

    assert (first, again) == (Telling.GREW, None)


def test_history_is_not_told() -> None:
    assert is_stale(MONDAY_MS, MONDAY_MS + 90 * GIVE_UP_MS)
    assert not is_stale(None, MONDAY_MS)


@pytest.mark.parametrize(
    ("outcome", "severity"),
    [
        (Outcome.OVERLOADED, Severity.CRITICAL),
        (Outcome.AUTH, Severity.CRITICAL),
        (Outcome.RATE_LIMITED, Severity.WARNING),
    ],
)
def test_severity_follows_from_what_failed(outcome: Outcome, severity: Severity) -> None:
    assert severity_of(outcome) is severity


def letter(number: int, telling: Telling, state: str = "waiting", **more: Any) -> Delivery:
    made = Delivery(number, "hook", telling, MONDAY_MS, MONDAY_MS, state=DeliveryState(state))
    return replace(made, **more)


def test_an_opening_that_was_not_delivered_goes_into_its_closing() -> None:
    picked = pick([letter(1, Telling.OPENED), letter(2, Telling.CLOSED)])

    assert picked is not None
    assert (picked.delivery.telling, [each.id for each in picked.merged]) == (Telling.CLOSED, [1])


def test_an_opening_is_told_with_what_joined_it() -> None:
    picked = pick([letter(1, Telling.OPENED), letter(2, Telling.GREW, due_ms=MONDAY_MS + 99)])

    assert picked is not None
    assert (picked.delivery.id, picked.due_ms) == (1, MONDAY_MS)


def test_an_opening_that_may_have_been_taken_is_not_told_again_for_what_joined_it() -> None:
    tried = letter(1, Telling.OPENED, due_ms=MONDAY_MS + 60_000, attempts=1)
    picked = pick([tried, letter(2, Telling.GREW)])

    assert picked is not None
    assert (picked.delivery.id, picked.due_ms) == (2, MONDAY_MS + 60_000)


def test_an_opening_bears_the_key_of_what_joined_it() -> None:
    picked = pick([letter(1, Telling.OPENED), letter(2, Telling.GREW)])

    assert picked is not None
    assert (picked.delivery.id, picked.newest_id) == (1, 2)


def test_a_wait_that_a_channel_asked_for_holds_for_what_takes_its_place() -> None:
    asked = letter(1, Telling.OPENED, due_ms=MONDAY_MS + 60_000, attempts=1)
    picked = pick([asked, letter(2, Telling.CLOSED)])

    assert picked is not None
    assert picked.due_ms == MONDAY_MS + 60_000


def test_a_channel_whose_opening_is_a_dead_letter_hears_of_no_closing() -> None:
    assert not hears([letter(1, Telling.OPENED, "dead")])
    assert hears([letter(1, Telling.OPENED, "delivered"), letter(2, Telling.GREW, "dead")])


def test_what_is_refused_for_good_is_a_dead_letter_at_once() -> None:
    after = after_refusal(
        letter(1, Telling.OPENED), Refused("gone", is_permanent=True), MONDAY_MS, 0.5
    )

    assert after.state is DeliveryState.DEAD


def test_what_no_try_delivered_for_a_day_is_a_dead_letter() -> None:
    after = after_refusal(letter(1, Telling.OPENED), Refused("busy"), MONDAY_MS + GIVE_UP_MS, 0.5)

    assert after.state is DeliveryState.DEAD


@given(st.integers(0, 50), st.floats(0, 0.999), st.none() | st.floats(0, 1e9))
def test_a_wait_is_at_least_what_was_asked_for_and_never_longer_than_an_hour(
    attempts: int, chance: float, asked_s: float | None
) -> None:
    tried = letter(1, Telling.OPENED, attempts=attempts)
    after = after_refusal(tried, Refused("busy", wait_s=asked_s), MONDAY_MS, chance)
    wait_ms = after.due_ms - MONDAY_MS

    assert after.state is DeliveryState.WAITING
    assert min(asked_s or 0, MAX_WAIT_S) * 1000 - 1 <= wait_ms <= MAX_WAIT_S * 1000


@dataclass(slots=True)
class World:
    """Alerts and one channel in memory, moved by the rules as the services move them."""

    now_ms: int = MONDAY_MS
    alerts: list[Alert] = field(default_factory=list)
    sent: dict[int, list[Delivery]] = field(default_factory=dict)
    heard: list[tuple[int, Telling, bool]] = field(default_factory=list)
    open: set[int] = field(default_factory=set)
    flips: list[int] = field(default_factory=list)

    def flip(self, endpoint: int) -> None:
        """The endpoint fails or recovers."""
        self.flips = [at for at in self.flips if at > self.now_ms - FLAPPING_MS] + [self.now_ms]
        opens = endpoint not in self.open
        self.open ^= {endpoint}
        told = Change(endpoint, ROOT, Severity.CRITICAL, opens, self.now_ms, len(self.flips))
        known = range(len(self.alerts))[::-1]
        if opens:
            place = next((n for n in known if self.alerts[n].takes(told)), None)
            if place is None:
                self.alerts.append(open_alert(told).alert)
                self._add(len(self.alerts) - 1, open_alert(told).telling)
                return
        else:
            place = next(
                n
                for n in known
                if self.alerts[n].closed_ms is None and endpoint in self.alerts[n].open
            )
        after = change_alert(self.alerts[place], told)
        self.alerts[place] = after.alert
        self._add(place, after.telling)

    def settle(self) -> None:
        for place, alert in enumerate(self.alerts):
            after = settle(alert, self.now_ms)
            self.alerts[place] = after.alert
            self._add(place, after.telling)

    def _add(self, place: int, telling: Telling | None) -> None:
        letters = self.sent.setdefault(place, [])
        if telling is not None and (not letters or hears(letters)):
            letters.append(
                letter(len(letters), telling, due_ms=self.now_ms, created_ms=self.now_ms)
            )

    def deliver(self, fate: str) -> None:
        """One round: each message arrives, or is refused, or arrives and that is not noted."""
        for place, letters in self.sent.items():
            picked = pick(letters)
            if picked is None:
                continue
            if fate != "refused":
                self.heard.append((place, picked.delivery.telling, was_told(letters)))
            if fate == "taken":
                gone = {each.id for each in picked.merged}
                states = dict.fromkeys(gone, DeliveryState.MERGED)
                states[picked.delivery.id] = DeliveryState.DELIVERED
                letters[:] = [
                    replace(each, state=states.get(each.id, each.state)) for each in letters
                ]


STEPS = st.lists(
    st.tuples(
        st.sampled_from(["flip 0", "flip 1", "settle", "taken", "refused", "lost"]),
        st.integers(0, 20 * 60_000),
    ),
    max_size=40,
)


@given(STEPS)
def test_every_alert_ends_with_exactly_one_closing_whatever_happens_on_the_way(
    steps: list[tuple[str, int]],
) -> None:
    world = World()
    for what, wait_ms in steps:
        world.now_ms += wait_ms
        if what.startswith("flip"):
            world.flip(int(what[-1]))
        elif what == "settle":
            world.settle()
        else:
            world.deliver(what)
    for endpoint in sorted(world.open):
        world.flip(endpoint)
    world.now_ms += FLAPPING_MS
    world.settle()
    for _ in range(4):
        world.deliver("taken")

    for place in range(len(world.alerts)):
        tellings = [telling for number, telling, _ in world.heard if number == place]
        letters = world.sent[place]
        closings = [each for each in letters if each.telling is Telling.CLOSED]
        assert len(closings) == 1
        assert closings[0].state is DeliveryState.DELIVERED
        assert tellings.index(Telling.CLOSED) >= len(tellings) - tellings.count(Telling.CLOSED)
        assert not any(each.state is DeliveryState.WAITING for each in letters)


@given(STEPS)
def test_no_recovery_is_told_alone(steps: list[tuple[str, int]]) -> None:
    world = World()
    for what, wait_ms in steps:
        world.now_ms += wait_ms
        if what.startswith("flip"):
            world.flip(int(what[-1]))
        elif what == "settle":
            world.settle()
        elif what != "lost":
            world.deliver(what)
    known: set[int] = set()
    for place, telling, told_before in world.heard:
        assert told_before == (place in known)
        assert telling is not Telling.GREW or place in known
        known.add(place)
