"""Each fault in each flavour, over a socket: what our probes make of it."""

from contextlib import ExitStack

import pytest

from monitor.domain.endpoints import Flavour
from monitor.domain.outcomes import Outcome
from monitor.domain.usage import UsageState
from monitor.simulator.catalogue import PROVIDERS
from monitor.simulator.faults import FaultKind
from monitor.simulator.flavours import FLAVOURS as ORACLES
from monitor.wire.questions import Question
from tests.probes.simulated import (
    SPEAKERS,
    ask_once,
    endpoint_at,
    infer_all,
    infer_once,
    reach_once,
    spoilt,
)

OUTCOMES = {
    FaultKind.OVERLOADED: Outcome.OVERLOADED,
    FaultKind.SERVER_ERROR: Outcome.SERVER_ERROR,
    FaultKind.GATEWAY: Outcome.SERVER_ERROR,
    FaultKind.RATE_LIMITED: Outcome.RATE_LIMITED,
    FaultKind.NO_CREDIT: Outcome.QUOTA_EXHAUSTED,
    FaultKind.BAD_KEY: Outcome.AUTH,
    FaultKind.FORBIDDEN: Outcome.PERMISSION,
    FaultKind.CUT: Outcome.STREAM_CUT,
    FaultKind.HTML: Outcome.MALFORMED,
    FaultKind.GARBAGE: Outcome.MALFORMED,
    FaultKind.ENDLESS: Outcome.MALFORMED,
    FaultKind.ERROR_200: Outcome.SERVER_ERROR,
    FaultKind.OVERLOADED_200: Outcome.OVERLOADED,
    FaultKind.FILTERED: Outcome.CONTENT_FILTER,
    FaultKind.NO_USAGE: Outcome.OK,
    FaultKind.EMPTY: Outcome.EMPTY_RESPONSE,
    FaultKind.WRONG_ANSWER: Outcome.WRONG_ANSWER,
    FaultKind.SLOW: Outcome.OK,
}
#: A vector comes whole or not at all, and says nothing that could be filtered or wrong.
OF_VECTORS = OUTCOMES | {
    FaultKind.FILTERED: Outcome.OK,
    FaultKind.WRONG_ANSWER: Outcome.OK,
    FaultKind.EMPTY: Outcome.MALFORMED,
}
#: How long to wait is in headers, in Google's details, or nowhere.
TELL_NO_WAIT = {Flavour.OLLAMA, Flavour.COHERE}
CASES = [
    (flavour, kind)
    for flavour, speaker in SPEAKERS.items()
    for kind in OUTCOMES
    if kind not in ORACLES[PROVIDERS[speaker.provider].style].unknown_faults
]


def test_the_table_knows_every_flavour_and_every_fault() -> None:
    assert SPEAKERS.keys() == set(Flavour)
    assert OUTCOMES.keys() | {FaultKind.HANG} == set(FaultKind)


@pytest.mark.parametrize(("flavour", "kind"), CASES)
def test_a_fault_is_told_for_what_it_is(root_url: str, flavour: Flavour, kind: FaultKind) -> None:
    expected = OF_VECTORS if flavour is Flavour.OPENAI_EMBEDDINGS else OUTCOMES
    with spoilt(root_url, flavour, kind):
        call = infer_once(endpoint_at(root_url, flavour, timeout_s=60))

    assert call.outcome is expected[kind], call.detail


def test_silence_is_a_timeout_in_every_flavour(root_url: str) -> None:
    with ExitStack() as stack:
        for flavour in SPEAKERS:
            stack.enter_context(spoilt(root_url, flavour, FaultKind.HANG))
        endpoints = [endpoint_at(root_url, flavour, timeout_s=3) for flavour in SPEAKERS]
        calls = infer_all(endpoints)

    assert {call.outcome for call in calls} == {Outcome.TIMEOUT_FIRST_TOKEN, Outcome.TIMEOUT_TOTAL}
    assert [call.endpoint for call in calls if call.outcome is Outcome.TIMEOUT_TOTAL] == [
        endpoint_at(root_url, Flavour.OPENAI_EMBEDDINGS).id  # it has no first token
    ]


@pytest.mark.parametrize("flavour", SPEAKERS)
def test_a_rate_limit_says_how_long_to_wait_wherever_that_is_told(
    root_url: str, flavour: Flavour
) -> None:
    with spoilt(root_url, flavour, FaultKind.RATE_LIMITED):
        call = infer_once(endpoint_at(root_url, flavour))

    assert call.detail is not None
    assert call.detail.retry_after_s == (None if flavour in TELL_NO_WAIT else 20)


@pytest.mark.parametrize("flavour", SPEAKERS)
def test_an_answer_without_usage_has_none_and_says_that_it_is_missing(
    root_url: str, flavour: Flavour
) -> None:
    with spoilt(root_url, flavour, FaultKind.NO_USAGE):
        call = infer_once(endpoint_at(root_url, flavour))

    assert (call.usage, call.usage_state) == (None, UsageState.MISSING)


@pytest.mark.parametrize("key", ["sk-of-somebody-else", None])
@pytest.mark.parametrize("flavour", SPEAKERS)
def test_a_key_that_is_not_theirs_is_rejected_wherever_one_is_asked_for(
    root_url: str, flavour: Flavour, key: str | None
) -> None:
    call = infer_once(endpoint_at(root_url, flavour, key=key))

    assert call.outcome is (Outcome.OK if flavour is Flavour.OLLAMA else Outcome.AUTH)


@pytest.mark.parametrize("flavour", SPEAKERS)
def test_a_model_that_is_not_there_is_not_found(root_url: str, flavour: Flavour) -> None:
    call = infer_once(endpoint_at(root_url, flavour, "nobody"))

    assert call.outcome is Outcome.MODEL_NOT_FOUND


@pytest.mark.parametrize("flavour", SPEAKERS)
def test_a_prompt_that_is_too_long_is_told_as_such_or_cut(root_url: str, flavour: Flavour) -> None:
    reply = ask_once(endpoint_at(root_url, flavour), Question("x" * 4_400_000, 16))

    assert reply.outcome is (Outcome.OK if flavour is Flavour.OLLAMA else Outcome.CONTEXT_LENGTH)


@pytest.mark.parametrize("kind", [FaultKind.OVERLOADED, FaultKind.HTML, FaultKind.RATE_LIMITED])
@pytest.mark.parametrize("flavour", SPEAKERS)
def test_a_question_that_costs_nothing_fails_alike(
    root_url: str, flavour: Flavour, kind: FaultKind
) -> None:
    with spoilt(root_url, flavour, kind):
        call = reach_once(endpoint_at(root_url, flavour).target)

    assert call.outcome is OUTCOMES[kind]
