import asyncio
from itertools import combinations

import pytest

from monitor.domain.calls import Call, Kind
from monitor.domain.endpoints import Endpoint, Flavour
from monitor.domain.outcomes import Outcome
from monitor.probes import performance
from monitor.wire.transport import Transport
from tests.probes.simulated import SPEAKERS, endpoint_at
from tests.wire.loopback import Provider, good_stream, with_provider
from tests.wire.loopback import endpoint_at as loopback_endpoint

CHATTERS = [flavour for flavour in SPEAKERS if flavour is not Flavour.OPENAI_EMBEDDINGS]


async def probe(endpoint: Endpoint, nonce: str = "n1") -> Call:
    async with Transport() as transport:
        return await performance.probe(endpoint, transport, lambda: 1_000, nonce)


@pytest.mark.parametrize("flavour", CHATTERS)
def test_a_thousand_tokens_are_read_and_more_than_a_hundred_written(
    root_url: str, flavour: Flavour
) -> None:
    call = asyncio.run(probe(endpoint_at(root_url, flavour)))

    assert (call.kind, call.outcome) == (Kind.PERFORMANCE, Outcome.OK)
    assert call.usage is not None
    assert 900 <= call.usage.input_total <= 2_000
    assert call.usage.output_total >= 100
    assert call.timings.ttft_s is not None


def ask(nonces: list[str], model_name: str = "m-1") -> list[dict[str, object]]:
    """What the provider is asked."""

    async def use(provider: Provider) -> list[dict[str, object]]:
        for nonce in nonces:
            await probe(loopback_endpoint(provider.url, model_name), nonce)
        return provider.bodies

    return with_provider(good_stream("Once upon a time"), use)


def test_no_two_prompts_begin_alike_nor_share_a_line() -> None:
    bodies = ask([f"n{n}" for n in range(5)])
    texts = [str(body["messages"][0]["content"]) for body in bodies]  # type: ignore[index]
    lines = [set(text.splitlines()[: performance.LINES]) for text in texts]

    assert not any(a & b for a, b in combinations(lines, 2))


def test_a_prompt_has_words_for_about_a_thousand_tokens() -> None:
    [body] = ask(["n1"])
    text = str(body["messages"][0]["content"])  # type: ignore[index]

    assert 850 <= len(text.split()) <= 900


def test_a_model_that_thinks_first_has_room_for_both() -> None:
    limits = [ask(["n1"], name)[0]["max_tokens"] for name in ("m-1", "gpt-5-mini")]

    assert limits == [160, 160 + 256]
