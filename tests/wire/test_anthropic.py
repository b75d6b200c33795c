"""A message from a provider on loopback: every way in which it can go."""

import json
from collections.abc import Sequence
from typing import Any

import pytest

from monitor.domain.calls import Phase
from monitor.domain.endpoints import Flavour
from monitor.domain.outcomes import Outcome
from monitor.domain.usage import Usage
from monitor.wire.anthropic_answer import AnthropicAnswer
from monitor.wire.replies import Reply
from tests.wire.loopback import NEVER, RESET, Script, Step, event, head, whole
from tests.wire.loopback import ask as ask_in
from tests.wire.spoken import (
    BLOCK_STOP,
    MESSAGE_START,
    MESSAGE_STOP,
    PING,
    anthropic_stream,
    block,
    delta,
    message,
    message_delta,
    said,
    text_delta,
)


def ask(script: Script, timeout_s: float = 5.0) -> Reply:
    return ask_in(script, timeout_s, Flavour.ANTHROPIC)


def stream(*pieces: Step) -> list[Step]:
    return [head(), MESSAGE_START, *pieces]


def document(**fields: Any) -> list[Step]:
    return whole(200, json.dumps(message(**fields)), request_id="req_1")


def error(kind: str, text: str) -> bytes:
    return said("error", error={"type": kind, "message": text})


TEXT = {"type": "text", "text": "pong"}
ENDED = {"stop_reason": "end_turn", "usage": {"input_tokens": 14, "output_tokens": 4}}


def test_a_good_stream_is_ok_with_all_that_it_told() -> None:
    reply = ask(anthropic_stream())

    assert (reply.outcome, reply.http_status, reply.phase) == (Outcome.OK, 200, Phase.DONE)
    assert (reply.text, reply.usage) == ("pong", Usage(input=14, output=4))
    assert (reply.detail.request_id, reply.detail.served_model) == ("req_1", "m-1")
    assert reply.detail.finish_reason == "end_turn"


def test_a_whole_message_tells_the_same() -> None:
    reply, streamed = ask(document(content=[TEXT], **ENDED)), ask(anthropic_stream())

    assert (reply.outcome, reply.text, reply.usage) == (Outcome.OK, "pong", streamed.usage)
    assert (reply.detail.request_id, reply.detail.finish_reason) == ("req_1", "end_turn")


END = [message_delta(), MESSAGE_STOP]
THINKING = delta("thinking_delta", thinking="hm")
OUTCOMES: list[tuple[str, Sequence[Step], Outcome]] = [
    ("pings anywhere", stream(PING, text_delta("pong"), PING, *END), Outcome.OK),
    ("unknown events", stream(said("later"), text_delta("pong"), said("x", y=[]), *END),
     Outcome.OK),
    ("kept open after the end", stream(text_delta("pong"), *END, NEVER), Outcome.OK),
    ("no end mark", stream(text_delta("pong"), message_delta()), Outcome.OK),
    ("reset after the reason", stream(text_delta("pong"), message_delta(), 0.05, RESET),
     Outcome.OK),
    ("limit reached", stream(text_delta("po"), message_delta("max_tokens"), MESSAGE_STOP),
     Outcome.OK),
    ("stop sequence", stream(text_delta("po"), message_delta("stop_sequence"), MESSAGE_STOP),
     Outcome.OK),
    ("paused turn", stream(block("server_tool_use", name="web_search", input={}), BLOCK_STOP,
                           message_delta("pause_turn"), MESSAGE_STOP), Outcome.OK),
    ("visible thoughts to the limit", stream(THINKING, message_delta("max_tokens"), MESSAGE_STOP),
     Outcome.OK),
    ("hidden thoughts to the limit", stream(message_delta("max_tokens", 16), MESSAGE_STOP),
     Outcome.BAD_REQUEST),
    ("nothing to the limit", stream(message_delta("max_tokens", 0), MESSAGE_STOP),
     Outcome.EMPTY_RESPONSE),
    ("silent", stream(*END), Outcome.EMPTY_RESPONSE),
    ("declined", stream(message_delta("refusal"), MESSAGE_STOP), Outcome.CONTENT_FILTER),
    ("declined half-way", stream(text_delta("po"), message_delta("refusal"), MESSAGE_STOP),
     Outcome.CONTENT_FILTER),
    ("context full", stream(text_delta("po"), message_delta("model_context_window_exceeded"),
                            MESSAGE_STOP), Outcome.CONTEXT_LENGTH),
    ("unknown reason", stream(text_delta("po"), message_delta("bored"), MESSAGE_STOP),
     Outcome.UNKNOWN),
    ("overloaded half-way", stream(text_delta("po"), error("overloaded_error", "Overloaded")),
     Outcome.OVERLOADED),
    ("broken half-way", stream(text_delta("po"), error("api_error", "Internal server error")),
     Outcome.SERVER_ERROR),
    ("overloaded, in its type alone", stream(error("overloaded_error", "x")), Outcome.OVERLOADED),
    ("limited half-way", stream(text_delta("po"), error("rate_limit_error", "x")),
     Outcome.RATE_LIMITED),
    ("late half-way", stream(text_delta("po"), error("timeout_error", "x")),
     Outcome.TIMEOUT_TOTAL),
    ("rejected half-way", stream(text_delta("po"), error("authentication_error", "x")),
     Outcome.AUTH),
    ("error first", [head(), error("api_error", "oops")], Outcome.SERVER_ERROR),
    ("cut before a token", stream(block(text=""), PING), Outcome.STREAM_CUT),
    ("cut after a token", stream(text_delta("po")), Outcome.STREAM_CUT),
    ("cut in an event", stream(text_delta("po"), message_delta()[:-20]), Outcome.STREAM_CUT),
    ("reset", stream(text_delta("po"), 0.05, RESET), Outcome.STREAM_CUT),
    ("empty", [head()], Outcome.STREAM_CUT),
    ("stalled", stream(text_delta("po"), NEVER), Outcome.TIMEOUT_TOTAL),
    ("late token", stream(PING, NEVER), Outcome.TIMEOUT_FIRST_TOKEN),
    ("another flavour", [head(), event({"choices": []})], Outcome.MALFORMED),
    ("whole", document(content=[TEXT], **ENDED), Outcome.OK),
    ("whole without content", document(**ENDED), Outcome.EMPTY_RESPONSE),
    ("whole refusal", document(stop_reason="refusal"), Outcome.CONTENT_FILTER),
    ("error in a 200", whole(200, '{"type": "error", "error": {"type": "api_error"}}'),
     Outcome.SERVER_ERROR),
    ("bad key", whole(401, '{"type": "error", "error": {"type": "authentication_error"}}'),
     Outcome.AUTH),
    ("overloaded", whole(529, '{"type": "error", "error": {"type": "overloaded_error"}}'),
     Outcome.OVERLOADED),
]  # fmt: skip


