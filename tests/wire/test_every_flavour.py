"""What holds for each flavour, whatever a server sends."""

import json
from collections.abc import Iterator, Sequence
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from monitor.domain.calls import Phase, Timings
from monitor.domain.endpoints import Flavour
from monitor.domain.outcomes import LocalFailure, Outcome
from monitor.wire.answers import Answer
from monitor.wire.anthropic_answer import AnthropicAnswer
from monitor.wire.bodies import BodyError
from monitor.wire.cohere_answer import CohereAnswer
from monitor.wire.gemini_answer import GeminiAnswer
from monitor.wire.judging import read_answer
from monitor.wire.ollama_answer import OllamaAnswer
from monitor.wire.openai_answer import OpenAiAnswer
from monitor.wire.openrouter_answer import OpenRouterAnswer
from monitor.wire.readers import AnswerReader
from monitor.wire.replies import Reply
from monitor.wire.responses_answer import ResponsesAnswer
from monitor.wire.transport import Exchange
from tests.wire.loopback import CANARY, Step, ask, endpoint_at, event, head, whole
from tests.wire.spoken import GOOD_STREAMS

ANSWERS: dict[Flavour, type[Answer]] = {
    Flavour.OPENAI_CHAT: OpenAiAnswer,
    Flavour.OPENAI_RESPONSES: ResponsesAnswer,
    Flavour.ANTHROPIC: AnthropicAnswer,
    Flavour.GEMINI: GeminiAnswer,
    Flavour.OPENROUTER: OpenRouterAnswer,
    Flavour.OLLAMA: OllamaAnswer,
    Flavour.COHERE: CohereAnswer,
}
FLAVOURS = st.sampled_from(sorted(ANSWERS))
TARGET = endpoint_at("http://localhost/v1").target


def reply_to(
    flavour: Flavour, pieces: Iterator[bytes], content_type: str = "text/event-stream"
) -> Reply:
    """What becomes of a 200 with these bytes."""
    answer = ANSWERS[flavour]()
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
    return read_answer(exchange, reader, answer, TARGET)


@pytest.mark.parametrize("flavour", ANSWERS)
def test_a_good_stream_says_its_word(flavour: Flavour) -> None:
    reply = ask(GOOD_STREAMS[flavour]("pong"), flavour=flavour)

    assert (reply.outcome, reply.text, reply.detail.excerpt) == (Outcome.OK, "pong", None)
    assert reply.usage is not None
    assert reply.detail.request_id


@pytest.mark.parametrize("flavour", ANSWERS)
@pytest.mark.parametrize("document", [7, "text", None, {}, [1, 2], {"type": 7}, {"object": []}])
def test_json_of_another_kind_is_refused(flavour: Flavour, document: object) -> None:
    with pytest.raises(BodyError):
        ANSWERS[flavour]().take(document)


PIECES = st.lists(st.binary() | st.sampled_from([b"data: ", b"{", b"<", b"[", b"\n\n", b"\xef"]))
TYPES = st.sampled_from(["text/event-stream", "application/json", "text/html", ""])


@given(FLAVOURS, PIECES, TYPES)
def test_garbage_never_raises_and_is_never_ok(
    flavour: Flavour, pieces: list[bytes], content_type: str
) -> None:
    assert reply_to(flavour, iter(pieces), content_type).outcome is not Outcome.OK


KEYS = st.sampled_from(
    ["type", "object", "error", "message", "delta", "usage", "content", "content_block", "text",
     "stop_reason", "stop_details", "input", "id", "model", "response", "output", "status",
     "incomplete_details", "reason", "summary", "arguments", "candidates", "parts", "finishReason",
     "promptFeedback", "blockReason", "usageMetadata", "functionCall", "args", "thought",
     "input_tokens", "output_tokens", "promptTokenCount", "promptTokensDetails", "modality",
     "tokenCount", "cache_creation", "input_tokens_details", "code", "choices", "provider",
     "done", "done_reason", "load_duration", "prompt_eval_count", "thinking", "tool_calls",
     "function", "finish_reason", "billed_units", "tokens", "tool_plan", CANARY]
)  # fmt: skip
WORDS = st.sampled_from(
    ["", CANARY, "message", "message_start", "message_delta", "message_stop", "error", "STOP",
     "content_block_start", "content_block_delta", "content_block_stop", "tool_use", "end_turn",
     "response", "response.completed", "response.failed", "response.output_text.delta",
     "completed", "output_text", "function_call", "AUDIO", "content-delta", "message-end",
     "tool-call-delta", "COMPLETE", "ERROR", "TIMEOUT", "load"]
)  # fmt: skip
VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | WORDS,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(KEYS, inner, max_size=6),
    max_leaves=15,
)


@settings(max_examples=300)
@given(FLAVOURS, st.lists(st.dictionaries(KEYS, VALUES, min_size=1, max_size=5), max_size=4))
def test_documents_of_any_shape_never_raise_and_never_leak(
    flavour: Flavour, documents: list[dict[str, Any]]
) -> None:
    reply = reply_to(flavour, (b"data: " + json.dumps(d).encode() + b"\n\n" for d in documents))

    assert CANARY not in repr(reply.detail)
    assert not isinstance(reply.outcome, LocalFailure)
    json.dumps(reply.detail.usage_reported)


def bytes_of(script: Sequence[Step]) -> bytes:
    return b"".join(step for step in script[1:] if isinstance(step, bytes))


@given(FLAVOURS, st.integers(1, 60))
def test_any_cutting_gives_the_same_reply(flavour: Flavour, size: int) -> None:
    stream = bytes_of(GOOD_STREAMS[flavour]("pong"))
    pieces = (stream[i : i + size] for i in range(0, len(stream), size))

    assert reply_to(flavour, pieces) == reply_to(flavour, iter([stream]))


@given(FLAVOURS, st.data())
def test_a_stream_that_breaks_off_is_cut_or_whole(flavour: Flavour, data: st.DataObject) -> None:
    stream = bytes_of(GOOD_STREAMS[flavour]("pong"))
    length = data.draw(st.integers(0, len(stream)))
    reply = reply_to(flavour, iter([stream[:length]]))

    assert reply.outcome in {Outcome.OK, Outcome.STREAM_CUT}
    assert reply.usage is None or reply.outcome is Outcome.OK


@pytest.mark.parametrize("flavour", ANSWERS)
@pytest.mark.parametrize(
    "script",
    [
        whole(401, f'{{"error": {{"message": "bad key {CANARY}", "code": "{CANARY}"}}}}'),
        whole(200, f"<html>{CANARY}", request_id=CANARY),
        [head(x_request_id=CANARY), event({"type": CANARY, "usage": {CANARY: CANARY}})],
        [head(), event({"error": {"type": CANARY, "message": CANARY, "status": CANARY}})],
    ],
)
def test_an_echoed_key_is_never_kept(flavour: Flavour, script: Sequence[Step]) -> None:
    assert CANARY not in repr(ask(script, flavour=flavour).detail)


@pytest.mark.parametrize("depth", range(900, 1000))
def test_arguments_at_the_edge_of_depth_never_raise(depth: int) -> None:
    deep = '{"a":' * depth + "1" + "}" * depth
    call = f'{{"type": "message", "content": [{{"type": "tool_use", "input": {deep}}}]}}'
    reply = reply_to(Flavour.ANTHROPIC, iter([f"data: {call}\n\n".encode()]))

    assert reply.outcome in {Outcome.OK, Outcome.MALFORMED, Outcome.STREAM_CUT}
