"""The probes of speed and of what a model can do, in each flavour, over a socket."""

import asyncio
from collections.abc import Awaitable, Callable

import pytest

from monitor.domain.calls import Call
from monitor.domain.capabilities import Capability
from monitor.domain.endpoints import Endpoint, Flavour
from monitor.domain.outcomes import Outcome
from monitor.probes import capability, performance
from monitor.simulator.faults import FaultKind
from monitor.wire.transport import Transport
from tests.probes.simulated import NONCE, SPEAKERS, endpoint_at, spoilt

CHATTERS = [flavour for flavour in SPEAKERS if flavour is not Flavour.OPENAI_EMBEDDINGS]
OF_CHATS = [kind for kind in Capability if kind is not Capability.EMBEDDINGS]


def probe_once(probe: Callable[[Transport], Awaitable[Call]]) -> Call:
    async def use() -> Call:
        async with Transport() as transport:
            return await probe(transport)

    return asyncio.run(use())


def try_once(endpoint: Endpoint, kind: Capability) -> Call:
    """Whether a model is able to do that."""
    return probe_once(lambda t: capability.probe(endpoint, t, lambda: 1_000, NONCE, kind))


@pytest.mark.parametrize("kind", OF_CHATS)
@pytest.mark.parametrize("flavour", CHATTERS)
def test_a_model_that_can_is_found_able(root_url: str, flavour: Flavour, kind: Capability) -> None:
    call = try_once(endpoint_at(root_url, flavour), kind)

    assert call.outcome is Outcome.OK, call.detail


def test_an_embedder_embeds(root_url: str) -> None:
    endpoint = endpoint_at(root_url, Flavour.OPENAI_EMBEDDINGS)

    assert try_once(endpoint, Capability.EMBEDDINGS).outcome is Outcome.OK


@pytest.mark.parametrize("kind", OF_CHATS)
@pytest.mark.parametrize("flavour", CHATTERS)
def test_a_model_that_answers_otherwise_is_wrong(
    root_url: str, flavour: Flavour, kind: Capability
) -> None:
    with spoilt(root_url, flavour, FaultKind.WRONG_ANSWER):
        call = try_once(endpoint_at(root_url, flavour), kind)

    assert call.outcome is Outcome.WRONG_ANSWER


@pytest.mark.parametrize("flavour", CHATTERS)
def test_a_probe_of_speed_reads_a_thousand_tokens_and_hears_a_hundred(
    root_url: str, flavour: Flavour
) -> None:
    endpoint = endpoint_at(root_url, flavour)
    call = probe_once(lambda t: performance.probe(endpoint, t, lambda: 1_000, NONCE))

    assert call.outcome is Outcome.OK
    assert call.usage is not None
    assert 900 < call.usage.input_total < 2_000
    assert 100 <= call.usage.output_total <= 400