@pytest.mark.parametrize(
    ("script", "outcome"), [pytest.param(s, o, id=name) for name, s, o in OUTCOMES]
)
def test_an_answer_has_its_class(script: Sequence[Step], outcome: Outcome) -> None:
    is_late = outcome in {Outcome.TIMEOUT_FIRST_TOKEN, Outcome.TIMEOUT_TOTAL}

    assert ask(script, timeout_s=1.0 if is_late else 20.0).outcome is outcome


def test_a_refusal_says_why() -> None:
    details = {"type": "refusal", "category": "cyber", "explanation": "not that"}
    told = {"stop_reason": "refusal", "stop_details": details}
    end = said("message_delta", delta=told, usage={"output_tokens": 1})

    assert ask(stream(end, MESSAGE_STOP)).detail.excerpt == "cyber: not that"


def test_the_last_count_replaces_the_ones_before() -> None:
    end = message_delta(output=9, input_tokens=20, cache_read_input_tokens=None)
    reply = ask(stream(text_delta("a"), message_delta(None, output=3), end, MESSAGE_STOP))

    assert reply.usage == Usage(input=20, output=9)


def test_a_count_that_is_null_replaces_nothing() -> None:
    reply = ask(stream(text_delta("a"), message_delta(output=9, input_tokens=None)))

    assert reply.usage == Usage(input=14, output=9)


def test_what_a_message_begins_with_is_no_count_of_its_output() -> None:
    cut = ask(stream(text_delta("po")))
    uncounted = said("message_delta", delta={"stop_reason": "end_turn"})
    ended = ask(stream(text_delta("pong"), uncounted, MESSAGE_STOP))

    assert (cut.usage, ended.outcome, ended.usage) == (None, Outcome.OK, None)


def test_a_stream_without_its_beginning_is_ok_and_its_usage_not_known() -> None:
    reply = ask([head(), text_delta("pong"), *END])

    assert (reply.outcome, reply.text, reply.usage) == (Outcome.OK, "pong", None)


def test_usage_that_cannot_be_true_is_kept_and_not_counted() -> None:
    details = {"thinking_tokens": 9}
    reply = ask(stream(text_delta("a"), message_delta(output_tokens_details=details)))

    assert (reply.outcome, reply.usage) == (Outcome.OK, None)
    assert reply.detail.excerpt == "usage not counted: output_tokens is 4, less than its parts (9)"


def test_usage_in_endless_events_stays_small() -> None:
    answer = AnthropicAnswer()
    for number in range(1_000):
        many = {f"k{number}-{i}": {str(j): [j] for j in range(100)} for i in range(10)}
        answer.take({"type": "message_delta", "usage": many})

    assert len(repr(answer.usage)) < 2_000


CALLED = block("tool_use", id="t_1", name="colour", input={})


@pytest.mark.parametrize(
    ("pieces", "arguments"),
    [
        ([CALLED, delta("input_json_delta", partial_json=""),
          delta("input_json_delta", partial_json='{"colour":'),
          delta("input_json_delta", partial_json=' "red"}'), BLOCK_STOP], '{"colour": "red"}'),
        ([block("tool_use", input={"colour": "red"}), BLOCK_STOP], '{"colour": "red"}'),
        ([CALLED, BLOCK_STOP], ""),
    ],
)  # fmt: skip
def test_what_was_said_to_the_tool_is_put_together(pieces: list[bytes], arguments: str) -> None:
    reply = ask(stream(*pieces, message_delta("tool_use"), MESSAGE_STOP))

    assert (reply.outcome, reply.text, reply.arguments) == (Outcome.OK, "", arguments)


def test_a_whole_messages_tool_call_is_read() -> None:
    call = {"type": "tool_use", "name": "size", "input": {"side": 1.5}}
    reply = ask(document(content=[call], stop_reason="tool_use"))

    assert (reply.outcome, reply.arguments) == (Outcome.OK, '{"side": 1.5}')


@pytest.mark.parametrize("start", [PING, block(text=""), block("tool_use", input={}), BLOCK_STOP])
def test_what_begins_a_block_is_no_first_token(start: bytes) -> None:
    reply = ask(stream(start, NEVER), timeout_s=0.5)

    assert (reply.phase, reply.timings.ttft_s) == (Phase.HEADERS, None)


@pytest.mark.parametrize(
    "token", [text_delta("a"), THINKING, delta("input_json_delta", partial_json="{")]
)
def test_the_first_visible_piece_is_the_first_token(token: bytes) -> None:
    assert ask(stream(token, NEVER), timeout_s=0.5).phase is Phase.FIRST_TOKEN
