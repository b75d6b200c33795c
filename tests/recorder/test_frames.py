"""Documents are found in bodies that come in any pieces, and no body costs much memory."""

import json
import tracemalloc
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitor.recorder.flavours import CHAT, RESPONSES, Told, find_operation
from monitor.recorder.frames import MAX_BYTES, Events, Frames, Lines, Whole, last_members

SAID = [b'{"a":1}', b"[DONE]", '{"é":"\\n"}'.encode()]
STREAM = b': ping\r\n\r\nevent: x\ndata: {"a":1}\n\ndata:[DONE]\r\n\r\n' + b"data: " + SAID[2]


def cut(body: bytes, at: list[int]) -> list[bytes]:
    ends = sorted({min(end, len(body)) for end in at} | {0, len(body)})
    return [body[start:end] for start, end in pairwise(ends)]


def read(frames: Frames, pieces: list[bytes]) -> list[bytes]:
    return [it for piece in pieces for it in frames.feed(piece)] + list(frames.close())


@given(at=st.lists(st.integers(0, len(STREAM)), max_size=20))
def test_events_are_the_same_however_they_are_cut(at: list[int]) -> None:
    assert read(Events(), cut(STREAM, at)) == SAID


@given(at=st.lists(st.integers(0, 40), max_size=20))
def test_lines_are_the_same_however_they_are_cut(at: list[int]) -> None:
    assert read(Lines(), cut(b"\r\n".join(SAID), at)) == SAID


@pytest.mark.parametrize("frames", [Events(), Lines(), Whole()], ids=lambda it: type(it).__name__)
def test_endless_bodies_take_little_memory(frames: Frames) -> None:
    tracemalloc.start()
    for _ in range(400):
        list(frames.feed(b"data: " + b"x" * 65_536))
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()

    assert peak < 4 * MAX_BYTES


def test_a_line_after_one_that_is_too_long_is_read() -> None:
    frames = Lines()
    pieces = [b"x" * (MAX_BYTES + 1), b"the rest of it\n", b"{}\n"]

    assert read(frames, pieces) == [b"{}"]


def test_the_end_of_a_long_document_is_read_where_it_stands_by_itself() -> None:
    vectors = [{"embedding": "A" * MAX_BYTES, "usage": {"prompt_tokens": 7}}]
    body = {"data": vectors, "model": "m", "usage": {"prompt_tokens": 3}}
    [document] = read(Whole(), [json.dumps(body).encode()])

    assert json.loads(document) == {"model": "m", "usage": {"prompt_tokens": 3}}


@given(st.text(max_size=60))
def test_no_text_inside_a_document_is_taken_for_its_end(text: str) -> None:
    body = json.dumps({"data": [{"text": f'"usage": {{"n": 1}} {text}', "usage": {"n": 2}}]})

    assert b'"n"' not in last_members(body.encode()[5:])


def test_the_first_token_is_the_first_that_says_something() -> None:
    told = Told(CHAT)
    told.take({"choices": [{"delta": {"role": "assistant", "content": ""}}]})
    before = told.has_token
    told.take({"choices": [{"delta": {"content": "hi"}}]})

    assert (before, told.has_token) == (False, True)


def test_the_tier_is_the_one_that_the_answer_ends_with() -> None:
    told = Told(RESPONSES)
    told.take({"type": "response.created", "response": {"service_tier": "auto"}})
    told.take({"type": "response.completed", "response": {"service_tier": "priority"}})

    assert told.tier == "priority"


@pytest.mark.parametrize(
    ("address", "flavour", "base", "model"),
    [
        ("api.openai.com/v1/chat/completions", "openai_chat", "/v1", None),
        ("openrouter.ai/api/v1/chat/completions", "openrouter", "/api/v1", None),
        ("x.openai.azure.com/openai/deployments/four/chat/completions", "openai_chat", "", "four"),
        ("api.anthropic.com/v1/messages", "anthropic", "", None),
        ("g.test/v1beta/models/gem-2:streamGenerateContent", "gemini", "/v1beta", "gem-2"),
        ("localhost/api/generate", "ollama", "", None),
        ("api.cohere.com/v2/chat", "cohere", "", None),
    ],
)
def test_an_address_tells_the_api_its_base_and_perhaps_the_model(
    address: str, flavour: str, base: str, model: str | None
) -> None:
    host, _, path = address.partition("/")
    found = find_operation(host, f"/{path}")

    assert found is not None
    assert (found.flavour.name, found.base_path, found.model) == (flavour, base, model)


@pytest.mark.parametrize("path", ["/v1/messages/count_tokens", "/v1/models", "/v1/files", "/"])
def test_other_addresses_ask_no_model(path: str) -> None:
    assert find_operation("api.test", path) is None
