"""The official `google-genai` client talks to equinox over HTTP."""

import json
from typing import Any

import httpx
import pytest
from google import genai
from google.genai import errors, types

from monitor.simulator.catalogue import KEY, KEY_WITHOUT_CREDIT
from tests.simulator.asking import (
    CACHED,
    CANARY,
    COLOUR,
    FILLED,
    LONG,
    SCHEMA,
    THOUGHT,
    WORD,
    paint,
)

REPORT = types.FunctionDeclaration(
    name="report", description="Reports a word.", parameters_json_schema=dict(SCHEMA)
)
MODELS = ["equinox-lite", "equinox-flash"]
Answer = types.GenerateContentResponse


def ask(
    client: genai.Client,
    contents: Any = CANARY,  # noqa: ANN401
    model: str = "equinox-lite",
    **config: Any,
) -> Answer:
    return client.models.generate_content(model=model, contents=contents, config=set_up(config))


def stream(
    client: genai.Client,
    contents: Any = CANARY,  # noqa: ANN401
    model: str = "equinox-lite",
    **config: Any,
) -> list[Answer]:
    return list(
        client.models.generate_content_stream(model=model, contents=contents, config=set_up(config))
    )


def set_up(config: dict[str, Any]) -> types.GenerateContentConfig:
    fault = config.pop("fault", "none")
    options = types.HttpOptions(headers={"x-simulate": fault})
    return types.GenerateContentConfig(http_options=options, **config)


def usage_of(answer: Answer) -> types.GenerateContentResponseUsageMetadata:
    assert answer.usage_metadata is not None
    return answer.usage_metadata


def finish_of(answer: Answer) -> types.FinishReason | None:
    assert answer.candidates
    return answer.candidates[0].finish_reason


def test_a_canary_is_answered_with_its_word(equinox: genai.Client) -> None:
    answer = ask(equinox)

    assert answer.text == WORD
    assert finish_of(answer) is types.FinishReason.STOP


@pytest.mark.parametrize("model", MODELS)
@pytest.mark.parametrize("prompt", [CANARY, "Tell me of rivers.", LONG])
def test_a_stream_says_and_counts_what_the_plain_answer_does(
    equinox: genai.Client, model: str, prompt: str
) -> None:
    plain, chunks = ask(equinox, prompt, model), stream(equinox, prompt, model)

    assert "".join(chunk.text or "" for chunk in chunks) == plain.text
    assert chunks[-1].usage_metadata == plain.usage_metadata
    assert [finish_of(chunk) for chunk in chunks[:-1]] == [None] * (len(chunks) - 1)


def test_usage_grows_from_chunk_to_chunk(equinox: genai.Client) -> None:
    totals = [usage_of(chunk).total_token_count or 0 for chunk in stream(equinox, LONG)]

    assert totals == sorted(set(totals))
    assert len(totals) > 30


def test_thoughts_stand_beside_the_candidates_and_are_hidden(equinox: genai.Client) -> None:
    answer = ask(equinox, THOUGHT, "equinox-flash")
    usage = usage_of(answer)
    counts = (
        usage.prompt_token_count,
        usage.candidates_token_count,
        usage.thoughts_token_count,
    )

    assert answer.parts is not None
    assert [part.thought for part in answer.parts] == [None]
    assert all(counts)
    assert sum(count or 0 for count in counts) == usage.total_token_count


def test_thoughts_are_shown_to_who_asks_and_left_out_for_a_budget_of_zero(
    equinox: genai.Client,
) -> None:
    shown = types.ThinkingConfig(include_thoughts=True)
    none = types.ThinkingConfig(thinking_budget=0)
    chunks = stream(equinox, THOUGHT, "equinox-flash", thinking_config=shown)
    flags = [part.thought for chunk in chunks for part in chunk.parts or []]
    quick = ask(equinox, THOUGHT, "equinox-flash", thinking_config=none)

    assert flags == sorted(flags, key=lambda flag: not flag)
    assert set(flags) == {True, None}
    assert usage_of(quick).thoughts_token_count is None


def test_a_small_limit_is_spent_on_thoughts_and_leaves_no_parts(equinox: genai.Client) -> None:
    answer = ask(equinox, CANARY, "equinox-flash", max_output_tokens=4)

    assert finish_of(answer) is types.FinishReason.MAX_TOKENS
    assert not answer.parts
    assert usage_of(answer).thoughts_token_count == 4


def test_cache_reads_are_inside_the_prompt_and_zeros_are_left_out(equinox: genai.Client) -> None:
    cached, short = usage_of(ask(equinox, CACHED)), usage_of(ask(equinox))

    assert (cached.prompt_token_count, cached.cached_content_token_count) == (2007, 1920)
    assert short.cached_content_token_count is None


@pytest.mark.parametrize("talk", [ask, stream])
def test_a_forced_tool_is_called_with_arguments_of_its_schema(
    equinox: genai.Client,
    talk: Any,  # noqa: ANN401
) -> None:
    calling = types.FunctionCallingConfig(
        mode=types.FunctionCallingConfigMode.ANY, allowed_function_names=["report"]
    )
    answer = talk(
        equinox,
        tools=[types.Tool(function_declarations=[REPORT])],
        tool_config=types.ToolConfig(function_calling_config=calling),
    )
    last = answer[-1] if isinstance(answer, list) else answer
    [call] = last.function_calls

    assert (call.name, call.args) == ("report", FILLED)
    assert finish_of(last) is types.FinishReason.STOP


@pytest.mark.parametrize("field", ["response_json_schema", "response_schema"])
def test_an_answer_follows_the_schema_asked_for(equinox: genai.Client, field: str) -> None:
    schema = {name: value for name, value in SCHEMA.items() if name != "additionalProperties"}
    form: dict[str, Any] = {"response_mime_type": "application/json", field: schema}
    answer = ask(equinox, **form)

    assert answer.text is not None
    assert json.loads(answer.text) == FILLED


