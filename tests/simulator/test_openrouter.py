"""The official `openai` client talks to foehn, the router, over HTTP."""

from typing import Any

import httpx
import openai
import pytest
from openai.types.chat import ChatCompletion, ChatCompletionChunk

from monitor.simulator.catalogue import KEY
from tests.simulator.asking import CACHED, CANARY, LONG, WORD

MODEL = "foehn/warm-1"


def ask(
    client: openai.OpenAI,
    prompt: str = CANARY,
    fault: str = "none",
    model: str = MODEL,
    **more: object,
) -> ChatCompletion:
    return client.chat.completions.create(
        model=model,
        messages=[{"role": "user", "content": prompt}],
        extra_headers={"x-simulate": fault},
        extra_body=more,
    )


def stream(
    client: openai.OpenAI, prompt: str = CANARY, fault: str = "none", model: str = MODEL
) -> list[ChatCompletionChunk]:
    with client.chat.completions.create(
        model=model,
        messages=[{"role": "user", "content": prompt}],
        stream=True,
        extra_headers={"x-simulate": fault},
    ) as chunks:
        return list(chunks)


def test_a_canary_is_answered_by_an_upstream_that_is_named(foehn: openai.OpenAI) -> None:
    answer = ask(foehn).model_dump()

    assert answer["choices"][0]["message"]["content"] == WORD
    assert answer["choices"][0]["native_finish_reason"] == "stop"
    assert answer["provider"] in {"Nimbus", "Stratus"}


@pytest.mark.parametrize("wish", [{"only": ["stratus"]}, {"ignore": ["nimbus"]}])
def test_the_caller_may_pin_an_upstream(foehn: openai.OpenAI, wish: dict[str, object]) -> None:
    answers = [ask(foehn, f"{n} {CANARY}", provider=wish).model_dump() for n in range(6)]

    assert {answer["provider"] for answer in answers} == {"Stratus"}


def test_an_upstream_that_is_not_there_is_no_endpoint(foehn: openai.OpenAI) -> None:
    with pytest.raises(openai.NotFoundError, match="No allowed providers"):
        ask(foehn, provider={"only": ["cumulus"]})


def test_usage_is_told_unasked_and_with_its_cost(foehn: openai.OpenAI) -> None:
    plain, last = ask(foehn, CACHED).usage, stream(foehn, CACHED)[-1].usage

    assert plain is not None
    assert plain == last
    fresh, output = 2007 - 1920, plain.completion_tokens
    cost_usd = (fresh * 1.00 + 1920 * 0.25 + output * 4.00) / 1e6
    assert plain.model_dump()["cost"] == pytest.approx(cost_usd)


def test_thoughts_have_the_routers_name(foehn: openai.OpenAI) -> None:
    deltas = [
        chunk.choices[0].delta.model_dump()
        for chunk in stream(foehn, model="foehn/dry-think")
        if chunk.choices
    ]

    assert any(delta.get("reasoning") for delta in deltas)
    assert not any(delta.get("reasoning_content") for delta in deltas)


def test_comments_come_before_the_answer(root_url: str) -> None:
    wish: Any = {"model": MODEL, "messages": [{"role": "user", "content": "?"}], "stream": True}
    answer = httpx.post(
        f"{root_url}/foehn/api/v1/chat/completions",
        headers={"authorization": f"Bearer {KEY}"},
        json=wish,
    )

    assert answer.text.startswith(": FOEHN PROCESSING\n\n")
    assert answer.headers["x-generation-id"].startswith("gen-")
    assert "x-ratelimit-limit" not in answer.headers


@pytest.mark.parametrize(
    ("fault", "error", "kind"),
    [
        ("503", openai.InternalServerError, "provider_overloaded"),
        ("500", openai.InternalServerError, "provider_unavailable"),
        ("429", openai.RateLimitError, "rate_limit_exceeded"),
        ("no-credit", openai.APIStatusError, "payment_required"),
        ("401", openai.AuthenticationError, "authentication"),
        ("403", openai.PermissionDeniedError, "permission_denied"),
    ],
)
def test_a_refusal_has_its_status_as_a_number_and_its_kind_in_the_metadata(
    foehn: openai.OpenAI, fault: str, error: type[openai.APIStatusError], kind: str
) -> None:
    with pytest.raises(error) as raised:
        ask(foehn, fault=fault)
    body: Any = raised.value.body

    assert body["code"] == raised.value.status_code
    assert body["metadata"]["error_type"] == kind


def test_an_error_in_mid_stream_is_a_chunk_that_raises(foehn: openai.OpenAI) -> None:
    with pytest.raises(openai.APIError, match="Upstream reset"):
        stream(foehn, LONG, fault="200-error")


def test_a_key_is_asked_about_for_nothing(root_url: str) -> None:
    url = f"{root_url}/foehn/api/v1/key"
    answers = [httpx.get(url, headers={"authorization": f"Bearer {key}"}) for key in (KEY, "x")]

    assert [answer.status_code for answer in answers] == [200, 401]
    assert answers[0].json()["data"]["limit"] is None


def test_the_catalogue_is_public_and_can_be_cut_short(root_url: str) -> None:
    page = httpx.get(f"{root_url}/foehn/api/v1/models?limit=1").json()

    assert [model["id"] for model in page["data"]] == [MODEL]
    assert page["links"]["next"] == "/api/v1/models?offset=1"


def test_the_catalogue_has_prices_for_a_single_token(foehn: openai.OpenAI) -> None:
    [first, _] = [model.model_dump() for model in foehn.models.list()]

    assert first["id"] == MODEL
    assert first["pricing"] == {
        "prompt": "0.000001",
        "completion": "0.000004",
        "input_cache_read": "0.00000025",
    }
