"""Ollama's own API, spoken over a socket."""

import json
from collections.abc import Sequence
from decimal import Decimal
from typing import Any

import pytest

from monitor.domain.endpoints import Flavour
from monitor.domain.outcomes import Outcome
from monitor.domain.usage import ContradictoryUsage, Usage
from monitor.wire.ollama import build_request
from monitor.wire.ollama_answer import OllamaAnswer
from monitor.wire.questions import Question, Schema
from tests.wire.loopback import (
    CANARY,
    NEVER,
    RESET,
    Step,
    ask,
    endpoint_at,
    head,
    list_models,
    see_list,
    see_question,
    whole,
)
from tests.wire.spoken import last_line as end
from tests.wire.spoken import line
from tests.wire.test_questions import COLOUR, PNG

HERE = Flavour.OLLAMA


def lines(*parts: Step) -> list[Step]:
    return [head(200, "application/x-ndjson"), *parts]


def test_a_good_stream_is_ok_with_all_that_it_told() -> None:
    reply = ask(lines(line("po"), line("ng"), end()), flavour=HERE)

    assert (reply.outcome, reply.text) == (Outcome.OK, "pong")
    assert reply.usage == Usage(input=26, output=3)
    assert (reply.detail.served_model, reply.detail.finish_reason) == ("m-1", "stop")
    assert (reply.detail.usage_reported or {})["eval_duration"] == 52_000_000


def test_the_first_token_is_timed_before_the_last() -> None:
    timings = ask(lines(line("po"), 0.2, line("ng"), end()), flavour=HERE).timings

    assert timings.ttft_s is not None
    assert timings.total_s is not None
    assert timings.total_s - timings.ttft_s > 0.15


def outcome_table() -> list[tuple[str, Sequence[Step], Outcome]]:
    error = b'{"error": "an error was encountered while running the model: CUDA"}\n'
    return [
        ("last line unended", lines(line("pong"), end().strip()), Outcome.OK),
        ("no finish reason", lines(line("pong"), end(None)), Outcome.OK),
        ("limit reached", lines(line("po"), end("length")), Outcome.OK),
        ("CRLF and blank lines", lines(line("pong")[:-1] + b"\r\n\r\n", end()), Outcome.OK),
        ("thoughts", lines(line(message={"thinking": "hm"}), end("length")), Outcome.OK),
        ("one document", whole(200, line("pong", done=True, done_reason="stop")), Outcome.OK),
        ("mislabelled", [head(200, "text/event-stream"), line("pong"), end()], Outcome.OK),
        ("tool call", lines(line(message={"tool_calls": [{"function": {"arguments": {}}}]}), end()),
         Outcome.OK),
        ("reset after the end", lines(line("pong"), end(), 0.05, RESET), Outcome.OK),
        ("cut before a token", lines(line()), Outcome.STREAM_CUT),
        ("cut after a token", lines(line("po")), Outcome.STREAM_CUT),
        ("cut in a line", lines(line("po"), line("ng")[:-20]), Outcome.STREAM_CUT),
        ("cut in the first line", lines(line("po")[:-20]), Outcome.STREAM_CUT),
        ("reset after a token", lines(line("po"), 0.05, RESET), Outcome.STREAM_CUT),
        ("nothing", lines(), Outcome.MALFORMED),
        ("another path", whole(200, "Ollama is running", "text/plain"), Outcome.MALFORMED),
        ("JSON of another kind", whole(200, '{"version": "0.12.3"}\n'), Outcome.MALFORMED),
        ("broken line", lines(line("po"), b"{oops\n", end()), Outcome.MALFORMED),
        ("a line without end", lines(b'{"message": "' + b"x" * 300_000), Outcome.MALFORMED),
        ("error at once", lines(error), Outcome.SERVER_ERROR),
        ("error in the stream", lines(line("po"), error), Outcome.SERVER_ERROR),
        ("silent", lines(end(eval_count=0)), Outcome.EMPTY_RESPONSE),
        ("only loaded", lines(end("load")), Outcome.EMPTY_RESPONSE),
        ("unheard-of finish", lines(line("po"), end("moonphase")), Outcome.UNKNOWN),
        ("no such model", whole(404, '{"error": "model \\"x\\" not found, try pulling it first"}'),
         Outcome.MODEL_NOT_FOUND),
        ("queue full", whole(503, '{"error": "server busy, please try again"}'),
         Outcome.OVERLOADED),
        ("runner crashed", whole(500, '{"error": "llama runner process has terminated"}'),
         Outcome.SERVER_ERROR),
        ("cloud limit", whole(429, '{"error": "too many requests"}'), Outcome.RATE_LIMITED),
        ("bad request", whole(400, '{"error": "invalid options: num_predict"}'),
         Outcome.BAD_REQUEST),
        ("late line", lines(NEVER), Outcome.TIMEOUT_FIRST_TOKEN),
        ("stalled", lines(line("po"), NEVER), Outcome.TIMEOUT_TOTAL),
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("script", "outcome"), [pytest.param(s, o, id=name) for name, s, o in outcome_table()]
)
def test_an_answer_has_its_class(script: Sequence[Step], outcome: Outcome) -> None:
    is_late = outcome in {Outcome.TIMEOUT_FIRST_TOKEN, Outcome.TIMEOUT_TOTAL}

    assert ask(script, timeout_s=1.0 if is_late else 20.0, flavour=HERE).outcome is outcome


