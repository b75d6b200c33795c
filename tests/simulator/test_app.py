"""The official `openai` client talks to the simulator over HTTP."""

import json
from collections.abc import Iterator
from typing import Any

import openai
import pytest
from openai.types.chat import ChatCompletionChunk

from monitor.simulator.catalogue import KEY_WITHOUT_CREDIT, MODELS, PROVIDERS, Model, Style
from tests.simulator.asking import CANARY, COLOUR, FILLED, LONG, SCHEMA, paint, to_text

SPEAKERS = [name for name, provider in PROVIDERS.items() if provider.style is Style.OPENAI]
CHATTERS = [m for m in MODELS if m.provider in SPEAKERS and not m.is_embedder]


def ask(client: openai.OpenAI, prompt: str = CANARY, fault: str = "none", **more: object) -> str:
    answer = client.chat.completions.create(
        model="aurora-large",
        messages=[{"role": "user", "content": prompt}],
        extra_headers={"x-simulate": fault},
        extra_body=more,
    )
    return answer.choices[0].message.content or ""


def stream(
    client: openai.OpenAI, model: str, prompt: str = CANARY, fault: str = "none"
) -> Iterator[ChatCompletionChunk]:
    with client.chat.completions.create(
        model=model,
        messages=[{"role": "user", "content": prompt}],
        stream=True,
        stream_options={"include_usage": True},
        extra_headers={"x-simulate": fault},
    ) as chunks:
        yield from chunks


def count_cached(client: openai.OpenAI, prompt: str) -> int | None:
    usage = client.chat.completions.create(
        model="aurora-large", messages=[{"role": "user", "content": prompt}]
    ).usage
    assert usage is not None
    assert usage.prompt_tokens_details is not None
    return usage.prompt_tokens_details.cached_tokens


def at_provider(client: openai.OpenAI, root_url: str, model: Model) -> openai.OpenAI:
    return client.with_options(base_url=f"{root_url}/{model.provider}/v1")


def test_a_canary_is_answered_with_its_word(client: openai.OpenAI) -> None:
    answer = ask(client)

    assert answer == "heliotrope7"


@pytest.mark.parametrize(
    ("prompt", "word"),
    [
        ("Reply with the word pong.", "pong"),
        ('Please reply with just the word "k-42".', "k-42"),
        ("Reply with this one word only: 8fa1", "8fa1"),
    ],
)
def test_any_wish_for_a_word_is_granted(client: openai.OpenAI, prompt: str, word: str) -> None:
    answer = ask(client, prompt)

    assert answer == word


def test_a_schema_is_filled_with_what_the_prompt_is_about(client: openai.OpenAI) -> None:
    answer = ask(
        client,
        "[4711] Note as JSON that the word lemon was heard 7 times.",
        response_format={"type": "json_schema", "json_schema": {"name": "n", "schema": SCHEMA}},
    )

    assert answer == '{"word": "lemon", "count": 7}'


def test_an_image_is_seen(client: openai.OpenAI) -> None:
    url = f"data:image/png;base64,{to_text(paint((0, 0, 255), 128))}"
    parts: Any = [
        {"type": "text", "text": COLOUR},
        {"type": "image_url", "image_url": {"url": url}},
    ]
    answer = client.chat.completions.create(
        model="aurora-large", messages=[{"role": "user", "content": parts}]
    )

    assert answer.choices[0].message.content == "blue"


@pytest.mark.parametrize("is_streamed", [True, False])
def test_a_forced_tool_is_called_with_arguments_of_its_schema(
    client: openai.OpenAI, *, is_streamed: bool
) -> None:
    tools: Any = [{"type": "function", "function": {"name": "report", "parameters": SCHEMA}}]
    wish: Any = {"model": "aurora-large", "messages": [{"role": "user", "content": CANARY}]}
    wish |= {"tools": tools, "tool_choice": {"type": "function", "function": {"name": "report"}}}
    if is_streamed:
        with client.chat.completions.stream(**wish) as events:
            whole = events.get_final_completion()
    else:
        whole = client.chat.completions.create(**wish)
    [call] = whole.choices[0].message.tool_calls or []

    assert (call.type, whole.choices[0].finish_reason) == ("function", "tool_calls")
    assert json.loads(call.function.arguments) == FILLED


