"""OpenRouter, spoken over a socket: what it has beside OpenAI Chat."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import pytest

from monitor.domain.endpoints import Flavour, Pins
from monitor.domain.outcomes import Outcome
from monitor.domain.usage import Usage
from monitor.wire import openrouter
from monitor.wire.questions import Question
from monitor.wire.replies import Reply
from monitor.wire.transport import Transport
from tests.wire.loopback import (
    CANARY,
    DONE,
    Provider,
    Step,
    ask,
    endpoint_at,
    head,
    list_models,
    see_question,
    whole,
    with_provider,
)
from tests.wire.spoken import PROCESSING, bill, routed

HERE = Flavour.OPENROUTER


def stream(*parts: bytes) -> list[Step]:
    return [head(), PROCESSING, routed("po"), PROCESSING, *parts]


def body_of(pins: Pins | None) -> dict[str, Any]:
    async def asks(provider: Provider) -> Provider:
        endpoint = replace(endpoint_at(provider.url, flavour=HERE), pins=pins)
        async with Transport() as transport:
            await openrouter.ask(endpoint, transport, Question("hi", 16))
        return provider

    [body] = with_provider(whole(503, ""), asks).bodies
    return dict(body)


@pytest.mark.parametrize(
    ("pins", "sent"),
    [
        (Pins(only=("azure",), allow_fallbacks=False),
         {"only": ["azure"], "allow_fallbacks": False}),
        (Pins(order=("azure", "openai")), {"order": ["azure", "openai"]}),
        (Pins(ignore=("deepinfra/turbo",), allow_fallbacks=True),
         {"ignore": ["deepinfra/turbo"], "allow_fallbacks": True}),
    ],
)  # fmt: skip
def test_a_question_goes_to_nobody_but_those_it_is_pinned_to(
    pins: Pins, sent: dict[str, Any]
) -> None:
    assert body_of(pins)["provider"] == sent


def test_without_pins_nothing_is_said_of_providers() -> None:
    assert "provider" not in body_of(None)


def test_nothing_of_ours_is_told_but_the_question_and_the_key() -> None:
    [request] = see_question(HERE).requests
    told = {line.partition(b":")[0].lower() for line in request.split(b"\r\n")[1:]}

    assert not {name for name in told if name.startswith((b"http-referer", b"x-openrouter"))}
    assert f"authorization: Bearer {CANARY}\r\n".encode() in request


def test_the_provider_that_served_is_noted_with_its_bill() -> None:
    reply = ask(stream(routed("ng"), routed(finish="stop"), bill(), DONE), flavour=HERE)

    assert (reply.outcome, reply.text, reply.cost_nano_usd) == (Outcome.OK, "pong", 52_500)
    assert reply.usage == Usage(input=13, output=2)
    assert reply.detail.served_model == "m-1 at Azure"


def test_with_a_key_of_ones_own_the_upstreams_charge_is_added_to_the_fee() -> None:
    usage = {"is_byok": True, "cost_details": {"upstream_inference_cost": 0.001}}
    reply = ask(stream(routed("ng"), routed(finish="stop"), bill(**usage), DONE), flavour=HERE)

    assert reply.cost_nano_usd == 1_052_500


def upstream(code: int, **metadata: str) -> bytes:
    return routed(finish="error", error={"code": code, "message": "Upstream", "metadata": metadata})


@pytest.mark.parametrize(
    ("script", "outcome"),
    [
        pytest.param(stream(upstream(502, error_type="provider_unavailable")),
                     Outcome.SERVER_ERROR, id="upstream reset"),
        pytest.param(stream(upstream(502, error_type="timeout")),
                     Outcome.TIMEOUT_TOTAL, id="upstream late"),
        pytest.param(stream(upstream(429)), Outcome.RATE_LIMITED, id="upstream refuses"),
        pytest.param(stream(routed(finish="error"), DONE), Outcome.SERVER_ERROR, id="finish only"),
        pytest.param(stream(PROCESSING), Outcome.STREAM_CUT, id="comments to the end"),
        pytest.param(whole(200, '{"error": {"code": 503, "message": "no instances"}}'),
                     Outcome.OVERLOADED, id="200 with an error"),
        pytest.param(whole(402, '{"error": {"code": 402, "metadata": '
                                '{"limit_source": "openrouter_in_flight_budget"}}}'),
                     Outcome.RATE_LIMITED, id="402 that passes"),
        pytest.param(whole(402, '{"error": {"code": 402, "message": "credits"}}'),
                     Outcome.QUOTA_EXHAUSTED, id="402"),
    ],
)  # fmt: skip
def test_a_failure_behind_it_has_its_class(script: Sequence[Step], outcome: Outcome) -> None:
    assert ask(script, flavour=HERE).outcome is outcome


def test_a_failure_names_who_failed() -> None:
    reply = ask(stream(upstream(502, error_type="provider_unavailable")), flavour=HERE)

    assert reply.detail.served_model == "m-1 at Azure"
    assert reply.detail.provider_code == "provider_unavailable"


def test_the_upstreams_own_finish_reason_explains_one_that_is_not_good() -> None:
    filtered = routed(finish="content_filter")
    filtered = filtered.replace(b'"delta"', b'"native_finish_reason": "SAFETY", "delta"')
    reply = ask(stream(filtered, DONE), flavour=HERE)

    assert reply.detail.excerpt == "upstream's finish reason: SAFETY"


def check(script: Sequence[Step]) -> tuple[Reply, Provider]:
    async def checks(provider: Provider) -> tuple[Reply, Provider]:
        async with Transport() as transport:
            target = endpoint_at(provider.url, flavour=HERE).target
            return await openrouter.check_key(target, transport), provider

    return with_provider(script, checks)


@pytest.mark.parametrize(
    ("script", "outcome"),
    [
        (whole(200, '{"data": {"label": "sk-or-v1-abc...def", "limit": null}}'), Outcome.OK),
        (whole(200, '{"data": []}'), Outcome.MALFORMED),
        (whole(200, "<html>"), Outcome.MALFORMED),
        (whole(401, '{"error": {"code": 401, "message": "No cookie auth"}}'), Outcome.AUTH),
        (whole(404, ""), Outcome.BAD_REQUEST),
        (whole(502, ""), Outcome.SERVER_ERROR),
    ],
)
def test_a_key_is_checked_for_nothing(script: Sequence[Step], outcome: Outcome) -> None:
    reply, provider = check(script)

    assert (reply.outcome, reply.usage, reply.models) == (outcome, Usage(), ())
    assert provider.requests[0].startswith(b"GET /v1/key HTTP/1.1\r\n")


def test_its_models_are_listed_as_openai_lists_them() -> None:
    listing = '{"data": [{"id": "openai/gpt-4o", "pricing": {"prompt": "0.0000025"}}]}'

    assert list_models(whole(200, listing), HERE).models == ("openai/gpt-4o",)
