"""OpenAI Embeddings, spoken over a socket."""

import json
from collections.abc import Sequence
from contextlib import suppress
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from monitor.domain.endpoints import Flavour
from monitor.domain.outcomes import Outcome
from monitor.domain.usage import ContradictoryUsage, Usage
from monitor.wire.bodies import BodyError
from monitor.wire.openai_embeddings import EmbeddingAnswer
from monitor.wire.questions import Question
from tests.wire.loopback import (
    CLOSE,
    NEVER,
    Step,
    ask,
    head,
    list_models,
    see_question,
    whole,
)
from tests.wire.test_questions import COLOUR, PNG

HERE = Flavour.OPENAI_EMBEDDINGS


def embedded(*vector: Any, **more: Any) -> str:
    item = {"object": "embedding", "index": 0, "embedding": list(vector)}
    told = {"object": "list", "model": "text-embedding-3-small", "data": [item]}
    return json.dumps(told | {"usage": {"prompt_tokens": 1, "total_tokens": 1}} | more)


def test_a_vector_is_ok_with_all_that_it_told() -> None:
    reply = ask(whole(200, embedded(0.01, -0.02, 1)), flavour=HERE)

    assert (reply.outcome, reply.text, reply.usage) == (Outcome.OK, "", Usage(input=1))
    assert reply.detail.served_model == "text-embedding-3-small"
    assert (reply.timings.ttft_s, reply.timings.total_s is None) == (None, False)


@pytest.mark.parametrize(
    ("script", "outcome"),
    [
        pytest.param(whole(200, embedded(*[0.123456789] * 4096)), Outcome.OK, id="long"),
        pytest.param(whole(200, embedded(0)), Outcome.OK, id="one number"),
        pytest.param(whole(200, embedded(0.5, usage=None)), Outcome.OK, id="no usage"),
        pytest.param(whole(200, embedded()), Outcome.MALFORMED, id="empty vector"),
        pytest.param(whole(200, embedded(0.5, None)), Outcome.MALFORMED, id="null in it"),
        pytest.param(whole(200, embedded(0.5, "1")), Outcome.MALFORMED, id="text in it"),
        pytest.param(whole(200, embedded(*[0.5, True])), Outcome.MALFORMED, id="flag in it"),
        pytest.param(whole(200, embedded(0.5).replace("0.5", "NaN")), Outcome.MALFORMED, id="NaN"),
        pytest.param(whole(200, embedded(0.5).replace("0.5", "-Infinity")), Outcome.MALFORMED,
                     id="infinity"),
        pytest.param(whole(200, embedded(data=[])), Outcome.MALFORMED, id="no vector"),
        pytest.param(whole(200, embedded(data=[{"embedding": "AACAPw=="}])), Outcome.MALFORMED,
                     id="base64 that was not asked for"),
        pytest.param(whole(200, '{"status": "ok"}'), Outcome.MALFORMED, id="another kind"),
        pytest.param(whole(200, "[]"), Outcome.MALFORMED, id="a list"),
        pytest.param(whole(200, ""), Outcome.MALFORMED, id="empty"),
        pytest.param(whole(200, "<html>"), Outcome.MALFORMED, id="HTML"),
        pytest.param(whole(200, '{"error": {"message": "boom"}}'), Outcome.SERVER_ERROR,
                     id="200 with an error"),
        pytest.param(whole(401, '{"error": {"code": "invalid_api_key"}}'), Outcome.AUTH, id="401"),
        pytest.param(whole(404, '{"error": {"code": "model_not_found"}}'),
                     Outcome.MODEL_NOT_FOUND, id="404"),
        pytest.param([head(200, "application/json", content_length="99"), b'{"data', CLOSE],
                     Outcome.STREAM_CUT, id="cut"),
        pytest.param([NEVER], Outcome.TIMEOUT_TOTAL, id="late"),
    ],
)  # fmt: skip
def test_an_answer_has_its_class(script: Sequence[Step], outcome: Outcome) -> None:
    is_late = outcome is Outcome.TIMEOUT_TOTAL

    assert ask(script, timeout_s=1.0 if is_late else 20.0, flavour=HERE).outcome is outcome


def leaves_of(usage: object) -> Usage | None:
    answer = EmbeddingAnswer()
    answer.take({"data": [{"embedding": [1]}], "usage": usage})
    return answer.leaves()


@pytest.mark.parametrize(
    ("reported", "leaves"),
    [
        ({"prompt_tokens": 8, "total_tokens": 8}, Usage(input=8)),
        ({"prompt_tokens": 8}, Usage(input=8)),
        ({"prompt_tokens": 8, "prompt_tokens_details": {"image_tokens": 3}},
         Usage(input=5, input_image=3)),
        ({"total_tokens": 8}, None),
        ({}, None),
        (None, None),
        ("8", None),
    ],
)  # fmt: skip
def test_only_the_prompt_is_counted(reported: object, leaves: Usage | None) -> None:
    assert leaves_of(reported) == leaves


@pytest.mark.parametrize(
    "reported",
    [
        {"prompt_tokens": -1},
        {"prompt_tokens": "8"},
        {"prompt_tokens": 8, "total_tokens": 9},
        {"prompt_tokens": 8, "total_tokens": 7},
        {"prompt_tokens": 8, "prompt_tokens_details": {"image_tokens": 9}},
    ],
)
def test_counts_that_cannot_be_true_are_refused(reported: dict[str, Any]) -> None:
    with pytest.raises(ContradictoryUsage):
        leaves_of(reported)


def test_a_request_holds_the_prompt_and_nothing_else() -> None:
    provider = see_question(HERE, Question("hi", 16, PNG, COLOUR, COLOUR), "e-1")

    assert provider.bodies == [{"model": "e-1", "input": "hi"}]
    assert provider.requests[0].startswith(b"POST /v1/embeddings HTTP/1.1\r\n")


def test_its_models_are_listed_as_openai_lists_them() -> None:
    assert list_models(whole(200, '{"data": [{"id": "e-1"}]}'), HERE).models == ("e-1",)


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.decimals(allow_nan=False) | st.just("text"),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(["data", "embedding", "usage", "error", "prompt_tokens", "model"]),
            inner,
        )
    ),
)


@settings(deadline=None)
@given(JSON)
def test_any_json_is_a_vector_a_complaint_or_refused(document: object) -> None:
    answer = EmbeddingAnswer()
    with suppress(BodyError):
        answer.take(document)
    with suppress(ContradictoryUsage):
        answer.leaves()

    assert answer.is_ended == answer.has_content
    assert not (answer.is_ended and answer.complaint)