def test_a_long_answer_is_given_where_it_is_wished_for(client: openai.OpenAI) -> None:
    answer = client.chat.completions.create(
        model="aurora-large", messages=[{"role": "user", "content": LONG}]
    )

    assert answer.usage is not None
    assert answer.usage.prompt_tokens > 900
    assert 120 <= answer.usage.completion_tokens <= 200


def test_the_same_prompt_gets_the_same_prose(client: openai.OpenAI) -> None:
    answers = {ask(client, "Tell me of rivers.") for _ in range(2)}

    assert len(answers) == 1
    assert len(answers.pop()) > 40


def test_every_completion_has_an_id_of_its_own(client: openai.OpenAI) -> None:
    ids = {next(stream(client, "aurora-small")).id for _ in range(3)}

    assert len(ids) == 3


@pytest.mark.parametrize("model", CHATTERS, ids=lambda model: model.name)
@pytest.mark.parametrize("prompt", [CANARY, "Sum up: " + "the valley " * 800])
def test_a_stream_says_and_counts_what_the_plain_answer_does(
    client: openai.OpenAI, root_url: str, model: Model, prompt: str
) -> None:
    provider = at_provider(client, root_url, model)
    plain = provider.chat.completions.create(
        model=model.name, messages=[{"role": "user", "content": prompt}]
    )
    chunks = list(stream(provider, model.name, prompt))
    text = "".join(c.choices[0].delta.content or "" for c in chunks if c.choices)

    assert text == plain.choices[0].message.content
    assert chunks[-1].usage == plain.usage


def test_only_the_last_chunk_of_a_stream_counts_and_it_has_no_choice(
    client: openai.OpenAI,
) -> None:
    *others, last = stream(client, "aurora-large")

    assert last.usage is not None
    assert not last.choices
    assert all(chunk.usage is None for chunk in others)


def test_usage_is_streamed_only_when_asked_for(client: openai.OpenAI) -> None:
    chunks = client.chat.completions.create(
        model="aurora-large", messages=[{"role": "user", "content": CANARY}], stream=True
    )

    assert all(chunk.usage is None and chunk.choices for chunk in chunks)


def test_thoughts_are_inside_the_completion_and_come_first(
    client: openai.OpenAI, root_url: str
) -> None:
    cirrus = client.with_options(base_url=f"{root_url}/cirrus/v1")
    chunks = list(stream(cirrus, "cirrus-reason"))
    usage = chunks[-1].usage
    deltas = [chunk.choices[0].delta.model_dump() for chunk in chunks if chunk.choices]
    kinds = ["content" if d.get("content") else "thought" for d in deltas[1:-1]]

    assert usage is not None
    assert usage.completion_tokens_details is not None
    assert 0 < (usage.completion_tokens_details.reasoning_tokens or 0) < usage.completion_tokens
    assert kinds == sorted(kinds, reverse=True)


