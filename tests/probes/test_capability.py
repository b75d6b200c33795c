"""Capability probes of models that can, over a socket in every flavour, and of some that cannot."""

import asyncio
import json
from collections.abc import Sequence

import pytest

from monitor.domain.calls import Call, Kind
from monitor.domain.capabilities import Capability
from monitor.domain.endpoints import Endpoint, Flavour
from monitor.domain.outcomes import Outcome
from monitor.probes import capability
from monitor.probes.pictures import COLOURS
from monitor.wire.transport import Transport
from tests.probes.simulated import SPEAKERS, endpoint_at
from tests.wire import loopback
from tests.wire.loopback import DONE, Provider, Step, chunk, head, whole, with_provider

CHATTERS = [flavour for flavour in SPEAKERS if flavour is not Flavour.OPENAI_EMBEDDINGS]
OF_CHATS = [Capability.IMAGE, Capability.SCHEMA, Capability.TOOL]


async def probe(endpoint: Endpoint, tested: Capability, nonce: str = "n1") -> Call:
    async with Transport() as transport:
        return await capability.probe(endpoint, transport, lambda: 1_000, nonce, tested)


@pytest.mark.parametrize("flavour", CHATTERS)
@pytest.mark.parametrize("tested", OF_CHATS)
def test_a_model_that_can_passes_in_every_flavour(
    root_url: str, flavour: Flavour, tested: Capability
) -> None:
    call = asyncio.run(probe(endpoint_at(root_url, flavour), tested))

    assert (call.kind, call.outcome) == (Kind.CAPABILITY, Outcome.OK)
    assert call.detail is not None
    assert call.detail.capability is tested


@pytest.mark.parametrize("flavour", CHATTERS)
@pytest.mark.parametrize("tested", OF_CHATS)
def test_a_model_that_thinks_first_has_room_to(
    root_url: str, flavour: Flavour, tested: Capability
) -> None:
    endpoint = endpoint_at(root_url, flavour, SPEAKERS[flavour].thinker)

    assert asyncio.run(probe(endpoint, tested)).outcome is Outcome.OK


def test_a_text_is_embedded(root_url: str) -> None:
    endpoint = endpoint_at(root_url, Flavour.OPENAI_EMBEDDINGS)

    assert asyncio.run(probe(endpoint, Capability.EMBEDDINGS)).outcome is Outcome.OK


def test_every_colour_is_shown_and_seen(root_url: str) -> None:
    endpoint = endpoint_at(root_url, Flavour.OPENAI_CHAT)
    shown = {capability._set(endpoint, Capability.IMAGE, str(n)).question.image for n in range(40)}
    seen = {asyncio.run(probe(endpoint, Capability.IMAGE, str(n))).outcome for n in range(8)}

    assert (len(shown), seen) == (len(COLOURS), {Outcome.OK})


def spoken(script: Sequence[Step], tested: Capability) -> Call:
    async def use(provider: Provider) -> Call:
        return await probe(loopback.endpoint_at(provider.url), tested)

    return with_provider(script, use)


def say(text: str) -> list[Step]:
    return [head(), chunk(text), chunk(finish="stop"), DONE]


def call_tool(arguments: str) -> list[Step]:
    calls = [{"index": 0, "id": "c", "function": {"name": "take_note", "arguments": arguments}}]
    return [head(), chunk(tool_calls=calls), chunk(finish="tool_calls"), DONE]


@pytest.mark.parametrize(
    ("script", "tested"),
    [
        (say("It is purple."), Capability.IMAGE),
        (say(", ".join(COLOURS)), Capability.IMAGE),  # all of them is no answer
        (say('{"word": "other", "count": 1}'), Capability.SCHEMA),
        (say("```json\n{}\n```"), Capability.SCHEMA),
        (say("[1, 2"), Capability.SCHEMA),
        (call_tool('{"word": 7}'), Capability.TOOL),
        (say("take_note(word)"), Capability.TOOL),  # talked about, not called
    ],
)
def test_a_wrong_answer_is_one_of_quality(script: Sequence[Step], tested: Capability) -> None:
    assert spoken(script, tested).outcome is Outcome.WRONG_ANSWER


def test_a_model_that_is_cut_short_while_it_thinks_said_nothing_wrong() -> None:
    script = [head(), chunk(reasoning="hm"), chunk(finish="length"), DONE]

    assert spoken(script, Capability.TOOL).outcome is Outcome.BAD_REQUEST


def refuse(status: int, message: str) -> list[Step]:
    return whole(status, json.dumps({"error": {"message": message}}))


@pytest.mark.parametrize(
    ("script", "outcome"),
    [
        (refuse(400, "Invalid content type: image_url"), Outcome.BAD_REQUEST),
        (refuse(404, "No endpoints found that support image input"), Outcome.BAD_REQUEST),
        (refuse(500, "image input is not supported; load the projector"), Outcome.BAD_REQUEST),
        (refuse(501, "not implemented"), Outcome.BAD_REQUEST),
        (refuse(500, "boom"), Outcome.SERVER_ERROR),
        (refuse(503, "busy"), Outcome.OVERLOADED),
        (refuse(401, "who are you?"), Outcome.AUTH),
    ],
)
def test_what_a_server_does_not_know_how_to_is_charged_to_nobody(
    script: Sequence[Step], outcome: Outcome
) -> None:
    assert spoken(script, Capability.IMAGE).outcome is outcome
