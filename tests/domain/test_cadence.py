from dataclasses import replace

import pytest

from monitor.domain.accounts import Account
from monitor.domain.cadence import DEFAULT, Look, Need, Standing, next_look
from monitor.domain.calls import Call, Kind
from monitor.domain.health import Health, Rule, State
from monitor.domain.outcomes import LocalFailure, Outcome, Result
from tests.making import MONDAY_MS, probe

RULE = Rule()
NEW = Standing(Health.new(MONDAY_MS), Account())
UP = Standing(replace(NEW.health, state=State.UP, last_tick_ms=MONDAY_MS), Account())
DOWN = Standing(replace(UP.health, state=State.DOWN, has_incident=True), Account())


def failing(failures: int) -> Standing:
    return replace(UP, health=replace(UP.health, failures=failures))


def look(
    standing: Standing,
    interval_s: float = 300,
    retry_after_s: float | None = None,
    jitter: float = 0.0,
) -> Look:
    return next_look(standing, interval_s, MONDAY_MS, retry_after_s, jitter)


@pytest.mark.parametrize(
    ("standing", "need", "delay_s"),
    [
        (UP, Need.REGULAR, 300.0),
        (failing(1), Need.CONFIRM, 3.0),
        (failing(2), Need.CONFIRM, 22.0),
        (failing(3), Need.CONFIRM, 22.0),
        (DOWN, Need.CLOSER, 60.0),
        (replace(DOWN, health=replace(DOWN.health, passes=1)), Need.RECOVER, 30.0),
        (replace(UP, health=replace(UP.health, state=State.DEGRADED)), Need.CLOSER, 60.0),
        (replace(UP, troubled_ms=MONDAY_MS - 599_000), Need.CLOSER, 60.0),
        (replace(UP, troubled_ms=MONDAY_MS - 600_000), Need.REGULAR, 300.0),
    ],
)
def test_how_soon_an_endpoint_is_looked_at_again(
    standing: Standing, need: Need, delay_s: float
) -> None:
    assert look(standing)[:2] == (need, delay_s)


@pytest.mark.parametrize(("jitter", "delay_s"), [(-1, 17.6), (1, 26.4)])
def test_confirmations_are_spread_by_a_fifth(jitter: float, delay_s: float) -> None:
    assert look(failing(2), jitter=jitter).delay_s == pytest.approx(delay_s)


@pytest.mark.parametrize(
    ("retry_after_s", "failures", "delay_s"),
    [(20, 1, 20), (1, 1, 3), (20, 0, 300), (400, 0, 400), (10**9, 1, 900)],
)
def test_retry_after_only_makes_the_wait_longer_and_not_without_end(
    retry_after_s: float, failures: int, delay_s: float
) -> None:
    assert look(failing(failures), retry_after_s=retry_after_s).delay_s == delay_s


@pytest.mark.parametrize("standing", [failing(2), DOWN])
def test_no_look_comes_later_than_the_next_regular_one(standing: Standing) -> None:
    assert look(standing, interval_s=5).delay_s == 5


@pytest.mark.parametrize(
    ("standing", "retry_after_s", "gap_s"),
    [
        (failing(1), None, 15),  # a busy second is no blind one
        (failing(1), 20, 20),
        (failing(1), 400, 415),
        (UP, None, 315),  # the next one may start late
        (DOWN, None, 315),  # a closer look may be refused, the regular one comes
    ],
)
def test_the_stored_gap_lasts_until_the_look_that_is_sure_to_come(
    standing: Standing, retry_after_s: float | None, gap_s: float
) -> None:
    assert look(standing, retry_after_s=retry_after_s).gap_s == gap_s


@pytest.mark.parametrize(("interval_s", "closer_s"), [(20, 20), (60, 30), (300, 60), (3600, 720)])
def test_a_closer_look_is_a_fifth_of_the_interval_and_half_a_minute_at_least(
    interval_s: float, closer_s: float
) -> None:
    assert DEFAULT.closer_s(interval_s) == closer_s


def after(*outcomes: Result, kind: Kind = Kind.INFER) -> Standing:
    standing = NEW
    for number, outcome in enumerate(outcomes):
        standing = standing.after(fail(10 * number, outcome, kind), RULE)
    return standing


def fail(at_s: float, outcome: Result, kind: Kind = Kind.INFER) -> Call:
    return replace(probe(at_s, outcome, kind=kind), gap_s=15.0)


@pytest.mark.parametrize("kind", [Kind.INFER, Kind.PERFORMANCE, Kind.CAPABILITY, Kind.REACH])
def test_the_third_failure_of_any_kind_needs_no_further_confirmation(kind: Kind) -> None:
    counts = [after(*[Outcome.OVERLOADED] * n, kind=kind).failures for n in (1, 2, 3)]

    assert counts == [1, 2, 0]


def test_a_first_refusal_of_our_account_is_confirmed_once() -> None:
    assert [after(*[Outcome.AUTH] * n).failures for n in (1, 2, 3)] == [1, 0, 0]


@pytest.mark.parametrize(
    "outcome", [Outcome.OK, Outcome.WRONG_ANSWER, LocalFailure.NETWORK_LOCAL, Outcome.UNKNOWN]
)
def test_what_is_no_failure_of_theirs_is_not_confirmed_nor_suspicious(outcome: Result) -> None:
    standing = after(outcome)

    assert (standing.failures, standing.is_suspicious(MONDAY_MS)) == (0, False)


def test_a_blip_leaves_suspicion_behind() -> None:
    standing = after(Outcome.OVERLOADED, Outcome.OK)

    assert (standing.failures, standing.troubled_ms) == (0, MONDAY_MS + 1_000)


def test_the_newest_trouble_counts() -> None:
    assert UP.troubled_at([None, 5, 9, 7]).troubled_ms == 9
    assert UP.troubled_at([]).troubled_ms is None