def test_cache_reads_are_inside_a_long_prompt_and_repeat(client: openai.OpenAI) -> None:
    cached = [count_cached(client, f"{n} " + "x" * 8000) for n in (*range(8), *range(8))]

    assert cached[:8] == cached[8:]
    assert set(cached) == {0, 8004 // 4 // 128 * 128}


def test_the_output_limit_ends_an_answer_as_length(client: openai.OpenAI) -> None:
    answer = client.chat.completions.create(
        model="aurora-large",
        messages=[{"role": "user", "content": "Tell me of rivers."}],
        max_completion_tokens=5,
    )

    assert answer.choices[0].finish_reason == "length"
    assert answer.usage is not None
    assert answer.usage.completion_tokens == 5


def test_a_limit_can_be_spent_on_thoughts_alone(client: openai.OpenAI, root_url: str) -> None:
    answer = client.with_options(base_url=f"{root_url}/cirrus/v1").chat.completions.create(
        model="cirrus-reason", messages=[{"role": "user", "content": CANARY}], max_tokens=5
    )

    assert (answer.choices[0].message.content, answer.choices[0].finish_reason) == ("", "length")
    assert answer.usage is not None
    assert answer.usage.completion_tokens == 5


@pytest.mark.parametrize("provider", SPEAKERS)
def test_the_models_are_listed_for_a_key(
    client: openai.OpenAI, root_url: str, provider: str
) -> None:
    listed = client.with_options(base_url=f"{root_url}/{provider}/v1").models.list()

    assert [m.id for m in listed] == [m.name for m in MODELS if m.provider == provider]


@pytest.mark.parametrize(
    ("fault", "error", "code"),
    [
        ("503", openai.InternalServerError, "server_is_overloaded"),
        ("500", openai.InternalServerError, None),
        ("502", openai.InternalServerError, None),
        ("429", openai.RateLimitError, "rate_limit_exceeded"),
        ("no-credit", openai.RateLimitError, "insufficient_quota"),
        ("401", openai.AuthenticationError, "invalid_api_key"),
        ("403", openai.PermissionDeniedError, "unsupported_country_region_territory"),
    ],
)
def test_a_refusal_is_the_exception_that_the_official_client_has_for_it(
    client: openai.OpenAI, fault: str, error: type[openai.APIStatusError], code: str | None
) -> None:
    with pytest.raises(error) as raised:
        ask(client, fault=fault)

    assert raised.value.code == code
    assert raised.value.response.headers["x-request-id"].startswith("req_")


@pytest.mark.parametrize(
    ("fault", "words"), [("200-error", "had an error"), ("200-overloaded", "overloaded")]
)
def test_an_error_in_the_stream_raises_too(client: openai.OpenAI, fault: str, words: str) -> None:
    with pytest.raises(openai.APIError, match=words):
        list(stream(client, "aurora-large", fault=fault))


def test_a_filtered_answer_is_a_finish_reason(client: openai.OpenAI) -> None:
    *_, last, _ = stream(client, "aurora-large", fault="filtered")

    assert last.choices[0].finish_reason == "content_filter"


def test_a_rate_limit_says_when_to_come_back(client: openai.OpenAI) -> None:
    with pytest.raises(openai.RateLimitError) as raised:
        ask(client, fault="429")

    assert raised.value.response.headers["retry-after"] == "20"
    assert "try again in 20s" in raised.value.message


@pytest.mark.parametrize(
    ("body", "error"),
    [
        ({"model": "aurora-vast"}, openai.NotFoundError),
        ({"messages": []}, openai.BadRequestError),
        ({"messages": [{"role": "user", "content": "x" * 600_000}]}, openai.BadRequestError),
        ({"stream_options": {"include_usage": True}}, openai.BadRequestError),
        ({"max_completion_tokens": 0}, openai.BadRequestError),
    ],
)
def test_a_request_that_is_wrong_is_the_callers_fault(
    client: openai.OpenAI, body: dict[str, object], error: type[openai.APIStatusError]
) -> None:
    with pytest.raises(error) as raised:
        ask(client, **body)  # type: ignore[arg-type]

    assert raised.value.type == "invalid_request_error"


@pytest.mark.parametrize(
    ("key", "error"),
    [
        ("sk-live-canary-1234", openai.AuthenticationError),
        (KEY_WITHOUT_CREDIT, openai.RateLimitError),
    ],
)
def test_a_key_that_is_not_good_is_refused_without_being_echoed(
    client: openai.OpenAI, key: str, error: type[openai.APIStatusError]
) -> None:
    with pytest.raises(error) as raised:
        ask(client.with_options(api_key=key))

    assert key not in raised.value.message


def test_a_key_without_credit_still_lists_models(client: openai.OpenAI) -> None:
    models = client.with_options(api_key=KEY_WITHOUT_CREDIT).models.list()

    assert len(models.data) == 2
