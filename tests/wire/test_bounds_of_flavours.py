"""What a flavour builds of an answer at the bounds stays under 2 MB too."""

import asyncio
import tracemalloc
from collections.abc import Callable, Iterator

import pytest

from monitor.domain.endpoints import Flavour
from monitor.wire import FLAVOURS
from monitor.wire.transport import Transport
from tests.wire.loopback import HI, Step, endpoint_at, head, serving

MAX_PEAK_BYTES = 2_000_000
BLOCK_BYTES = 8 * 1024
Script = Callable[[], Iterator[Step]]


def sending(head_: bytes, *bodies: str) -> Script:
    def play() -> Iterator[Step]:
        yield head_
        for body in bodies:
            raw = body.encode()
            yield from (raw[at : at + BLOCK_BYTES] for at in range(0, len(raw), BLOCK_BYTES))

    return play


def events(*documents: str) -> Script:
    return sending(head(), *(f"data: {document}\n\n" for document in documents))


def whole(document: str) -> Script:
    return sending(head(200, "application/json"), document)


def numbered(prefix: str, count: int, value: str = "1.5") -> str:
    return "{" + ",".join(f'"{prefix}{n}": {value}' for n in range(count)) + "}"


WORD = "x" * 60_000
START = '{"type": "content_block_start", "content_block": {"type": "tool_use", "input": %s}}'
DELTA = '{"type": "content_block_delta", "delta": {"%s": "%s"}}'
COUNTED = '{"type": "message_delta", "usage": %s}'
DONE = '{"type": "response.completed", "response": {"output": [%s], "usage": %s}}'
TOLD = '{"content": [{"type": "output_text", "text": "%s"}]}'
CALLED = '{"candidates": [{"content": {"parts": [{"functionCall": {"args": %s}}]}}]}'
HOSTILE: dict[str, tuple[Flavour, Script]] = {
    "usage of endless names": (Flavour.ANTHROPIC, events(
        *(COUNTED % numbered(f"{n}-", 1_900) for n in range(20)))),
    "usage of endless objects": (Flavour.ANTHROPIC, events(
        *(COUNTED % numbered(f"{n}-", 100, numbered("x", 15, "7")) for n in range(20)))),
    "usage of long names": (Flavour.ANTHROPIC, events(
        *(COUNTED % f'{{"{WORD}{n}": 1}}' for n in range(60)))),
    "usage of long texts": (Flavour.ANTHROPIC, events(
        *(COUNTED % f'{{"x{n}": "{WORD}"}}' for n in range(60)))),
    "input of a tool": (Flavour.ANTHROPIC, events(
        *(START % numbered(f"{n}-", 1_900) for n in range(5)))),
    "pieces of a tool's input": (Flavour.ANTHROPIC, events(
        *[DELTA % ("partial_json", WORD)] * 60)),
    "pieces of a text": (Flavour.ANTHROPIC, events(*[DELTA % ("text", WORD)] * 60)),
    "a response of many items": (Flavour.OPENAI_RESPONSES, events(
        DONE % (",".join([TOLD % "x"] * 380), numbered("k", 50)))),
    "a long response": (Flavour.OPENAI_RESPONSES, events(DONE % (TOLD % WORD, "{}"))),
    "events of endless kinds": (Flavour.OPENAI_RESPONSES, events(
        *(f'{{"type": "{n}{WORD}"}}' for n in range(60)))),
    "arguments at the bound": (Flavour.GEMINI, whole(CALLED % numbered("key", 4_900))),
    "long arguments": (Flavour.GEMINI, whole(CALLED % f'{{"x": "{WORD * 3}"}}')),
    "an array at the bound": (Flavour.GEMINI, whole(
        "[" + ",".join(['{"usageMetadata": {"a": 1}}'] * 1_600) + "]")),
}  # fmt: skip


async def measure(flavour: Flavour, script: Script) -> int:
    async with serving(script) as provider, Transport() as transport:
        endpoint = endpoint_at(provider.url, timeout_s=60, flavour=flavour)
        tracemalloc.start(1)
        try:
            await FLAVOURS[flavour].ask(endpoint, transport, HI)
            return tracemalloc.get_traced_memory()[1]
        finally:
            tracemalloc.stop()


@pytest.mark.parametrize("name", HOSTILE)
def test_no_answer_costs_two_megabytes(name: str) -> None:
    assert asyncio.run(measure(*HOSTILE[name])) < MAX_PEAK_BYTES
