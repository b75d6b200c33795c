"""Which service tier an answer says it was served at, and what a probe's call makes of it."""

from typing import Any

import pytest

from monitor.domain.calls import Detail, Kind, Phase, Timings
from monitor.domain.outcomes import Outcome
from monitor.domain.tiers import ServiceTier, read_service_tier
from monitor.probes.calls import call_from
from monitor.wire.answers import Answer
from monitor.wire.anthropic_answer import AnthropicAnswer
from monitor.wire.gemini_answer import GeminiAnswer
from monitor.wire.openai_answer import OpenAiAnswer
from monitor.wire.openrouter_answer import OpenRouterAnswer
from monitor.wire.replies import Reply
from monitor.wire.responses_answer import ResponsesAnswer

CHUNK: dict[str, Any] = {"choices": [{"index": 0, "delta": {"content": "pong"}}]}
RESPONSE: dict[str, Any] = {"object": "response", "status": "completed"}
MESSAGE: dict[str, Any] = {"type": "message", "content": []}
TOLD = [
    (OpenAiAnswer, [CHUNK | {"service_tier": "priority"}, CHUNK], ServiceTier.PRIORITY),
    (OpenAiAnswer, [CHUNK | {"service_tier": "default"}], None),
    (OpenAiAnswer, [CHUNK], None),
    (OpenAiAnswer, [CHUNK | {"service_tier": ["flex"]}], None),
    (OpenAiAnswer, [CHUNK | {"service_tier": "scale"}], ServiceTier.OTHER),
    (OpenRouterAnswer, [CHUNK | {"service_tier": "flex"}], ServiceTier.FLEX),
    (ResponsesAnswer, [RESPONSE | {"service_tier": "flex"}], ServiceTier.FLEX),
    (ResponsesAnswer, [RESPONSE | {"service_tier": "default"}], None),
    (AnthropicAnswer, [MESSAGE | {"usage": {"service_tier": "batch"}}], ServiceTier.BATCH),
    (AnthropicAnswer, [MESSAGE | {"usage": {"service_tier": "standard"}}], None),
    (GeminiAnswer, [{"usageMetadata": {"trafficType": "ON_DEMAND"}}], None),
    (
        GeminiAnswer,
        [{"usageMetadata": {"trafficType": "ON_DEMAND_PRIORITY"}}],
        ServiceTier.PRIORITY,
    ),
    (GeminiAnswer, [{"usageMetadata": {"trafficType": "ON_DEMAND_FLEX"}}], ServiceTier.FLEX),
    (
        GeminiAnswer,
        [{"usageMetadata": {"trafficType": "PROVISIONED_THROUGHPUT"}}],
        ServiceTier.OTHER,
    ),
]


@pytest.mark.parametrize(("kind", "documents", "tier"), TOLD)
def test_an_answer_echoes_the_tier_that_served_it(
    kind: type[Answer], documents: list[dict[str, Any]], tier: ServiceTier | None
) -> None:
    answer = kind()
    for document in documents:
        answer.take(document)

    assert read_service_tier(answer.echoed_tier()) is tier


def test_the_call_of_a_probe_carries_the_tier() -> None:
    reply = Reply(
        Outcome.OK, 200, Phase.DONE, Timings(), Detail(), service_tier=ServiceTier.PRIORITY
    )

    assert call_from(reply, Outcome.OK, "us/m", Kind.INFER, (0, 1)).service_tier is (
        ServiceTier.PRIORITY
    )
