"""An answer of Gemini's from a provider on loopback: every way in which it can go."""

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
from tests.wire.spoken import candidate, counted, gemini_stream


def ask(script: Script, timeout_s: float = 5.0) -> Reply:
    return ask_in(script, timeout_s, Flavour.GEMINI)


def say(text: str, finish: str | None = None, **fields: Any) -> bytes:
    return event(candidate({"text": text}, finish=finish, **fields))


def finished(reason: str, usage: dict[str, Any] | None = None) -> list[Step]:
    """A stream with a word that ends for a reason."""
    return [head(), say("po"), event(candidate(finish=reason, usage=usage or counted()))]


def blocked(reason: str) -> list[Step]:
    feedback = {"promptFeedback": {"blockReason": reason}, "usageMetadata": counted(said=0)}
    return [head(), event(feedback)]


def test_a_good_stream_is_ok_with_all_that_it_told() -> None:
    reply = ask(gemini_stream())

    assert (reply.outcome, reply.http_status, reply.phase) == (Outcome.OK, 200, Phase.DONE)
    assert (reply.text, reply.usage) == ("pong", Usage(input=7, output=1))
    assert (reply.detail.request_id, reply.detail.served_model) == ("r1", "m-1")
    assert reply.detail.finish_reason == "STOP"


FIRST = candidate({"text": "po"}, usage=counted(said=0))
LAST = candidate({"text": "ng"}, finish="STOP", usage=counted())


@pytest.mark.parametrize(
    "script",
    [
        whole(200, json.dumps(candidate({"text": "pong"}, finish="STOP", usage=counted()))),
        whole(200, json.dumps([FIRST, LAST], indent=1)),
        [head(200, "application/json"), b"[" + json.dumps(FIRST).encode(), 0.02,
         b"\n,\r\n" + json.dumps(LAST).encode(), b"]"],
    ],
)  # fmt: skip
def test_a_whole_answer_and_an_array_tell_the_same(script: Sequence[Step]) -> None:
    reply, streamed = ask(script), ask(gemini_stream())

    assert (reply.outcome, reply.text, reply.usage) == (Outcome.OK, "pong", streamed.usage)
    assert reply.detail.finish_reason == "STOP"


FINISHES = {
    "STOP": Outcome.OK,
    "MAX_TOKENS": Outcome.OK,
    "SAFETY": Outcome.CONTENT_FILTER,
    "RECITATION": Outcome.CONTENT_FILTER,
    "BLOCKLIST": Outcome.CONTENT_FILTER,
    "PROHIBITED_CONTENT": Outcome.CONTENT_FILTER,
    "SPII": Outcome.CONTENT_FILTER,
    "MODEL_ARMOR": Outcome.CONTENT_FILTER,
    "IMAGE_SAFETY": Outcome.CONTENT_FILTER,
    "IMAGE_PROHIBITED_CONTENT": Outcome.CONTENT_FILTER,
    "IMAGE_RECITATION": Outcome.CONTENT_FILTER,
    "MALFORMED_FUNCTION_CALL": Outcome.MALFORMED,
    "MALFORMED_RESPONSE": Outcome.MALFORMED,
    "LANGUAGE": Outcome.UNKNOWN,
    "OTHER": Outcome.UNKNOWN,
    "IMAGE_OTHER": Outcome.UNKNOWN,
    "NO_IMAGE": Outcome.UNKNOWN,
    "UNEXPECTED_TOOL_CALL": Outcome.UNKNOWN,
    "TOO_MANY_TOOL_CALLS": Outcome.UNKNOWN,
    "MISSING_THOUGHT_SIGNATURE": Outcome.UNKNOWN,
    "ESCALATION": Outcome.UNKNOWN,
    "PUP_LIMITED_DISABLED": Outcome.UNKNOWN,
    "CONTINUATION": Outcome.UNKNOWN,
    "SOMETHING_NEW": Outcome.UNKNOWN,
}


@pytest.mark.parametrize(("reason", "outcome"), FINISHES.items())
def test_a_finish_reason_has_its_class(reason: str, outcome: Outcome) -> None:
    reply = ask(finished(reason))

    assert (reply.outcome, reply.detail.finish_reason) == (outcome, reason)


@pytest.mark.parametrize(
    "reason", ["SAFETY", "OTHER", "BLOCKLIST", "PROHIBITED_CONTENT", "IMAGE_SAFETY",
               "MODEL_ARMOR", "JAILBREAK"]
)  # fmt: skip
def test_a_blocked_prompt_is_filtered_content_whatever_the_reason(reason: str) -> None:
    reply = ask(blocked(reason))

    assert (reply.outcome, reply.usage) == (Outcome.CONTENT_FILTER, Usage(input=7))
    assert reply.detail.finish_reason == reason


