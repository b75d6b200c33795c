"""What a call says of an endpoint, and which state may be shown."""

import pytest

from monitor.domain.calls import Kind
from monitor.domain.health import Policy, State, current, verdict
from monitor.domain.outcomes import RULINGS, LocalFailure, Outcome, Result
from tests.domain.ticks import NEW, blind, row, run

UP, UNKNOWN = State.UP, State.UNKNOWN

CALL_KINDS = {
    Outcome.OK: ("pass", None, "pass", "pass", None, "pass"),
    Outcome.WRONG_ANSWER: ("pass", None, "pass", "pass", None, "pass"),
    Outcome.SERVER_ERROR: (None, "fail", "fail", None, "fail", "fail"),
    Outcome.DNS: (None, "fail", "fail", None, "fail", "fail"),
    Outcome.AUTH: (None, None, None, None, "fail", "fail"),
    Outcome.RATE_LIMITED: (None, None, None, None, "fail", "fail"),
    Outcome.MODEL_NOT_FOUND: (None, None, None, None, None, "fail"),
    Outcome.BAD_REQUEST: (None, None, None, None, None, None),
    Outcome.UNKNOWN: (None, None, None, None, None, None),
    LocalFailure.MONITOR_ERROR: (None, "blind", "blind", None, "blind", "blind"),
    LocalFailure.NETWORK_LOCAL: (None, "blind", "blind", None, "blind", "blind"),
}


@pytest.mark.parametrize(("result", "expected"), CALL_KINDS.items(), ids=str)
def test_what_a_call_says_hangs_on_its_kind_and_the_policy(
    result: Result, expected: tuple[str | None, ...]
) -> None:
    kinds = (Kind.REQUEST, Kind.REACH, Kind.INFER)
    said = tuple(verdict(result, kind, policy) for policy in Policy for kind in kinds)

    assert said == expected


@pytest.mark.parametrize("kind", [Kind.PERFORMANCE, Kind.CAPABILITY])
@pytest.mark.parametrize("result", RULINGS)
def test_every_paid_probe_says_what_infer_says(result: Result, kind: Kind) -> None:
    said = [verdict(result, kind, policy) for policy in Policy]

    assert said == [verdict(result, Kind.INFER, policy) for policy in Policy]


@pytest.mark.parametrize(
    ("now_ms", "state"),
    [(999, UNKNOWN), (1000, UP), (61_200, UP), (61_201, UNKNOWN)],
)
def test_the_state_shown_is_unknown_where_no_tick_can_vouch(now_ms: int, state: State) -> None:
    assert current(row(UP), now_ms) is state


def test_a_new_endpoint_is_shown_unknown() -> None:
    assert current(NEW, 10) is UNKNOWN


def test_after_a_blind_call_an_endpoint_is_shown_unknown() -> None:
    assert current(run(row(UP), blind(1040, 1041)).health, 1050) is UNKNOWN


@pytest.mark.parametrize("kind", Kind)
@pytest.mark.parametrize("result", RULINGS)
def test_what_is_said_of_the_provider_is_said_of_our_use_too(result: Result, kind: Kind) -> None:
    of_provider = verdict(result, kind, Policy.PROVIDER)

    assert of_provider in {None, verdict(result, kind, Policy.USABLE)}


@pytest.mark.parametrize("kind", Kind)
@pytest.mark.parametrize("result", RULINGS)
def test_what_is_said_strictly_of_the_provider_is_said_of_our_use_too(
    result: Result, kind: Kind
) -> None:
    strictly = verdict(result, kind, Policy.PROVIDER, is_strict=True)

    assert strictly in {None, verdict(result, kind, Policy.USABLE)}


def test_strictly_the_provider_answers_for_401_402_and_404_and_for_no_403_or_429() -> None:
    both = [
        [r for r in RULINGS if verdict(r, Kind.INFER, Policy.PROVIDER, is_strict=s) == "fail"]
        for s in (False, True)
    ]

    assert [r for r in both[1] if r not in both[0]] == [
        Outcome.AUTH,
        Outcome.QUOTA_EXHAUSTED,
        Outcome.MODEL_NOT_FOUND,
    ]


def test_strictly_too_a_missing_list_of_models_says_nothing() -> None:
    said = verdict(Outcome.MODEL_NOT_FOUND, Kind.REACH, Policy.PROVIDER, is_strict=True)

    assert said is None