def test_a_model_that_was_loaded_first_is_slow_not_down() -> None:
    reply = ask(lines(line("pong"), end(load_duration=12_340_000_000)), flavour=HERE)

    assert reply.outcome is Outcome.OK
    assert reply.detail.excerpt == "the model was loaded first, which took 12.3 s"


def test_a_warm_model_leaves_nothing_to_say() -> None:
    assert ask(lines(line("pong"), end()), flavour=HERE).detail.excerpt is None


def leaves_of(**counts: Any) -> Usage | None:
    answer = OllamaAnswer()
    answer.take({"message": {"content": "pong"}, "done": True} | counts)
    return answer.leaves()


@pytest.mark.parametrize(
    ("counts", "leaves"),
    [
        ({"prompt_eval_count": 26, "eval_count": 3}, Usage(input=26, output=3)),
        ({"prompt_eval_count": 26}, Usage(input=26)),
        ({"prompt_eval_count": 0, "eval_count": 3}, Usage(output=3)),
        ({"eval_count": 3}, None),
        ({"total_duration": 7}, None),
        ({}, None),
    ],
)
def test_counts_become_leaves_and_a_missing_one_of_input_is_no_zero(
    counts: dict[str, int], leaves: Usage | None
) -> None:
    assert leaves_of(**counts) == leaves


@pytest.mark.parametrize("count", [-1, "26", True, Decimal("2.5"), 10**15])
def test_a_count_that_cannot_be_one_is_refused(count: object) -> None:
    with pytest.raises(ContradictoryUsage):
        leaves_of(prompt_eval_count=count, eval_count=3)


def body_of(question: Question) -> dict[str, Any]:
    [body] = see_question(HERE, question, "llama3.2").bodies
    return dict(body)


def test_a_request_asks_for_no_more_than_it_needs() -> None:
    assert body_of(Question("hi", 16)) == {
        "model": "llama3.2",
        "messages": [{"role": "user", "content": "hi"}],
        "stream": True,
        "options": {"num_predict": 16},
    }


def test_image_and_schema_go_in_its_own_fields() -> None:
    body = body_of(Question("hi", 16, image=PNG, answer_schema=COLOUR))

    assert body["messages"][0]["images"] == ["iVBORw0KGgo="]
    assert body["format"] == COLOUR.json_schema


def test_a_tool_is_offered_and_the_answer_comes_whole() -> None:
    body = body_of(Question("hi", 16, tool=COLOUR))
    [tool] = body["tools"]

    assert (tool["type"], tool["function"]["parameters"]) == ("function", COLOUR.json_schema)
    assert body["stream"] is False


def test_what_was_said_to_the_tool_is_told_as_text() -> None:
    call = {"tool_calls": [{"function": {"name": "colour", "arguments": {"colour": "red"}}}]}
    whole_answer = whole(200, line(message=call, done=True, done_reason="stop"))
    tool = Schema("colour", "", {})

    assert ask(whole_answer, flavour=HERE, question=Question("hi", 16, tool=tool)).arguments == (
        '{"colour": "red"}'
    )


@pytest.mark.parametrize("suffix", ["", "/", "/v1", "/api", "/v1/"])
def test_its_calls_begin_at_the_root_whatever_users_copy(suffix: str) -> None:
    endpoint = endpoint_at(f"http://127.0.0.1:11434{suffix}", flavour=HERE)

    assert build_request(endpoint, Question("hi", 16)).url == "http://127.0.0.1:11434/api/chat"


@pytest.mark.parametrize(
    ("script", "outcome", "models"),
    [
        (whole(200, '{"models": [{"name": "a:latest", "size": 1}, {"size": 2}]}'),
         Outcome.OK, ("a:latest",)),
        (whole(200, '{"models": []}'), Outcome.OK, ()),
        (whole(200, '{"models": null}'), Outcome.OK, ()),
        (whole(200, '{"models": {}}'), Outcome.MALFORMED, ()),
        (whole(200, '{"data": []}'), Outcome.MALFORMED, ()),
        (whole(200, '{"error": "x"}'), Outcome.SERVER_ERROR, ()),
        (whole(404, "404 page not found", "text/plain"), Outcome.BAD_REQUEST, ()),
    ],
)  # fmt: skip
def test_a_list_of_models_has_its_class(
    script: Sequence[Step], outcome: Outcome, models: tuple[str, ...]
) -> None:
    reply = list_models(script, HERE)

    assert (reply.outcome, reply.models) == (outcome, models)


def test_models_are_listed_by_its_own_call() -> None:
    _, provider = see_list(whole(200, '{"models": []}'), HERE)

    assert provider.requests[0].startswith(b"GET /api/tags HTTP/1.1\r\n")


def test_an_echoed_key_is_never_kept() -> None:
    reply = ask(whole(500, json.dumps({"error": f"bad {CANARY}"})), flavour=HERE)

    assert CANARY not in repr(reply.detail)
