"""Cohere's chat of version 2, spoken over a socket."""

import json
from collections.abc import Sequence
from decimal import Decimal
from typing import Any

import pytest

from monitor.domain.endpoints import Flavour
from monitor.domain.outcomes import Outcome
from monitor.domain.usage import ContradictoryUsage, Usage
from monitor.wire.cohere import build_request
from monitor.wire.cohere_answer import CohereAnswer
from monitor.wire.questions import Question
from tests.wire.loopback import (
    CANARY,
    NEVER,
    RESET,
    Step,
    ask,
    endpoint_at,
    event,
    head,
    list_models,
    see_list,
    see_question,
    whole,
)
from tests.wire.spoken import CHAT_START, COHERE_USAGE, told
from tests.wire.spoken import content_delta as piece
from tests.wire.spoken import message_end as end
from tests.wire.test_questions import COLOUR, PNG

HERE = Flavour.COHERE


def stream(*parts: Step) -> list[Step]:
    return [head(), CHAT_START, *parts]


def message(content: object = None, finish: str = "COMPLETE", **more: Any) -> str:
    content = [{"type": "text", "text": "pong"}] if content is None else content
    spoken = {"role": "assistant", "content": content} | more
    return json.dumps(
        {"id": "c-1", "finish_reason": finish, "message": spoken, "usage": COHERE_USAGE}
    )


def test_a_good_stream_is_ok_with_all_that_it_told() -> None:
    start = told("content-start", message={"content": {"type": "text", "text": "po"}})
    parts = (start, piece("ng"), event({"type": "content-end", "index": 0}), end())
    reply = ask(stream(*parts), flavour=HERE)

    assert (reply.outcome, reply.text, reply.usage) == (Outcome.OK, "pong", Usage(13, output=2))
    assert (reply.detail.request_id, reply.detail.finish_reason) == ("c-1", "COMPLETE")


def call(kind: str, **function: str) -> bytes:
    return told(kind, message={"tool_calls": {"id": "t1", "type": "function",
                                              "function": function}})  # fmt: skip


def outcome_table() -> list[tuple[str, Sequence[Step], Outcome]]:
    thinking = told("content-delta", message={"content": {"thinking": "hm"}})
    plan = told("tool-plan-delta", message={"tool_plan": "I will"})
    return [
        ("limit reached", stream(piece("po"), end("MAX_TOKENS")), Outcome.OK),
        ("stop sequence", stream(piece("po"), end("STOP_SEQUENCE")), Outcome.OK),
        ("thoughts to the limit", stream(thinking, end("MAX_TOKENS")), Outcome.OK),
        ("tool call", stream(plan, call("tool-call-start", name="colour", arguments=""),
                             end("TOOL_CALL")), Outcome.OK),
        ("events to come", stream(piece("pong"), event({"type": "citation-start", "index": 0}),
                                  event({"type": "moonrise"}), end()), Outcome.OK),
        ("reset after the end", stream(piece("pong"), end(), 0.05, RESET), Outcome.OK),
        ("whole", whole(200, message()), Outcome.OK),
        ("whole thoughts", whole(200, message([{"type": "thinking", "thinking": "hm"}],
                                              "MAX_TOKENS")), Outcome.OK),
        ("whole tool call", whole(200, message([], "TOOL_CALL", tool_calls=[
            {"id": "t", "function": {"name": "colour", "arguments": "{}"}}])), Outcome.OK),
        ("cut before a token", stream(), Outcome.STREAM_CUT),
        ("cut after a token", stream(piece("po")), Outcome.STREAM_CUT),
        ("cut in an event", stream(piece("po"), end()[:-40]), Outcome.STREAM_CUT),
        ("failed", stream(piece("po"), end("ERROR")), Outcome.SERVER_ERROR),
        ("failed, overloaded", stream(end("ERROR", error="model is overloaded")),
         Outcome.OVERLOADED),
        ("failed in time", stream(piece("po"), end("TIMEOUT", error="took too long")),
         Outcome.TIMEOUT_TOTAL),
        ("silent", stream(end()), Outcome.EMPTY_RESPONSE),
        ("unheard-of finish", stream(piece("po"), end("MOONPHASE")), Outcome.UNKNOWN),
        ("200 with an error", whole(200, '{"message": "internal error"}'), Outcome.SERVER_ERROR),
        ("JSON of another kind", whole(200, '{"status": "ok"}'), Outcome.MALFORMED),
        ("no JSON", whole(200, "pong", "text/plain"), Outcome.MALFORMED),
        ("bad token", whole(401, '{"message": "invalid api token"}'), Outcome.AUTH),
        ("too long", whole(400, '{"message": "too many tokens: 300000"}'), Outcome.CONTEXT_LENGTH),
        ("bad request", whole(400, '{"message": "invalid type: parameter messages"}'),
         Outcome.BAD_REQUEST),
        ("no such model", whole(404, '{"message": "model \'x\' not found"}'),
         Outcome.MODEL_NOT_FOUND),
        ("rate limit", whole(429, '{"message": "You are past the per minute request limit"}'),
         Outcome.RATE_LIMITED),
        ("late", stream(NEVER), Outcome.TIMEOUT_FIRST_TOKEN),
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("script", "outcome"), [pytest.param(s, o, id=name) for name, s, o in outcome_table()]
)
def test_an_answer_has_its_class(script: Sequence[Step], outcome: Outcome) -> None:
    is_late = outcome is Outcome.TIMEOUT_FIRST_TOKEN

    assert ask(script, timeout_s=1.0 if is_late else 20.0, flavour=HERE).outcome is outcome