THOUGHT = {"text": "hm", "thought": True}
ERROR = {"error": {"code": 503, "message": "The model is overloaded.", "status": "UNAVAILABLE"}}
BARE = json.dumps(ERROR, indent=2).encode()
OUTCOMES: list[tuple[str, Sequence[Step], Outcome]] = [
    ("no usage", [head(), say("pong", "STOP")], Outcome.OK),
    ("reset after the reason", [head(), say("pong", "STOP"), 0.05, RESET], Outcome.OK),
    ("visible thoughts to the limit", [head(), event(candidate(THOUGHT, finish="MAX_TOKENS"))],
     Outcome.OK),
    ("hidden thoughts to the limit",
     [head(), event(candidate(finish="MAX_TOKENS", usage=counted(said=0, thought=60)))],
     Outcome.BAD_REQUEST),
    ("nothing to the limit",
     [head(), event(candidate(finish="MAX_TOKENS", usage=counted(said=0)))],
     Outcome.EMPTY_RESPONSE),
    ("silent", [head(), event(candidate(finish="STOP", usage=counted(said=0)))],
     Outcome.EMPTY_RESPONSE),
    ("an image", [head(), event(candidate({"inlineData": {"data": "x"}}, finish="STOP"))],
     Outcome.OK),
    ("error as an event", [head(), say("po"), event(ERROR)], Outcome.OVERLOADED),
    ("error without a word", [head(), say("po"), event({"error": {"status": "UNAVAILABLE"}})],
     Outcome.OVERLOADED),
    ("quota in the middle", [head(), say("po"), event({"error": {
        "code": 429, "status": "RESOURCE_EXHAUSTED", "details": [{
            "@type": "type.googleapis.com/google.rpc.QuotaFailure",
            "violations": [{"quotaId": "GenerateRequestsPerDayPerProjectPerModel"}]}]}})],
     Outcome.QUOTA_EXHAUSTED),
    ("error bare in the stream", [head(), say("po"), BARE], Outcome.OVERLOADED),
    ("error bare in pieces", [head(), say("po"), BARE[:40], 0.02, BARE[40:] + b"\n\n"],
     Outcome.OVERLOADED),
    ("error bare in one line", [head(), say("po"), json.dumps(ERROR).encode() + b"\n"],
     Outcome.OVERLOADED),
    ("error bare and cut", [head(), say("po"), BARE[:-9]], Outcome.STREAM_CUT),
    ("cut before a token", [head(), event(candidate())], Outcome.STREAM_CUT),
    ("cut after a token", [head(), say("po")], Outcome.STREAM_CUT),
    ("cut in an event", [head(), say("po"), say("ng", "STOP")[:-20]], Outcome.STREAM_CUT),
    ("empty", [head()], Outcome.STREAM_CUT),
    ("stalled", [head(), say("po"), NEVER], Outcome.TIMEOUT_TOTAL),
    ("late token", [head(), event(candidate()), NEVER], Outcome.TIMEOUT_FIRST_TOKEN),
    ("another flavour", [head(), event({"choices": []})], Outcome.MALFORMED),
    ("an array that breaks off", whole(200, "[" + json.dumps(FIRST) + ","), Outcome.MALFORMED),
    ("error in a 200", whole(200, json.dumps(ERROR)), Outcome.OVERLOADED),
    ("error in an array in a 200", whole(200, json.dumps([ERROR])), Outcome.OVERLOADED),
    ("error in an array", whole(503, json.dumps([ERROR])), Outcome.OVERLOADED),
    ("no model", whole(404, '{"error": {"code": 404, "message": "models/x is not found"}}'),
     Outcome.MODEL_NOT_FOUND),
    ("bad key", whole(400, '{"error": {"code": 400, "message": "API key not valid."}}'),
     Outcome.AUTH),
]  # fmt: skip


@pytest.mark.parametrize(
    ("script", "outcome"), [pytest.param(s, o, id=name) for name, s, o in OUTCOMES]
)
def test_an_answer_has_its_class(script: Sequence[Step], outcome: Outcome) -> None:
    is_late = outcome in {Outcome.TIMEOUT_FIRST_TOKEN, Outcome.TIMEOUT_TOTAL}

    assert ask(script, timeout_s=1.0 if is_late else 20.0).outcome is outcome


def test_the_last_usage_counts_even_where_the_last_piece_has_none() -> None:
    reply = ask([head(), say("po", usage=counted(said=0)), say("ng", "STOP")])

    assert reply.usage == Usage(input=7)


def test_what_was_counted_before_a_cut_is_not_the_usage() -> None:
    assert ask([head(), say("po", usage=counted())]).usage is None


def test_thoughts_are_counted_beside_the_words_and_not_shown() -> None:
    said = candidate(THOUGHT, {"text": "pong"}, finish="STOP", usage=counted(thought=31))
    reply = ask([head(), event(said)])

    assert (reply.text, reply.usage) == ("pong", Usage(input=7, output=1, reasoning=31))


def test_usage_that_cannot_be_true_is_kept_and_not_counted() -> None:
    reply = ask(finished("STOP", counted(cachedContentTokenCount=8)))

    assert (reply.outcome, reply.usage) == (Outcome.OK, None)
    assert reply.detail.excerpt == (
        "usage not counted: promptTokenCount is 7, less than its parts (8)")  # fmt: skip


@pytest.mark.parametrize(
    ("args", "arguments"),
    [({"colour": "red"}, '{"colour": "red"}'), ({"side": 1.5}, '{"side": 1.5}'), ({}, "")],
)
def test_what_was_said_to_the_tool_is_read(args: dict[str, Any], arguments: str) -> None:
    call = {"functionCall": {"name": "colour", "args": args}}
    reply = ask([head(), event(candidate(call, finish="STOP", usage=counted()))])

    assert (reply.outcome, reply.text, reply.arguments) == (Outcome.OK, "", arguments)


@pytest.mark.parametrize("part", [THOUGHT, {"text": "a"}, {"functionCall": {"name": "colour"}}])
def test_a_part_is_the_first_token(part: dict[str, Any]) -> None:
    reply = ask([head(), event(candidate(part)), NEVER], timeout_s=0.5)

    assert reply.phase is Phase.FIRST_TOKEN


@pytest.mark.parametrize("part", [{"text": ""}, {"thoughtSignature": "x"}])
def test_an_empty_part_is_no_first_token(part: dict[str, Any]) -> None:
    reply = ask([head(), event(candidate(part)), NEVER], timeout_s=0.5)

    assert reply.timings.ttft_s is None
