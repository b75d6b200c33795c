from dataclasses import replace

import pytest

from monitor.domain.accounts import Account
from monitor.domain.cadence import Need, Standing
from monitor.domain.calls import Call
from monitor.domain.health import Health, Rule, State
from monitor.domain.outcomes import Outcome, Result
from monitor.services.cadence import Cadence, Last
from monitor.services.health import Failing
from tests.making import ENDPOINT, MONDAY_MS, probe

NAME = ENDPOINT.id
MINUTE_MS = 60_000


def make_cadence(last: Last | None = None) -> Cadence:
    standings = {NAME: Standing(Health.new(MONDAY_MS), Account())}
    return Cadence(standings, Rule(), last={} if last is None else {NAME: last})


def call(at_s: float, outcome: Result = Outcome.OVERLOADED) -> Call:
    return replace(probe(at_s, outcome), gap_s=15.0)


def row(last_tick_ms: int, **more: object) -> Health:
    health = replace(Health.new(MONDAY_MS), state=State.UP, last_tick_ms=last_tick_ms)
    return replace(health, **more)  # type: ignore[arg-type] # fields of a row


def test_what_is_foreseen_is_what_happens() -> None:
    cadence = make_cadence()
    foreseen = cadence.foresee(NAME, call(10), 300)
    cadence.take(NAME, call(10), None)

    assert (foreseen.need, cadence.failures(NAME)) == (Need.CONFIRM, 1)


def test_the_ledgers_count_wins() -> None:
    cadence = make_cadence()
    cadence.take(NAME, call(10), [Failing(NAME, 2)])

    assert cadence.failures(NAME) == 2


def test_failing_traffic_makes_an_endpoint_suspicious() -> None:
    cadence = make_cadence()
    cadence.take(NAME, call(10, Outcome.OK), ())
    before = cadence.look(NAME, call(10, Outcome.OK), 300).need
    cadence.alarm(NAME, MONDAY_MS + 12_000)

    assert (before, cadence.look(NAME, call(20, Outcome.OK), 300).need) == (
        Need.REGULAR,
        Need.CLOSER,
    )


@pytest.mark.parametrize(
    ("after_s", "early_s"), [(60, 240.0), (269, 31.0), (270, None), (300, None), (900, None)]
)
def test_a_probe_well_before_it_is_due_is_a_closer_look(
    after_s: int, early_s: float | None
) -> None:
    cadence = make_cadence()
    cadence.begin(NAME, MONDAY_MS)

    assert cadence.early_s(NAME, 300, MONDAY_MS + after_s * 1000) == early_s


def test_a_confirmation_is_no_closer_look_and_paid_at_once() -> None:
    cadence = make_cadence(Last(MONDAY_MS, MONDAY_MS))
    cadence.take(NAME, call(10), ())
    cadence.take(NAME, call(13), [Failing(NAME, 2)])

    assert cadence.early_s(NAME, 300, MONDAY_MS + 20_000) is None


@pytest.mark.parametrize(
    ("heard", "vouched_s"),
    [
        (row(MONDAY_MS + 4 * MINUTE_MS), 240.0),
        (row(MONDAY_MS - 5 * MINUTE_MS), None),  # nothing newer than our own
        (row(MONDAY_MS + 4 * MINUTE_MS, failures=1), None),
        (row(MONDAY_MS + 4 * MINUTE_MS, has_incident=True), None),
        (row(MONDAY_MS + 4 * MINUTE_MS, is_interrupted=True), None),
        (row(MONDAY_MS), None),  # our own
    ],
)
def test_good_traffic_stands_in_for_a_probe_within_the_interval(
    heard: Health, vouched_s: float | None
) -> None:
    cadence = make_cadence(Last(MONDAY_MS - 1_000, MONDAY_MS))
    cadence.hear(NAME, heard)

    assert cadence.vouched_s(NAME, 300, MONDAY_MS + 5 * MINUTE_MS) == vouched_s


def test_traffic_that_is_older_than_the_interval_vouches_for_nothing() -> None:
    cadence = make_cadence(Last(MONDAY_MS - 1_000, MONDAY_MS))
    cadence.hear(NAME, row(MONDAY_MS + 1_000))

    assert cadence.vouched_s(NAME, 300, MONDAY_MS + 302_000) is None


def test_an_endpoint_that_was_never_probed_is_probed_whatever_its_traffic() -> None:
    cadence = make_cadence()
    cadence.hear(NAME, row(MONDAY_MS + 1_000))

    assert cadence.vouched_s(NAME, 300, MONDAY_MS + 2_000) is None
