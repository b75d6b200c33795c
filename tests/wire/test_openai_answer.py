import json
from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from monitor.domain.calls import Phase, Timings
from monitor.domain.outcomes import Outcome
from monitor.wire.bodies import BodyError
from monitor.wire.judging import read_answer
from monitor.wire.openai_answer import OpenAiAnswer
from monitor.wire.readers import AnswerReader
from monitor.wire.replies import Reply
from monitor.wire.transport import Exchange
from tests.wire.loopback import CANARY, chunk, endpoint_at


def answer_of(*deltas: dict[str, Any]) -> OpenAiAnswer:
    answer = OpenAiAnswer()
    for delta in deltas:
        answer.take({"choices": [{"delta": delta}]})
    return answer


@pytest.mark.parametrize(
    "delta",
    [
        {"content": "a"},
        {"reasoning_content": "hm"},
        {"reasoning": "hm"},
        {"refusal": "no"},
        {"tool_calls": [{"index": 0}]},
        {"content": [{"type": "text", "text": "a"}]},
        {"content": [{"type": "thinking", "thinking": [{"type": "text", "text": "hm"}]}]},
    ],
)
def test_this_is_a_token(delta: dict[str, Any]) -> None:
    assert answer_of(delta).has_token


@pytest.mark.parametrize(
    "delta",
    [
        {"role": "assistant", "content": ""},
        {"content": None, "refusal": None, "tool_calls": None, "reasoning": ""},
        {"tool_calls": []},
        {"content": []},
        {},
    ],
)
def test_this_is_no_token(delta: dict[str, Any]) -> None:
    assert not answer_of(delta).has_token


def test_pieces_of_content_are_joined() -> None:
    assert answer_of({"content": "po"}, {"reasoning": "x"}, {"content": "ng"}).text == "pong"


def test_an_answer_keeps_no_more_text_than_a_check_needs() -> None:
    assert len(answer_of(*[{"content": "x" * 1000}] * 10).text) == 4096


@pytest.mark.parametrize("document", [7, "text", None, [], {}, {"choices": None}, [1, 2]])
def test_json_that_is_no_completion_is_refused(document: object) -> None:
    with pytest.raises(BodyError):
        OpenAiAnswer().take(document)


@pytest.mark.parametrize("error", [None, "", {}])
def test_an_error_that_is_nothing_is_no_error(error: object) -> None:
    answer = OpenAiAnswer()
    answer.take({"error": error, "choices": []})

    assert answer.complaint is None


def reply_to(pieces: Iterator[bytes], content_type: str = "text/event-stream") -> Reply:
    """What becomes of a 200 with these bytes."""
    answer = OpenAiAnswer()
    reader = AnswerReader(answer)
    headers = {"content-type": content_type}
    reader.start(200, headers)
    for piece in pieces:
        reader.feed(piece)
        if reader.is_done:
            break
    else:
        reader.close()
    exchange = Exchange(200, headers, Phase.DONE, Timings(), is_reused=False, fault=None)
    return read_answer(exchange, reader, answer, endpoint_at("http://localhost/v1").target)


PIECES = st.lists(st.binary() | st.sampled_from([b"data: ", b"{", b"<", b"[", b"\n\n", b"\xef"]))


@settings(deadline=None)
@given(PIECES, st.sampled_from(["text/event-stream", "application/json", "text/html", ""]))
def test_garbage_never_raises_and_is_never_ok(pieces: list[bytes], content_type: str) -> None:
    assert reply_to(iter(pieces), content_type).outcome is not Outcome.OK


VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.sampled_from(["", "stop", CANARY]),
    lambda inner: st.lists(inner, max_size=3)
    | st.dictionaries(
        st.sampled_from(
            ["choices", "delta", "message", "content", "usage", "error", "finish_reason", "model",
             "prompt_tokens", "completion_tokens", "cost", "text", CANARY]
        ),
        inner,
    ),
    max_leaves=12,
)  # fmt: skip


@settings(deadline=None, max_examples=60)
@given(st.lists(st.fixed_dictionaries({}, optional={
    "choices": VALUES, "usage": VALUES, "error": VALUES, "model": VALUES})))  # fmt: skip
def test_chunks_of_any_shape_never_raise_and_never_leak(documents: list[dict[str, Any]]) -> None:
    reply = reply_to(b"data: " + json.dumps(d).encode() + b"\n\n" for d in documents)

    assert CANARY not in repr(reply.detail)
    json.dumps(reply.detail.usage_reported)


@settings(deadline=None)
@given(st.lists(st.binary(max_size=20), max_size=5), st.integers(1, 50))
def test_any_cutting_gives_the_same_reply(noise: list[bytes], size: int) -> None:
    stream = chunk("pong") + b"".join(b":" + n for n in noise) + b"\n" + chunk(finish="stop")
    pieces = (stream[i : i + size] for i in range(0, len(stream), size))

    assert reply_to(pieces) == reply_to(iter([stream]))
