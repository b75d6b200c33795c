"""A chat with a provider on loopback: every way in which it can go."""

import gzip
import json
from collections.abc import Sequence

import brotli
import pytest
import zstandard

from monitor.domain.calls import Phase
from monitor.domain.outcomes import Outcome
from monitor.domain.usage import Usage
from tests.wire.loopback import (
    CANARY,
    CLOSE,
    DONE,
    NEVER,
    RESET,
    USAGE,
    Step,
    ask,
    chunk,
    event,
    good_stream,
    head,
    usage_chunk,
    whole,
)

WHOLE = {
    "id": "c1",
    "model": "m-1",
    "choices": [{"message": {"role": "assistant", "content": "pong"}, "finish_reason": "stop"}],
    "usage": {"prompt_tokens": 13, "completion_tokens": 2},
}


def test_a_good_stream_is_ok_with_all_that_it_told() -> None:
    reply = ask([head(x_request_id="req_1"), *good_stream()[1:]])

    assert (reply.outcome, reply.http_status, reply.phase) == (Outcome.OK, 200, Phase.DONE)
    assert (reply.text, reply.usage) == ("pong", Usage(input=13, output=2))
    assert reply.detail.request_id == "req_1"
    assert (reply.detail.served_model, reply.detail.finish_reason) == ("m-1", "stop")


ZSTD = zstandard.ZstdCompressor()
WORDS = [chunk("pong"), chunk(finish="stop"), DONE]


def in_pieces(body: bytes) -> list[Step]:
    """A byte at a time."""
    return [step for byte in body for step in (bytes([byte]), 0.0005)]


DRIP: list[Step] = [chunk("x"), 0.02] * 100


