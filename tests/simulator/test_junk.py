"""Whatever is asked, a provider answers or refuses: it never falls over."""

import copy
from collections.abc import Iterator
from typing import Any

import httpx
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from monitor.simulator.catalogue import KEY
from tests.simulator.asking import CANARY, SCHEMA, paint, to_text

IMAGE = to_text(paint((1, 2, 3)))
URL = {"url": f"data:image/png;base64,{IMAGE}"}
FUNCTION = {"type": "function", "function": {"name": "report", "parameters": SCHEMA}}
PARTS = [{"type": "text", "text": CANARY}, {"type": "image_url", "image_url": URL}]
BODIES: dict[str, Any] = {
    "iris/v1/chat/completions": {
        "model": "iris-mini",
        "messages": [{"role": "user", "content": PARTS}],
        "max_tokens": 9,
        "stream": True,
        "stream_options": {"include_usage": True},
        "response_format": {"type": "json_schema", "json_schema": {"name": "n", "schema": SCHEMA}},
        "tools": [FUNCTION],
        "tool_choice": {"type": "function", "function": {"name": "report"}},
    },
    "iris/v1/responses": {
        "model": "iris-mini",
        "input": [{"role": "user", "content": [{"type": "input_text", "text": CANARY}]}],
        "max_output_tokens": 9,
        "text": {"format": {"type": "json_schema", "schema": SCHEMA}},
        "tools": [{"type": "function", "name": "report", "parameters": SCHEMA}],
        "tool_choice": {"type": "function", "name": "report"},
        "reasoning": {"summary": "auto"},
    },
    "iris/v1/embeddings": {"model": "iris-embed", "input": ["river"], "dimensions": 4},
    "dusk/v1/messages": {
        "model": "dusk-opal",
        "max_tokens": 9,
        "system": [{"type": "text", "text": "?", "cache_control": {"type": "ephemeral"}}],
        "messages": [{"role": "user", "content": [{"type": "image", "source": {"data": IMAGE}}]}],
        "output_config": {"format": {"type": "json_schema", "schema": SCHEMA}},
        "tools": [{"name": "report", "input_schema": SCHEMA}],
        "tool_choice": {"type": "tool", "name": "report"},
    },
    "equinox/v1beta/models/equinox-lite:generateContent": {
        "contents": [{"parts": [{"text": CANARY}, {"inlineData": {"data": IMAGE}}]}],
        "systemInstruction": {"parts": [{"text": "?"}]},
        "generationConfig": {"maxOutputTokens": 9, "responseJsonSchema": SCHEMA},
        "tools": [{"functionDeclarations": [{"name": "report", "parameters": SCHEMA}]}],
        "toolConfig": {"functionCallingConfig": {"mode": "ANY"}},
    },
    "equinox/v1beta/models/equinox-embed:batchEmbedContents": {
        "requests": [{"content": {"parts": [{"text": "river"}]}, "outputDimensionality": 4}]
    },
    "foehn/api/v1/chat/completions": {
        "model": "foehn/warm-1",
        "messages": [{"role": "user", "content": CANARY}],
        "provider": {"only": ["nimbus"], "ignore": ["stratus"]},
    },
    "gale/api/chat": {
        "model": "gale:8b",
        "messages": [{"role": "user", "content": CANARY, "images": [IMAGE]}],
        "stream": False,
        "format": SCHEMA,
        "options": {"num_predict": 9},
        "tools": [FUNCTION],
    },
    "halo/v2/chat": {
        "model": "halo-a",
        "messages": [{"role": "user", "content": PARTS}],
        "max_tokens": 9,
        "response_format": {"type": "json_object", "json_schema": SCHEMA},
        "tools": [FUNCTION],
        "tool_choice": "REQUIRED",
    },
    "halo/v2/embed": {"model": "halo-embed", "texts": ["river"], "output_dimension": 4},
}
HEADERS = {
    "authorization": f"Bearer {KEY}",
    "x-goog-api-key": KEY,
    "anthropic-version": "2023-06-01",
}
JUNK = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(-3, 9),
    st.just(10**9),
    st.floats(allow_nan=False, allow_infinity=False),
    st.text(max_size=5),
    st.just([]),
    st.just({}),
    st.just(["x"]),
    st.just({"type": "x"}),
    st.just([{}]),
)


@pytest.fixture(scope="module")
def http() -> Iterator[httpx.Client]:
    with httpx.Client(headers=HEADERS, timeout=20) as made:
        yield made


def list_places(value: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:  # noqa: ANN401
    """The way to each value in a document."""
    items = value.items() if isinstance(value, dict) else enumerate(value)
    for key, inner in items:
        yield (*path, key)
        if isinstance(inner, dict | list):
            yield from list_places(inner, (*path, key))


def put(body: Any, place: tuple[Any, ...], junk: object) -> Any:  # noqa: ANN401
    made = copy.deepcopy(body)
    inner = made
    for step in place[:-1]:
        inner = inner[step]
    inner[place[-1]] = junk
    return made


@pytest.mark.parametrize("path", BODIES)
def test_a_request_in_order_is_answered(root_url: str, http: httpx.Client, path: str) -> None:
    assert http.post(f"{root_url}/{path}", json=BODIES[path]).status_code == 200


@pytest.mark.parametrize("path", BODIES)
@settings(max_examples=40, deadline=None)
@given(data=st.data())
def test_a_request_with_junk_in_it_is_answered_or_refused(
    root_url: str, http: httpx.Client, path: str, data: st.DataObject
) -> None:
    place = data.draw(st.sampled_from(list(list_places(BODIES[path]))))
    body = put(BODIES[path], place, data.draw(JUNK))
    answer = http.post(f"{root_url}/{path}", json=body)

    assert answer.status_code in {200, 400, 404}, answer.text
