"""A response from a provider on loopback: every way in which it can go."""

import json
from collections.abc import Sequence
from typing import Any

import pytest

from monitor.domain.calls import Phase
from monitor.domain.endpoints import Flavour
from monitor.domain.outcomes import Outcome
from monitor.domain.usage import Usage
from monitor.wire.replies import Reply
from tests.wire.loopback import NEVER, RESET, Script, Step, event, head, whole
from tests.wire.loopback import ask as ask_in
from tests.wire.spoken import (
    RESPONSE_CREATED,
    RESPONSES_USAGE,
    output_text,
    piece,
    response,
    response_end,
    responses_stream,
    said,
)


def ask(script: Script, timeout_s: float = 5.0) -> Reply:
    return ask_in(script, timeout_s, Flavour.OPENAI_RESPONSES)


def stream(*pieces: Step) -> list[Step]:
    return [head(), RESPONSE_CREATED, *pieces]


def document(*output: dict[str, Any], **fields: Any) -> list[Step]:
    return whole(200, json.dumps(response(*output, **fields)), x_request_id="req_1")


def incomplete(reason: str | None, *output: dict[str, Any], **fields: Any) -> bytes:
    details = {"reason": reason}
    return response_end(*output, status="incomplete", incomplete_details=details, **fields)


def failed(code: str | None, message: str = "oops") -> bytes:
    error = None if code is None else {"code": code, "message": message}
    return response_end(status="failed", error=error, usage=None)


def test_a_good_stream_is_ok_with_all_that_it_told() -> None:
    reply = ask(responses_stream())

    assert (reply.outcome, reply.http_status, reply.phase) == (Outcome.OK, 200, Phase.DONE)
    assert (reply.text, reply.usage) == ("pong", Usage(input=13, output=2))
    assert (reply.detail.request_id, reply.detail.served_model) == ("req_1", "m-1")
    assert reply.detail.finish_reason == "completed"


def test_a_whole_response_tells_the_same() -> None:
    reply, streamed = ask(document(output_text("pong"))), ask(responses_stream())

    assert (reply.outcome, reply.text, reply.usage) == (Outcome.OK, "pong", streamed.usage)
    assert (reply.detail.request_id, reply.detail.finish_reason) == ("req_1", "completed")


PONG, END = piece("output_text", "pong"), response_end(output_text("pong"))
THOUGHT = {"output_tokens": 16, "output_tokens_details": {"reasoning_tokens": 16}}
THINKING = RESPONSES_USAGE | THOUGHT | {"total_tokens": 29}
UNUSED = RESPONSES_USAGE | {"output_tokens": 0, "total_tokens": 13}
REFUSAL = {"type": "message", "content": [{"type": "refusal", "refusal": "no"}]}
OUTCOMES: list[tuple[str, Sequence[Step], Outcome]] = [
    ("kept open after the end", stream(PONG, END, NEVER), Outcome.OK),
    ("text only in the end", stream(END), Outcome.OK),
    ("unknown events", stream(said("keepalive"), PONG, said("response.later"), END), Outcome.OK),
    ("limit reached", stream(piece("output_text", "po"), incomplete("max_output_tokens")),
     Outcome.OK),
    ("visible thoughts to the limit",
     stream(piece("reasoning_summary_text", "hm"), incomplete("max_output_tokens")), Outcome.OK),
    ("hidden thoughts to the limit",
     stream(incomplete("max_output_tokens", {"type": "reasoning", "summary": []}, usage=THINKING)),
     Outcome.BAD_REQUEST),
    ("nothing to the limit", stream(incomplete("max_output_tokens", usage=UNUSED)),
     Outcome.EMPTY_RESPONSE),
    ("silent", stream(response_end()), Outcome.EMPTY_RESPONSE),
    ("blocked", stream(piece("output_text", "po"), incomplete("content_filter")),
     Outcome.CONTENT_FILTER),
    ("declined", stream(piece("refusal", "no"), response_end()), Outcome.CONTENT_FILTER),
    ("declined only in the end", stream(response_end(REFUSAL)), Outcome.CONTENT_FILTER),
    ("steered away", stream(PONG, incomplete("steered")), Outcome.UNKNOWN),
    ("incomplete without a reason", stream(PONG, incomplete(None)), Outcome.UNKNOWN),
    ("failed", stream(piece("output_text", "po"), failed("server_error")), Outcome.SERVER_ERROR),
    ("failed by our rate", stream(failed("rate_limit_exceeded")), Outcome.RATE_LIMITED),
    ("failed, overloaded", stream(failed("server_is_overloaded")), Outcome.OVERLOADED),
    ("failed by our prompt", stream(failed("invalid_prompt")), Outcome.BAD_REQUEST),
    ("failed by our image", stream(failed("image_too_small")), Outcome.BAD_REQUEST),
    ("failed by a policy", stream(failed("bio_policy")), Outcome.CONTENT_FILTER),
    ("failed by residency", stream(failed("data_residency_mismatch")), Outcome.PERMISSION),
    ("failed by a store", stream(failed("vector_store_timeout")), Outcome.SERVER_ERROR),
    ("failed without a reason", stream(PONG, failed(None)), Outcome.SERVER_ERROR),
    ("error event", stream(PONG, said("error", code="server_error", message="oops", param=None)),
     Outcome.SERVER_ERROR),
    ("error event, overloaded", stream(said("error", code="server_is_overloaded", message="x")),
     Outcome.OVERLOADED),
    ("error in an object", stream(event({"error": {"code": 429, "message": "slow"}})),
     Outcome.RATE_LIMITED),
    ("cut before a token", stream(), Outcome.STREAM_CUT),
    ("cut after a token", stream(PONG), Outcome.STREAM_CUT),
    ("cut in the end", stream(PONG, END[:-20]), Outcome.STREAM_CUT),
    ("reset", stream(PONG, 0.05, RESET), Outcome.STREAM_CUT),
    ("end mark of the chat alone", stream(PONG, b"data: [DONE]\n\n"), Outcome.OK),
    ("empty", [head()], Outcome.STREAM_CUT),
    ("stalled", stream(PONG, NEVER), Outcome.TIMEOUT_TOTAL),
    ("late token", stream(NEVER), Outcome.TIMEOUT_FIRST_TOKEN),
    ("another flavour", [head(), event({"choices": []})], Outcome.MALFORMED),
    ("whole", document(output_text("pong")), Outcome.OK),
    ("whole and failed", document(status="failed", error={"code": "server_error"}),
     Outcome.SERVER_ERROR),
    ("whole and at the limit", document(
        output_text("po"), status="incomplete",
        incomplete_details={"reason": "max_output_tokens"}), Outcome.OK),
    ("whole and still in work", document(status="in_progress", usage=None), Outcome.UNKNOWN),
    ("whole and cancelled", document(output_text("po"), status="cancelled"), Outcome.UNKNOWN),
    ("error in a 200", whole(200, '{"error": {"code": "server_error"}}'), Outcome.SERVER_ERROR),
    ("bad key", whole(401, '{"error": {"code": "invalid_api_key"}}'), Outcome.AUTH),
    ("no model", whole(404, '{"error": {"code": "model_not_found"}}'), Outcome.MODEL_NOT_FOUND),
]  # fmt: skip


