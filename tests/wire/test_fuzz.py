"""Whatever the bytes and however they are cut: nothing is raised, the same comes out, in time."""

import json
import time
from collections.abc import Iterable, Sequence
from itertools import pairwise
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from monitor.domain.calls import Phase, Timings
from monitor.domain.endpoints import Flavour
from monitor.domain.outcomes import Outcome
from monitor.domain.usage import ContradictoryUsage, Usage
from monitor.wire.answers import Answer
from monitor.wire.complaints import begin_of, complaint_in
from monitor.wire.errors import classify_status
from monitor.wire.judging import read_answer
from monitor.wire.openai_embeddings import EmbeddingAnswer
from monitor.wire.readers import MAX_REFUSAL_BYTES, AnswerReader, WholeReader
from monitor.wire.replies import Redactor, Reply
from monitor.wire.transport import Exchange
from tests.wire.loopback import CANARY, endpoint_at
from tests.wire.spoken import GOOD_STREAMS
from tests.wire.test_every_flavour import ANSWERS, bytes_of

TARGET = endpoint_at("http://localhost/v1").target
ALL: dict[Flavour, type[Answer]] = {**ANSWERS, Flavour.OPENAI_EMBEDDINGS: EmbeddingAnswer}
STREAMS = {flavour: bytes_of(make("pong")) for flavour, make in GOOD_STREAMS.items()}
WHOLES = [
    b'{"error": {"message": "the prompt is too long", "code": 400}}',
    b'{"choices": [{"message": {"content": "pong"}, "finish_reason": "stop"}]}',
    b'{"data": [{"embedding": [0.5, 1.5]}], "usage": {"prompt_tokens": 1, "total_tokens": 1}}',
    b"\xef\xbb\xbf <html><body>sorry",
    'data: {"choices": [{"delta": {"content": "\N{GREEK SMALL LETTER MU}"}}]}\r\n\r\n'.encode(),
]
#: Bytes that mean something to one parser or another, and any others.
BITS = st.sampled_from(
    [b"\n", b"\r\n", b"\r", b"\n\n", b"data: ", b"data: [DONE]\n\n", b": c\n", b"{", b"}", b"[",
     b'"', b"\\", b"\\ud800", b"\xef\xbb\xbf", b"\xe2\x82", b"null", b"1e999",
     b"NaN", b"\x00", b"<"]
) | st.binary(max_size=3)  # fmt: skip


@st.composite
def broken(draw: st.DrawFn) -> bytes:
    """What a provider sends, with bytes put in, taken out or overwritten."""
    body = bytearray(draw(st.sampled_from([*STREAMS.values(), *WHOLES])))
    for _ in range(draw(st.integers(0, 4))):
        start = draw(st.integers(0, len(body)))
        body[start : start + draw(st.integers(0, 8))] = draw(BITS)
    return bytes(body)


def cut(body: bytes, cuts: Sequence[int]) -> list[bytes]:
    bounds = [0, *sorted(min(c, len(body)) for c in cuts), len(body)]
    return [body[a:b] for a, b in pairwise(bounds)]


def reply_to(kind: type[Answer], status: int, pieces: Iterable[bytes]) -> Reply:
    """What becomes of pieces, of which none is read after the answer's end."""
    answer = kind()
    reader = AnswerReader(answer)
    reader.start(status, {})
    for piece in pieces:
        reader.feed(piece)
        if reader.is_done:
            break
    else:
        reader.close()
    exchange = Exchange(status, {}, Phase.DONE, Timings(), is_reused=False, fault=None)
    return read_answer(exchange, reader, answer, TARGET)


@settings(deadline=None, max_examples=300)
@given(st.sampled_from(sorted(ALL)), st.sampled_from([200, 200, 400, 503]), broken(), st.data())
def test_any_bytes_in_any_cut_give_one_reply_and_raise_nothing(
    flavour: Flavour, status: int, body: bytes, data: st.DataObject
) -> None:
    kind = ALL[flavour]
    cuts = data.draw(st.lists(st.integers(0, len(body)), max_size=6))
    whole = reply_to(kind, status, [body])

    assert reply_to(kind, status, cut(body, cuts)) == whole
    assert reply_to(kind, status, (body[i : i + 1] for i in range(len(body)))) == whole
    assert status == 200 or whole.outcome is not Outcome.OK