def test_an_image_is_seen_and_counted_by_its_modality(equinox: genai.Client) -> None:
    image = types.Part.from_bytes(data=paint((40, 60, 220)), mime_type="image/png")
    answer = ask(equinox, [image, COLOUR])
    details = usage_of(answer).prompt_tokens_details or []

    assert answer.text == "blue"
    assert {d.modality: d.token_count for d in details} == {
        types.MediaModality.TEXT: 17,
        types.MediaModality.IMAGE: 85,
    }


def test_texts_are_embedded_one_vector_each(equinox: genai.Client) -> None:
    config = types.EmbedContentConfig(output_dimensionality=16)
    texts: list[types.PartUnion] = ["river", "stone"]
    made = equinox.models.embed_content(model="equinox-embed", contents=texts, config=config)

    assert [len(e.values or []) for e in made.embeddings or []] == [16, 16]


def test_the_list_comes_in_pages_of_the_size_asked_for(equinox: genai.Client) -> None:
    pager = equinox.models.list(config=types.ListModelsConfig(page_size=2))

    assert len(pager.page) == 2
    assert [model.name for model in pager.next_page()] == ["models/equinox-embed"]


def test_the_models_are_listed(equinox: genai.Client) -> None:
    listed = list(equinox.models.list())

    assert [m.name for m in listed] == [f"models/{name}" for name in (*MODELS, "equinox-embed")]
    assert equinox.models.get(model="equinox-flash").input_token_limit == 1_048_576


@pytest.mark.parametrize(
    ("fault", "error", "code", "status"),
    [
        ("503", errors.ServerError, 503, "UNAVAILABLE"),
        ("500", errors.ServerError, 500, "INTERNAL"),
        ("502", errors.ServerError, 502, "Bad Gateway"),
        ("429", errors.ClientError, 429, "RESOURCE_EXHAUSTED"),
        ("no-credit", errors.ClientError, 429, "RESOURCE_EXHAUSTED"),
        ("401", errors.ClientError, 400, "INVALID_ARGUMENT"),
        ("403", errors.ClientError, 403, "PERMISSION_DENIED"),
    ],
)
@pytest.mark.parametrize("talk", [ask, stream])
def test_a_refusal_is_the_exception_that_the_official_client_has_for_it(
    equinox: genai.Client,
    talk: Any,  # noqa: ANN401
    fault: str,
    error: type[errors.APIError],
    code: int,
    status: str,
) -> None:
    with pytest.raises(error) as raised:
        talk(equinox, fault=fault)

    assert (raised.value.code, raised.value.status) == (code, status)


@pytest.mark.parametrize(
    ("fault", "quota", "delay"), [("429", "PerMinute", "20s"), ("no-credit", "PerDay", None)]
)
def test_a_spent_quota_is_named_and_only_a_short_one_can_be_waited_for(
    equinox: genai.Client, fault: str, quota: str, delay: str | None
) -> None:
    with pytest.raises(errors.ClientError) as raised:
        ask(equinox, fault=fault)
    details = raised.value.details["error"]["details"]

    assert quota in details[0]["violations"][0]["quotaId"]
    assert next((d["retryDelay"] for d in details if "retryDelay" in d), None) == delay


def test_an_error_in_the_stream_raises_too(equinox: genai.Client) -> None:
    with pytest.raises(errors.APIError) as raised:
        stream(equinox, LONG, fault="200-overloaded")

    assert (raised.value.code, raised.value.status) == (503, "UNAVAILABLE")


def test_a_filtered_answer_has_no_parts(equinox: genai.Client) -> None:
    answer = ask(equinox, fault="filtered")

    assert finish_of(answer) is types.FinishReason.SAFETY
    assert not answer.parts


@pytest.mark.parametrize(
    ("wish", "code"),
    [
        ({"model": "equinox-vast"}, 404),
        ({"contents": "x" * 4_400_000}, 400),
        ({"model": "equinox-embed"}, 400),
    ],
)
def test_a_request_that_is_wrong_is_the_callers_fault(
    equinox: genai.Client, wish: dict[str, Any], code: int
) -> None:
    with pytest.raises(errors.ClientError) as raised:
        ask(equinox, **wish)

    assert raised.value.code == code


@pytest.mark.parametrize(
    ("headers", "status", "code"),
    [
        ({}, 403, "PERMISSION_DENIED"),
        ({"x-goog-api-key": "nobody-1234"}, 400, "INVALID_ARGUMENT"),
        ({"x-goog-api-key": KEY_WITHOUT_CREDIT}, 429, "RESOURCE_EXHAUSTED"),
        ({"authorization": f"Bearer {KEY}"}, 403, "PERMISSION_DENIED"),
    ],
)
def test_a_key_that_is_not_good_is_refused(
    root_url: str, headers: dict[str, str], status: int, code: str
) -> None:
    url = f"{root_url}/equinox/v1beta/models/equinox-lite:generateContent"
    answer = httpx.post(url, headers=headers, json={"contents": [{"parts": [{"text": "?"}]}]})

    assert answer.status_code == status
    assert answer.json()["error"]["status"] == code


def test_names_may_be_written_with_underscores(root_url: str) -> None:
    wish = {
        "contents": [{"parts": [{"text": LONG}]}],
        "generation_config": {"max_output_tokens": 3},
    }
    answer = httpx.post(
        f"{root_url}/equinox/v1beta/models/equinox-lite:generateContent",
        headers={"x-goog-api-key": KEY},
        json=wish,
    )

    assert answer.json()["usageMetadata"]["candidatesTokenCount"] == 3
