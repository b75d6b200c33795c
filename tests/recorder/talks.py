"""Talks: the three official clients ask the simulator, recorded, and say what they were told."""

import asyncio
from collections.abc import Callable
from typing import Any

import anthropic
import openai
from google import genai
from google.genai import types

from monitor.recorder import record
from monitor.simulator.catalogue import KEY

CANARY = "Reply with exactly this word and nothing else: heliotrope7"
CHAT: Any = {"model": "aurora-large", "messages": [{"role": "user", "content": CANARY}]}
MESSAGE: Any = {
    "model": "dusk-opal",
    "max_tokens": 2000,
    "messages": [{"role": "user", "content": CANARY}],
}
CONTENT: Any = {"model": "equinox-lite", "contents": CANARY}
STREAMED: Any = {"stream": True, "stream_options": {"include_usage": True}}

Told = dict[str, Any]


def tell(answer: Any, usage: Any, finish: str) -> Told:  # noqa: ANN401
    """What a client says it was told: id, model, usage and why the model stopped."""
    counts = usage.model_dump(by_alias=True, exclude_unset=True, exclude_none=True, mode="json")
    named = answer.to_json_dict() if hasattr(answer, "to_json_dict") else answer.model_dump()
    return {
        "response_id": named.get("response_id") or named.get("id"),
        "served_model": named.get("model_version") or named.get("model"),
        "finish_reason": finish,
        "usage_reported": counts,
    }


def google(root_url: str) -> genai.Client:
    options = types.HttpOptions(base_url=f"{root_url}/equinox", api_version="v1beta")
    return record(genai.Client(api_key=KEY, http_options=options))


def openai_plain(root_url: str) -> Told:
    with record(openai.OpenAI(base_url=f"{root_url}/aurora/v1", api_key=KEY)) as client:
        answer = client.chat.completions.create(**CHAT)
    return tell(answer, answer.usage, answer.choices[0].finish_reason)


def openai_streamed(root_url: str) -> Told:
    with record(openai.OpenAI(base_url=f"{root_url}/aurora/v1", api_key=KEY)) as client:
        chunks = list(client.chat.completions.create(**CHAT, **STREAMED))
    return tell_chunks(chunks)


def tell_chunks(chunks: list[Any]) -> Told:
    [finish] = [c.finish_reason for chunk in chunks for c in chunk.choices if c.finish_reason]
    return tell(chunks[-1], chunks[-1].usage, finish)


async def openai_async(root_url: str) -> Told:
    async with record(openai.AsyncOpenAI(base_url=f"{root_url}/aurora/v1", api_key=KEY)) as client:
        answer = await client.chat.completions.create(**CHAT)
    return tell(answer, answer.usage, answer.choices[0].finish_reason)


async def openai_async_streamed(root_url: str) -> Told:
    async with record(openai.AsyncOpenAI(base_url=f"{root_url}/aurora/v1", api_key=KEY)) as client:
        return tell_chunks(
            [c async for c in await client.chat.completions.create(**CHAT, **STREAMED)]
        )


def anthropic_plain(root_url: str) -> Told:
    with record(anthropic.Anthropic(base_url=f"{root_url}/dusk", api_key=KEY)) as client:
        answer = client.messages.create(**MESSAGE)
    return tell(answer, answer.usage, answer.stop_reason)


def anthropic_streamed(root_url: str) -> Told:
    with (
        record(anthropic.Anthropic(base_url=f"{root_url}/dusk", api_key=KEY)) as client,
        client.messages.stream(**MESSAGE) as events,
    ):
        answer = events.get_final_message()
    return tell(answer, answer.usage, answer.stop_reason or "")


async def anthropic_async(root_url: str) -> Told:
    async with record(anthropic.AsyncAnthropic(base_url=f"{root_url}/dusk", api_key=KEY)) as client:
        answer = await client.messages.create(**MESSAGE)
    return tell(answer, answer.usage, answer.stop_reason)


async def anthropic_async_streamed(root_url: str) -> Told:
    async with (
        record(anthropic.AsyncAnthropic(base_url=f"{root_url}/dusk", api_key=KEY)) as client,
        client.messages.stream(**MESSAGE) as events,
    ):
        answer = await events.get_final_message()
    return tell(answer, answer.usage, answer.stop_reason or "")


def tell_content(answers: list[types.GenerateContentResponse]) -> Told:
    candidates = answers[-1].candidates
    assert candidates
    assert candidates[0].finish_reason
    return tell(answers[-1], answers[-1].usage_metadata, candidates[0].finish_reason.value)


def google_plain(root_url: str) -> Told:
    with google(root_url) as client:
        return tell_content([client.models.generate_content(**CONTENT)])


def google_streamed(root_url: str) -> Told:
    with google(root_url) as client:
        return tell_content(list(client.models.generate_content_stream(**CONTENT)))


async def google_async(root_url: str) -> Told:
    async with google(root_url).aio as client:
        return tell_content([await client.models.generate_content(**CONTENT)])


async def google_async_streamed(root_url: str) -> Told:
    async with google(root_url).aio as client:
        stream = await client.models.generate_content_stream(**CONTENT)
        return tell_content([answer async for answer in stream])


TALKS: list[Callable[[str], Any]] = [
    openai_plain,
    openai_streamed,
    openai_async,
    openai_async_streamed,
    anthropic_plain,
    anthropic_streamed,
    anthropic_async,
    anthropic_async_streamed,
    google_plain,
    google_streamed,
    google_async,
    google_async_streamed,
]


def hold(talk: Callable[[str], Any], root_url: str) -> Told:
    """What the client of a talk was told, an async one too."""
    told = talk(root_url)
    return asyncio.run(told) if asyncio.iscoroutine(told) else told
