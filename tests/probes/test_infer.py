import asyncio
import json
from collections.abc import Sequence
from dataclasses import replace
from itertools import count

import pytest

from monitor.domain.calls import Call, Kind, Origin
from monitor.domain.outcomes import Outcome
from monitor.domain.prices import CostState
from monitor.domain.usage import Usage, UsageState
from monitor.probes import PROBES
from monitor.probes.infer import WORDS, ask_for, probe
from monitor.wire.transport import Transport
from tests.wire.loopback import (
    CANARY,
    DONE,
    Provider,
    Step,
    chunk,
    endpoint_at,
    event,
    good_stream,
    head,
    usage_chunk,
    whole,
    with_provider,
)

_, WORD = ask_for("n1")


def infer(script: Sequence[Step], model_name: str = "m-1") -> tuple[Call, Provider]:
    async def use(provider: Provider) -> tuple[Call, Provider]:
        now = count(1_000, 50)
        async with Transport() as transport:
            endpoint = endpoint_at(provider.url, model_name)
            return await probe(endpoint, transport, now.__next__, "n1"), provider

    return with_provider(script, use)


def test_a_right_answer_is_an_ok_call() -> None:
    call, _ = infer(good_stream(f"{WORD.title()}."))

    assert (call.endpoint, call.origin, call.kind) == ("p/m-1", Origin.PROBE, Kind.INFER)
    assert (call.started_ms, call.ended_ms) == (1_000, 1_050)
    assert call.outcome is Outcome.OK
    assert (call.usage, call.usage_state) == (Usage(input=13, output=2), UsageState.MEASURED)
    assert (call.cost_nano_usd, call.cost_state) == (None, None)


@pytest.mark.parametrize(
    ("script", "outcome"),
    [
        (good_stream("I do not know"), Outcome.WRONG_ANSWER),
        ([head(), chunk("Well, the", finish="length"), DONE], Outcome.WRONG_ANSWER),
        ([head(), chunk(f"{WORD} is", finish="length"), DONE], Outcome.OK),
        ([head(), chunk(reasoning="hm"), chunk(finish="length"), DONE], Outcome.OK),
        ([head(), chunk(WORD)], Outcome.STREAM_CUT),
        (whole(503, ""), Outcome.OVERLOADED),
    ],
)
def test_an_answer_is_checked_only_when_there_is_one(
    script: Sequence[Step], outcome: Outcome
) -> None:
    assert infer(script)[0].outcome is outcome


def test_usage_that_did_not_come_is_missing_and_not_zero() -> None:
    call, _ = infer([head(), chunk(WORD, finish="stop"), DONE])

    assert (call.usage, call.usage_state) == (None, UsageState.MISSING)


def test_a_reported_cost_is_marked_so() -> None:
    script = [head(), chunk(WORD, finish="stop"), usage_chunk(cost=1), DONE]
    call, _ = infer(script)

    assert (call.cost_nano_usd, call.cost_state) == (10**9, CostState.REPORTED)


def test_the_prompt_holds_the_nonce_and_the_word() -> None:
    _, provider = infer(good_stream())
    content = provider.bodies[0]["messages"][0]["content"]

    assert "n1" in content
    assert content.endswith(WORD)


def test_a_model_that_thinks_gets_room_for_it() -> None:
    _, provider = infer(good_stream(), "gpt-5-mini")

    assert provider.bodies[0]["max_tokens"] == 256


def test_words_differ_between_nonces() -> None:
    assert {ask_for(str(n))[1] for n in range(500)} == set(WORDS)


def test_no_word_is_part_of_another() -> None:
    assert not [(a, b) for a in WORDS for b in WORDS if a != b and a in b]


LEAKS: list[Sequence[Step]] = [
    whole(401, json.dumps({"error": {"message": f"bad key {CANARY}", "code": CANARY}})),
    whole(200, f"<html>{CANARY}", x_request_id=CANARY),
    [head(), event({"model": CANARY, "choices": [], "usage": {CANARY: CANARY}}), DONE],
    good_stream(CANARY),
]


@pytest.mark.parametrize("script", LEAKS)
def test_no_call_holds_the_key(script: Sequence[Step]) -> None:
    assert CANARY not in repr(infer(script)[0])


def test_a_clock_that_steps_back_makes_no_negative_call() -> None:
    async def use(provider: Provider) -> Call:
        instants = iter([1_000, 900])
        async with Transport() as transport:
            return await probe(endpoint_at(provider.url), transport, instants.__next__, "n1")

    call = with_provider(good_stream(), use)

    assert call.ended_ms == call.started_ms == 1_000


def test_the_time_in_our_queue_is_not_in_the_call() -> None:
    async def use(provider: Provider) -> list[int]:
        instants, seen = count(), list[int]()

        def now() -> int:
            seen.append(next(instants))
            return seen[-1]

        async with Transport(limit=1) as transport:
            await transport.slot.acquire()
            task = asyncio.create_task(probe(endpoint_at(provider.url), transport, now, "n1"))
            await asyncio.sleep(0.05)
            before = list(seen)
            transport.slot.release()
            await task
        return before

    assert with_provider(good_stream(), use) == []


def test_each_kind_of_probe_is_registered() -> None:
    assert set(PROBES) >= {Kind.REACH, Kind.INFER}


def test_an_endpoint_may_ask_for_more_than_its_floor() -> None:
    async def use(provider: Provider) -> int:
        endpoint = replace(endpoint_at(provider.url), output_tokens=64)
        async with Transport() as transport:
            await probe(endpoint, transport, count().__next__, "n1")
        return int(provider.bodies[0]["max_tokens"])

    assert with_provider(good_stream(), use) == 64