def outcome_tables() -> list[tuple[str, Sequence[Step], Outcome]]:
    role, end = chunk("", role="assistant"), chunk(finish="stop")
    upstream = {"error": {"code": 502, "message": "reset"}, "choices": [{"finish_reason": "error"}]}
    return [
        ("no usage chunk", [head(), chunk("pong"), end, DONE], Outcome.OK),
        ("no end marker", [head(), chunk("pong"), end], Outcome.OK),
        ("end marker only", [head(), chunk("pong"), DONE], Outcome.OK),
        ("last blank line missing", [head(), chunk("pong"), end.strip()], Outcome.OK),
        ("limit reached", [head(), chunk("po", finish="length"), DONE], Outcome.OK),
        ("tool call", [head(), chunk(tool_calls=[{"index": 0}]), end, DONE], Outcome.OK),
        ("thoughts", [head(), chunk(reasoning="hm"), end, DONE], Outcome.OK),
        ("thoughts to the limit", [head(), chunk(reasoning="hm"), chunk(finish="length"), DONE],
         Outcome.OK),
        ("hidden thoughts to the limit", [head(), chunk(finish="length"), usage_chunk(), DONE],
         Outcome.BAD_REQUEST),
        ("reset after the finish", [head(), chunk("pong"), end, 0.05, RESET], Outcome.OK),
        ("whole", whole(200, json.dumps(WHOLE)), Outcome.OK),
        ("whole in a stream's clothes", whole(200, json.dumps(WHOLE), "text/event-stream"),
         Outcome.OK),
        ("stream in a document's clothes", [head(200, "application/json"), *good_stream()[1:]],
         Outcome.OK),
        ("compressed", whole(200, gzip.compress(json.dumps(WHOLE).encode()),
                             content_encoding="gzip"), Outcome.OK),
        ("brotli", whole(200, brotli.compress(json.dumps(WHOLE).encode()), content_encoding="br"),
         Outcome.OK),
        ("zstd", whole(200, ZSTD.compress(json.dumps(WHOLE).encode()), content_encoding="zstd"),
         Outcome.OK),
        ("compressed stream, in pieces", [head(content_encoding="zstd"), *in_pieces(
            ZSTD.compress(b"".join(good_stream()[1:])))], Outcome.OK),  # type: ignore[arg-type]
        ("broken brotli", whole(200, "{}", content_encoding="br"), Outcome.MALFORMED),
        ("unheard-of compression", whole(200, "{}", content_encoding="lzma"), Outcome.MALFORMED),
        ("CR LF", [head(), *(step.replace(b"\n", b"\r\n") for step in WORDS)], Outcome.OK),
        ("a byte order mark", [head(), b"\xef\xbb\xbf", *WORDS], Outcome.OK),
        ("several data lines", [head(), b'data: {"choices":\ndata: [{"delta":\n',
                                b'data: {"content": "pong"}}]}\n\n', end, DONE], Outcome.OK),
        ("cut inside characters", [head(), *in_pieces(chunk("\N{GRINNING FACE}")), end, DONE],
         Outcome.OK),
        ("usage in each chunk", [head(), event({"choices": [{"delta": {"content": "pong"}}],
                                                "usage": USAGE}), end, usage_chunk(), DONE],
         Outcome.OK),
        ("comments", [head(), b": WAIT\n\n", chunk("pong"), b": WAIT\n\n", end, DONE], Outcome.OK),
        ("Azure's first chunk", [head(), event({"choices": [], "prompt_filter_results": [{}]}),
                                 chunk("pong"), end, DONE], Outcome.OK),
        ("cut before a token", [head(), role], Outcome.STREAM_CUT),
        ("cut in a chunk", [head(), chunk("po"), chunk("ng")[:-20]], Outcome.STREAM_CUT),
        ("cut in the usage chunk", [head(), chunk("pong"), end, usage_chunk()[:-9]], Outcome.OK),
        ("cut after a token", [head(), chunk("po")], Outcome.STREAM_CUT),
        ("reset after a token", [head(), chunk("po"), 0.05, RESET], Outcome.STREAM_CUT),
        ("shorter than it said", [head(content_length="999"), chunk("po"), CLOSE],
         Outcome.STREAM_CUT),
        ("nothing in the stream", [head()], Outcome.STREAM_CUT),
        ("reset at once", [RESET], Outcome.SERVER_ERROR),
        ("closed at once", [b""], Outcome.SERVER_ERROR),
        ("not HTTP", [b"SSH-2.0-OpenSSH_9\r\n\r\n"], Outcome.MALFORMED),
        ("endless head", [b"HTTP/1.1 200 OK\r\nx: " + b"y" * 200_000], Outcome.MALFORMED),
        ("HTML", whole(200, "<!doctype html><p>Sign in", "text/html"), Outcome.MALFORMED),
        ("empty", whole(200, ""), Outcome.MALFORMED),
        ("no content", whole(204, ""), Outcome.MALFORMED),
        ("text", whole(200, "Ollama is running", "text/plain"), Outcome.MALFORMED),
        ("broken JSON", whole(200, '{"choices": ['), Outcome.MALFORMED),
        ("JSON of another kind", whole(200, '{"status": "ok"}'), Outcome.MALFORMED),
        ("broken event", [head(), b"data: {oops\n\n", end, DONE], Outcome.MALFORMED),
        ("broken compression", whole(200, "{}", content_encoding="gzip"), Outcome.MALFORMED),
        ("200 with an error", whole(200, '{"error": {"message": "boom"}}'), Outcome.SERVER_ERROR),
        ("200 with a text as error", whole(200, '{"error": "overloaded"}'), Outcome.OVERLOADED),
        ("error null", whole(200, json.dumps(WHOLE | {"error": None})), Outcome.OK),
        ("error in the stream", [head(), role, event({"error": {"message": "x"}}), DONE],
         Outcome.SERVER_ERROR),
        ("error after a token", [head(), chunk("po"), event(upstream)], Outcome.SERVER_ERROR),
        ("error as finish", [head(), chunk("po", finish="error"), DONE], Outcome.SERVER_ERROR),
        ("error in a choice", [head(), event({"choices": [{"error": {"code": 429}}]})],
         Outcome.RATE_LIMITED),
        ("filtered", [head(), chunk("po", finish="content_filter"), DONE], Outcome.CONTENT_FILTER),
        ("refused", [head(), chunk(refusal="I cannot"), end, DONE], Outcome.CONTENT_FILTER),
        ("out of resources", [head(), chunk(finish="insufficient_system_resource"), DONE],
         Outcome.OVERLOADED),
        ("unheard-of finish", [head(), chunk("po", finish="moonphase"), DONE], Outcome.UNKNOWN),
        ("silent", [head(), role, end, usage_chunk(completion_tokens=0), DONE],
         Outcome.EMPTY_RESPONSE),
        ("silent at the limit", [head(), chunk(finish="length"), DONE], Outcome.EMPTY_RESPONSE),
        ("only an end marker", [head(), DONE], Outcome.EMPTY_RESPONSE),
        ("moved", whole(302, "", location="https://elsewhere.test/"), Outcome.BAD_REQUEST),
        ("bad key", whole(401, '{"error": {"code": "invalid_api_key"}}'), Outcome.AUTH),
        ("refusal that breaks off", [head(503, content_length="999") + b'{"error', CLOSE],
         Outcome.OVERLOADED),
        ("late head", [NEVER], Outcome.TIMEOUT_FIRST_TOKEN),
        ("late token", [head(), role, NEVER], Outcome.TIMEOUT_FIRST_TOKEN),
        ("stalled", [head(), chunk("po"), NEVER], Outcome.TIMEOUT_TOTAL),
        ("slow drip", [head(), *DRIP], Outcome.TIMEOUT_TOTAL),
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("script", "outcome"), [pytest.param(s, o, id=name) for name, s, o in outcome_tables()]
)
def test_an_answer_has_its_class(script: Sequence[Step], outcome: Outcome) -> None:
    is_late = outcome in {Outcome.TIMEOUT_FIRST_TOKEN, Outcome.TIMEOUT_TOTAL}

    assert ask(script, timeout_s=1.0 if is_late else 20.0).outcome is outcome