@settings(deadline=None)
@given(
    st.binary(),
    st.lists(st.integers(0, 100)),
    st.sampled_from([200, 500]),
    st.just(1) | st.just(10_000),
)
def test_a_whole_body_is_the_same_in_any_cut(
    body: bytes, cuts: list[int], status: int, times: int
) -> None:
    body *= times
    one, many = WholeReader(), WholeReader()
    for reader, pieces in ((one, [body]), (many, cut(body, cuts))):
        reader.start(status, {})
        for piece in pieces:
            reader.feed(piece)

    assert one.body == many.body == body[: len(one.body)]
    assert status == 200 or len(one.body) <= MAX_REFUSAL_BYTES


COUNTERS = [
    "prompt_tokens", "completion_tokens", "total_tokens", "cached_tokens", "reasoning_tokens",
    "audio_tokens", "image_tokens", "prompt_tokens_details", "completion_tokens_details", "cost",
    "is_byok", "cost_details", "upstream_inference_cost", "input_tokens", "output_tokens",
    "cache_creation_input_tokens", "cache_read_input_tokens", "cache_creation",
    "ephemeral_5m_input_tokens", "ephemeral_1h_input_tokens", "server_tool_use",
    "web_search_requests", "input_tokens_details", "output_tokens_details", "cache_write_tokens",
    "promptTokenCount", "candidatesTokenCount", "thoughtsTokenCount", "cachedContentTokenCount",
    "toolUsePromptTokenCount", "totalTokenCount", "promptTokensDetails", "cacheTokensDetails",
    "candidatesTokensDetails", "modality", "tokenCount", "billed_units", "tokens", "eval_count",
    "prompt_eval_count",
]  # fmt: skip
VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=3)
    | st.decimals(allow_nan=False)  # bodies are read without NaN
    | st.sampled_from(["AUDIO", "IMAGE", "TEXT"]),
    lambda inner: st.lists(inner, max_size=3)
    | st.dictionaries(st.sampled_from(COUNTERS), inner, max_size=4),
    max_leaves=12,
)  # fmt: skip
SMALL = st.fixed_dictionaries({}, optional={name: st.integers(0, 9) | VALUES for name in COUNTERS})


@settings(deadline=None)
@given(st.sampled_from(sorted(ALL)), SMALL)
def test_any_usage_is_leaves_or_none_or_a_contradiction(
    flavour: Flavour, reported: dict[str, Any]
) -> None:
    answer = ALL[flavour]()
    answer.usage = reported
    cost = answer.cost_nano_usd()
    try:
        leaves = answer.leaves()
    except ContradictoryUsage:
        leaves = None

    assert leaves is None or isinstance(leaves, Usage)
    assert cost is None or cost >= 0


TRICKY = [
    b"1m", b"1", b"try again in 1", b"try again in " + b"1m" * 100, b"bearer ", b"api_key=", b"sk-",
    b"sk-aaaaaaa", b"AIza", b"https://", b" ", b"<", b"[", b'{"a":', b'"', b"\x00", b"a.", b"\n",
    CANARY[:-1].encode(), "\N{GRINNING FACE}".encode(), "\u0130".encode(), b"\\u0130",
]  # fmt: skip
WAITS = ("retry-after", "retry-after-ms", "date", "x-ratelimit-reset", "x-ratelimit-reset-tokens")


@pytest.mark.parametrize("unit", TRICKY, ids=repr)
@pytest.mark.parametrize("frame", [b"%s", b'{"error": {"message": "%s", "details": []}}'])
def test_no_refusal_takes_long_to_understand(unit: bytes, frame: bytes) -> None:
    body = frame % (unit * MAX_REFUSAL_BYTES)[: MAX_REFUSAL_BYTES - len(frame)]
    headers = dict.fromkeys(WAITS, "1m" * 4_000)
    started_s = time.thread_time()
    fault = classify_status(429, headers, body)
    excerpt = Redactor(TARGET.key).text(fault.excerpt, 300)

    assert time.thread_time() - started_s < 1
    assert fault.outcome is not Outcome.OK
    assert len(excerpt or "") <= 300


@settings(deadline=None)
@given(st.binary() | st.text().map(str.encode))
def test_any_refusal_is_a_complaint(body: bytes) -> None:
    complaint = complaint_in(body)

    json.dumps([complaint.message, complaint.name, sorted(complaint.marks)])
    assert isinstance(complaint.says(["x"]), bool)


@pytest.mark.parametrize("at", range(4_070, 4_100, 3))
def test_no_half_of_a_key_is_at_the_end_of_a_beginning(at: int) -> None:
    """Where a body is cut, the last word is left out, which may be the first half of a key."""
    words = begin_of(b" " * at + CANARY.encode() + b" more" * 100).split()

    assert {word for word in words if CANARY.startswith(word)} <= {CANARY}