@pytest.mark.parametrize(
    ("script", "outcome"), [pytest.param(s, o, id=name) for name, s, o in OUTCOMES]
)
def test_an_answer_has_its_class(script: Sequence[Step], outcome: Outcome) -> None:
    is_late = outcome in {Outcome.TIMEOUT_FIRST_TOKEN, Outcome.TIMEOUT_TOTAL}

    assert ask(script, timeout_s=1.0 if is_late else 20.0).outcome is outcome


def test_what_came_in_pieces_is_not_said_twice() -> None:
    pieces = stream(piece("output_text", "po"), piece("output_text", "ng"), END)

    assert ask(pieces).text == "pong"


def test_usage_of_a_failed_response_is_counted_where_it_is_told() -> None:
    failure = response_end(status="failed", error={"code": "server_error"})

    assert ask(stream(failure)).usage == Usage(input=13, output=2)


def test_reasoning_is_counted_inside_the_output() -> None:
    assert ask(stream(PONG, response_end(usage=THINKING))).usage == Usage(input=13, reasoning=16)


def test_usage_that_cannot_be_true_is_kept_and_not_counted() -> None:
    reply = ask(stream(PONG, response_end(usage=RESPONSES_USAGE | {"total_tokens": 99})))

    assert (reply.outcome, reply.usage) == (Outcome.OK, None)
    assert reply.detail.excerpt == (
        "usage not counted: total_tokens is 99, its parts are 15 together")  # fmt: skip


CALL = {"type": "function_call", "name": "colour", "arguments": '{"colour": "red"}'}


@pytest.mark.parametrize(
    "script",
    [
        stream(piece("function_call_arguments", '{"colour":'),
               piece("function_call_arguments", ' "red"}'), response_end(CALL)),
        stream(response_end(CALL)),
        document(CALL),
    ],
)  # fmt: skip
def test_what_was_said_to_the_tool_is_put_together(script: Sequence[Step]) -> None:
    reply = ask(script)

    assert (reply.outcome, reply.text, reply.arguments) == (Outcome.OK, "", '{"colour": "red"}')


@pytest.mark.parametrize("kind", ["output_item.added", "content_part.added", "in_progress"])
def test_what_begins_a_part_is_no_first_token(kind: str) -> None:
    begun = said(f"response.{kind}", item={"type": "message"}, part={"type": "output_text"})

    assert ask(stream(begun, NEVER), timeout_s=0.5).timings.ttft_s is None


@pytest.mark.parametrize(
    "kind",
    ["output_text", "refusal", "reasoning_text", "reasoning_summary_text",
     "function_call_arguments"],
)  # fmt: skip
def test_a_delta_is_the_first_token(kind: str) -> None:
    assert ask(stream(piece(kind, "x"), NEVER), timeout_s=0.5).phase is Phase.FIRST_TOKEN