def test_an_answer_without_usage_is_ok_and_its_usage_not_known() -> None:
    assert ask([head(), chunk("pong", finish="stop"), DONE]).usage is None


def test_the_last_usage_counts() -> None:
    reply = ask([head(), usage_chunk(), chunk("pong"), usage_chunk(completion_tokens=9), DONE])

    assert reply.usage == Usage(input=13, output=9)


def test_contradictory_usage_is_kept_and_not_counted() -> None:
    wrong = usage_chunk(prompt_tokens_details={"cached_tokens": 99})
    reply = ask([head(), chunk("pong", finish="stop"), wrong, DONE])

    assert (reply.outcome, reply.usage) == (Outcome.OK, None)
    assert (
        reply.detail.excerpt == "usage not counted: prompt_tokens is 13, less than its parts (99)"
    )
    assert reply.detail.usage_reported is not None
    assert reply.detail.usage_reported["prompt_tokens_details"] == {"cached_tokens": 99}


def test_reported_cost_is_taken_over() -> None:
    cost = event({"choices": [], "usage": {"prompt_tokens": 1, "completion_tokens": 1}})
    cost = cost.replace(b'"completion', b'"cost": 0.0000525, "completion')
    reply = ask([head(), chunk("pong", finish="stop"), cost, DONE])

    assert reply.cost_nano_usd == 52_500
    assert reply.detail.usage_reported == {
        "prompt_tokens": 1, "completion_tokens": 1, "cost": "0.0000525"}  # fmt: skip


def test_a_hint_to_wait_is_kept() -> None:
    assert ask(whole(429, "{}", retry_after="7")).detail.retry_after_s == 7.0


def test_thinking_to_the_limit_names_the_remedy() -> None:
    reply = ask([head(), chunk(finish="length"), usage_chunk(), DONE])

    assert reply.detail.excerpt is not None
    assert "raise output_tokens" in reply.detail.excerpt


def test_a_body_that_never_ends_is_malformed() -> None:
    reply = ask(lambda: iter([head(), *[b": " + b"x" * 60_000 + b"\n\n"] * 100]))

    assert (reply.outcome, reply.detail.excerpt) == (
        Outcome.MALFORMED, "BodyError: body over 4096 KiB")  # fmt: skip


@pytest.mark.parametrize(
    "script",
    [
        whole(401, f'{{"error": {{"message": "Incorrect API key provided: {CANARY}"}}}}'),
        whole(500, f"oops {CANARY} " * 500, "text/plain"),
        whole(200, f"<html>{CANARY}"),
        whole(200, f"{CANARY}", x_request_id=CANARY),
        whole(200, f'{{"error": {{"message": "{CANARY}", "code": "{CANARY}"}}}}'),
        [head(x_request_id=CANARY), event({"model": CANARY, "choices": [{
            "delta": {"content": "x"}, "finish_reason": CANARY}],
            "usage": {CANARY: CANARY, "deep": [{"x": CANARY}]}}), DONE],
        [f"HTTP/1.1 200 OK\r\n{CANARY}\r\n\r\n".encode()],
        [f"{CANARY}\r\n\r\n".encode()],
    ],
)  # fmt: skip
def test_an_echoed_key_is_never_kept(script: Sequence[Step]) -> None:
    detail = repr(ask(script).detail)

    assert CANARY not in detail
    assert CANARY[:12] not in detail


def test_what_was_counted_before_a_cut_is_not_the_usage() -> None:
    reply = ask([head(), chunk("po"), usage_chunk()])

    assert (reply.outcome, reply.usage) == (Outcome.STREAM_CUT, None)
    assert reply.detail.usage_reported is not None


def test_without_a_header_the_answers_own_id_is_kept() -> None:
    assert ask(good_stream()).detail.request_id == "c1"


def test_what_was_said_to_the_tool_is_put_together() -> None:
    def call(arguments: str) -> bytes:
        return chunk(tool_calls=[{"index": 0, "function": {"arguments": arguments}}])

    reply = ask([head(), call('{"colour":'), call(' "red"}'), chunk(finish="tool_calls"), DONE])

    assert (reply.outcome, reply.text, reply.arguments) == (Outcome.OK, "", '{"colour": "red"}')
