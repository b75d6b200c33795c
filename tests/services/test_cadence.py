from dataclasses import replace

import pytest

from monitor.domain.accounts import Account
from monitor.domain.calls import Call
from monitor.domain.health import Health
from monitor.domain.outcomes import LocalFailure, Outcome, Result
from monitor.services.cadence import Cadence, Standing, gap_s, jitter_s, next_delay_s
from monitor.services.health import Failing
from tests.making import ENDPOINT, MONDAY_MS, probe

NAME = ENDPOINT.id


def make_cadence() -> Cadence:
    return Cadence({NAME: Standing(Health.new(MONDAY_MS), Account())})


def fail(at_s: float, outcome: Result = Outcome.OVERLOADED) -> Call:
    return replace(probe(at_s, outcome), gap_s=15.0)


@pytest.mark.parametrize(("failures", "delay_s"), [(0, 300.0), (1, 2.0), (2, 10.0), (3, 10.0)])
def test_failures_are_confirmed_after_2_and_10_seconds(failures: int, delay_s: float) -> None:
    assert next_delay_s(failures, 300) == delay_s


@pytest.mark.parametrize(("jitter", "delay_s"), [(-1, 8.0), (1, 12.0)])
def test_confirmations_are_spread_by_a_fifth(jitter: float, delay_s: float) -> None:
    assert next_delay_s(2, 300, jitter=jitter) == pytest.approx(delay_s)


@pytest.mark.parametrize(
    ("retry_after_s", "failures", "delay_s"),
    [(20, 1, 20), (1, 1, 2), (20, 0, 300), (400, 0, 400), (10**9, 1, 900)],
)
def test_retry_after_only_makes_the_wait_longer_and_not_without_end(
    retry_after_s: float, failures: int, delay_s: float
) -> None:
    assert next_delay_s(failures, 300, retry_after_s) == delay_s


def test_a_confirmation_never_comes_later_than_the_next_probe() -> None:
    assert next_delay_s(2, interval_s=5) == 5


def test_the_stored_gap_of_a_busy_second_is_a_quarter_of_a_minute() -> None:
    assert gap_s(2, interval_s=300) == 15


def test_the_stored_gap_allows_for_the_jitter_of_the_next_probe() -> None:
    assert gap_s(300, interval_s=300) == 300 + jitter_s(300) == 315


def test_the_third_failure_needs_no_further_confirmation() -> None:
    cadence, counts = make_cadence(), []
    for at_s in (10, 13, 24):
        cadence.take(NAME, fail(at_s), None)
        counts.append(cadence.failures(NAME))

    assert counts == [1, 2, 0]


def test_what_is_foreseen_is_what_happens() -> None:
    cadence = make_cadence()
    foreseen = cadence.foresee(NAME, fail(10))
    cadence.take(NAME, fail(10), None)

    assert foreseen == cadence.failures(NAME) == 1


def test_the_ledgers_count_wins() -> None:
    cadence = make_cadence()
    cadence.take(NAME, fail(10), [Failing(NAME, 2)])

    assert cadence.failures(NAME) == 2


def test_a_first_refusal_of_our_account_is_confirmed_once() -> None:
    cadence, counts = make_cadence(), []
    for at_s in (10, 13, 330):
        cadence.take(NAME, fail(at_s, Outcome.AUTH), ())
        counts.append(cadence.failures(NAME))

    assert counts == [1, 0, 0]


@pytest.mark.parametrize("outcome", [Outcome.OK, LocalFailure.NETWORK_LOCAL, Outcome.UNKNOWN])
def test_what_is_no_failure_of_theirs_is_not_confirmed(outcome: Result) -> None:
    assert make_cadence().foresee(NAME, fail(10, outcome)) == 0
