"""The probes know no flavour: each one answers them alike."""

import asyncio
from itertools import count

import pytest

from monitor.domain.calls import Call, Kind
from monitor.domain.endpoints import Flavour
from monitor.domain.outcomes import LocalFailure, Outcome
from monitor.domain.usage import Usage, UsageState
from monitor.probes import infer, reach, witness
from monitor.wire import FLAVOURS
from monitor.wire.connect import Host
from monitor.wire.transport import Transport
from tests.wire.loopback import Provider, endpoint_at, whole, with_provider
from tests.wire.spoken import GOOD_STREAMS

_, WORD = infer.ask_for("n1")
USED = {
    Flavour.OPENAI_CHAT: Usage(input=13, output=2),
    Flavour.OPENAI_RESPONSES: Usage(input=13, output=2),
    Flavour.ANTHROPIC: Usage(input=14, output=4),
    Flavour.GEMINI: Usage(input=7, output=1),
    Flavour.OPENROUTER: Usage(input=13, output=2),
    Flavour.OLLAMA: Usage(input=26, output=3),
    Flavour.COHERE: Usage(input=13, output=2),
}
LISTS = {
    Flavour.OPENAI_CHAT: '{"data": [{"id": "m-1"}]}',
    Flavour.OPENAI_RESPONSES: '{"data": [{"id": "m-1"}]}',
    Flavour.ANTHROPIC: '{"data": [{"id": "m-1"}], "has_more": true, "last_id": "m-1"}',
    Flavour.GEMINI: '{"models": [{"name": "models/m-1"}], "nextPageToken": "x"}',
    Flavour.OPENROUTER: '{"data": {"label": "sk-or-v1-abc...def"}}',
    Flavour.OLLAMA: '{"models": [{"name": "m-1"}]}',
    Flavour.COHERE: '{"models": [{"name": "m-1"}], "next_page_token": "x"}',
    Flavour.OPENAI_EMBEDDINGS: '{"data": [{"id": "m-1"}]}',
}


async def infer_once(url: str, flavour: Flavour) -> Call:
    endpoint, now = endpoint_at(url, flavour=flavour), count(1_000, 50)
    async with Transport() as transport:
        return await infer.probe(endpoint, transport, now.__next__, "n1")


@pytest.mark.parametrize("flavour", USED)
def test_a_right_answer_is_an_ok_call(flavour: Flavour) -> None:
    script = GOOD_STREAMS[flavour](f"{WORD.title()}.")
    call = with_provider(script, lambda provider: infer_once(provider.url, flavour))

    assert (call.kind, call.outcome) == (Kind.INFER, Outcome.OK)
    assert (call.usage, call.usage_state) == (USED[flavour], UsageState.MEASURED)
    assert call.timings.ttft_s is not None


@pytest.mark.parametrize("flavour", USED)
def test_another_answer_is_a_wrong_one(flavour: Flavour) -> None:
    script = GOOD_STREAMS[flavour]("I do not know")
    call = with_provider(script, lambda provider: infer_once(provider.url, flavour))

    assert call.outcome is Outcome.WRONG_ANSWER


@pytest.mark.parametrize("flavour", LISTS)
def test_one_request_shows_that_we_are_let_in(flavour: Flavour) -> None:
    async def use(provider: Provider) -> tuple[Call, int]:
        target = endpoint_at(provider.url, flavour=flavour).target
        async with Transport() as transport:
            call = await reach.probe(target, transport, count(1_000).__next__)
        return call, len(provider.requests)

    call, requests = with_provider(whole(200, LISTS[flavour]), use)

    assert (call.kind, call.outcome, call.usage) == (Kind.REACH, Outcome.OK, Usage())
    assert requests == 1


@pytest.mark.parametrize("flavour", USED)
def test_a_witness_is_asked_whatever_was_spoken(flavour: Flavour, closed: Host) -> None:
    async def ask_in_vain() -> Call:
        call = await infer_once(f"http://{closed}", flavour)
        assert call.outcome is Outcome.TCP_REFUSED
        async with Transport() as transport:
            return await witness.apply(call, (closed,), transport)

    assert asyncio.run(ask_in_vain()).outcome is LocalFailure.NETWORK_LOCAL


def test_a_vector_is_an_ok_call_without_an_answer_to_check() -> None:
    vector = '{"data": [{"embedding": [0.1, -0.2]}], "usage": {"prompt_tokens": 9}}'
    call = with_provider(
        whole(200, vector), lambda it: infer_once(it.url, Flavour.OPENAI_EMBEDDINGS)
    )

    assert (call.outcome, call.usage) == (Outcome.OK, Usage(input=9))


def test_every_flavour_is_spoken() -> None:
    assert set(FLAVOURS) == set(LISTS) == set(Flavour)