def test_why_it_failed_is_told() -> None:
    reply = ask(stream(piece("po"), end("TIMEOUT", error="took too long")), flavour=HERE)

    assert reply.detail.excerpt == "took too long"


def leaves_of(usage: object) -> Usage | None:
    answer = CohereAnswer()
    answer.take({"type": "message-end", "delta": {"finish_reason": "COMPLETE", "usage": usage}})
    return answer.leaves()


@pytest.mark.parametrize(
    ("reported", "leaves"),
    [
        (COHERE_USAGE, Usage(input=13, output=2)),
        ({"billed_units": {"input_tokens": Decimal("13.0"), "output_tokens": Decimal("2.0")}},
         Usage(input=13, output=2)),
        ({"billed_units": {"input_tokens": 13, "output_tokens": 2, "search_units": 1}},
         Usage(input=13, output=2, searches=1)),
        ({"billed_units": None, "tokens": {"input_tokens": 209, "output_tokens": 4}},
         Usage(input=209, output=4)),
        ({"billed_units": {"input_tokens": 13}}, None),
        ({"cached_tokens": 5}, None),
        ({}, None),
        (None, None),
    ],
)  # fmt: skip
def test_what_is_billed_is_counted(reported: object, leaves: Usage | None) -> None:
    assert leaves_of(reported) == leaves


@pytest.mark.parametrize("count", [-1, "13", True, Decimal("2.5"), 10**15])
def test_a_count_that_cannot_be_one_is_refused(count: object) -> None:
    with pytest.raises(ContradictoryUsage):
        leaves_of({"billed_units": {"input_tokens": count, "output_tokens": 2}})


def body_of(question: Question) -> dict[str, Any]:
    [body] = see_question(HERE, question, "command-r7b-12-2024").bodies
    return dict(body)


def test_a_request_asks_for_no_more_than_it_needs() -> None:
    assert body_of(Question("hi", 16)) == {
        "model": "command-r7b-12-2024",
        "messages": [{"role": "user", "content": "hi"}],
        "max_tokens": 16,
        "stream": True,
    }


def test_an_image_goes_beside_the_prompt() -> None:
    [spoken] = body_of(Question("hi", 16, image=PNG))["messages"]

    assert spoken["content"] == [
        {"type": "text", "text": "hi"},
        {"type": "image_url", "image_url": {"url": "data:image/png;base64,iVBORw0KGgo="}},
    ]


def test_an_answers_schema_is_a_kind_of_json_object() -> None:
    assert body_of(Question("hi", 16, answer_schema=COLOUR))["response_format"] == {
        "type": "json_object",
        "json_schema": COLOUR.json_schema,
    }


def test_a_tool_has_to_be_called() -> None:
    body = body_of(Question("hi", 16, tool=COLOUR))

    assert body["tool_choice"] == "REQUIRED"
    assert body["tools"][0]["function"]["parameters"] == COLOUR.json_schema


def test_what_was_said_to_the_tool_is_put_together() -> None:
    parts = (
        call("tool-call-start", name="colour", arguments=""),
        call("tool-call-delta", arguments='{"colour":'),
        call("tool-call-delta", arguments=' "red"}'),
        end("TOOL_CALL"),
    )

    assert ask(stream(*parts), flavour=HERE).arguments == '{"colour": "red"}'


@pytest.mark.parametrize("suffix", ["", "/", "/v1", "/v2", "/v2/"])
def test_chat_has_its_version_whatever_users_copy(suffix: str) -> None:
    endpoint = endpoint_at(f"https://api.cohere.com{suffix}", flavour=HERE)

    assert build_request(endpoint, Question("hi", 16)).url == "https://api.cohere.com/v2/chat"


@pytest.mark.parametrize(
    ("script", "outcome", "models"),
    [
        (whole(200, '{"models": [{"name": "command-a"}, {"x": 1}]}'), Outcome.OK, ("command-a",)),
        (whole(200, '{"models": []}'), Outcome.OK, ()),
        (whole(200, '{"data": []}'), Outcome.MALFORMED, ()),
        (whole(401, '{"message": "invalid api token"}'), Outcome.AUTH, ()),
    ],
)
def test_a_list_of_models_has_its_class(
    script: Sequence[Step], outcome: Outcome, models: tuple[str, ...]
) -> None:
    reply = list_models(script, HERE)

    assert (reply.outcome, reply.models) == (outcome, models)


def test_a_look_at_the_models_asks_for_one_of_them() -> None:
    _, provider = see_list(whole(200, '{"models": []}'), HERE)

    assert provider.requests[0].startswith(b"GET /v1/models?page_size=1 HTTP/1.1\r\n")


def test_all_models_are_read_page_by_page() -> None:
    pages = iter(
        [
            whole(200, '{"models": [{"name": "a"}], "next_page_token": "x&y=1"}'),
            whole(200, '{"models": [{"name": "b"}]}'),
        ]
    )
    reply, provider = see_list(lambda: iter(next(pages)), HERE, is_whole=True)

    assert reply.models == ("a", "b")
    assert b"page_token=x%26y%3D1 HTTP/1.1\r\n" in provider.requests[1]


def test_an_echoed_key_is_never_kept() -> None:
    reply = ask(stream(end("ERROR", error=f"bad {CANARY}")), flavour=HERE)

    assert CANARY not in repr(reply.detail)
