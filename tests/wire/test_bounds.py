import asyncio
import gzip
import tracemalloc
from collections.abc import Iterator
from typing import Any

import pytest

from monitor.domain.outcomes import Outcome
from monitor.wire import openai_chat
from monitor.wire.questions import Question
from monitor.wire.replies import Reply
from monitor.wire.transport import Transport
from tests.wire.loopback import Script, Step, endpoint_at, head, list_models, serving, whole

BLOCK = b"x" * 65_536
BOMB = gzip.compress(bytes(100_000_000))


def huge_bodies() -> list[Any]:
    def plain(start: bytes) -> Iterator[Step]:
        yield head(200, "application/json", content_length="100000000") + start
        yield from [BLOCK] * 1526

    def line() -> Iterator[Step]:
        yield head() + b"data: "
        yield from [BLOCK] * 1526

    def numbers() -> Iterator[Step]:
        body = b'{"choices": [' + b"{},1.5," * 4_000 + b"0]}"
        yield from whole(200, body + b" " * 200_000)

    def refusal() -> Iterator[Step]:
        yield head(500, content_length="100000000")
        yield from [BLOCK] * 1526

    def bomb() -> Iterator[Step]:
        yield head(200, "application/json", content_encoding="gzip") + BOMB

    def objects() -> Iterator[Step]:
        yield head() + b"data: [" + b"{}," * 80_000 + b"{}]\n\n"

    return [
        pytest.param(lambda: plain(b"{"), Outcome.MALFORMED, id="document"),
        pytest.param(line, Outcome.MALFORMED, id="line"),
        pytest.param(refusal, Outcome.SERVER_ERROR, id="refusal"),
        pytest.param(bomb, Outcome.MALFORMED, id="bomb"),
        pytest.param(numbers, Outcome.MALFORMED, id="numbers"),
        pytest.param(objects, Outcome.MALFORMED, id="objects"),
    ]


@pytest.mark.parametrize(("script", "outcome"), huge_bodies())
def test_a_huge_body_costs_less_than_two_megabytes(script: Script, outcome: Outcome) -> None:
    async def measure() -> tuple[Reply, int]:
        async with serving(script) as provider, Transport() as transport:
            endpoint = endpoint_at(provider.url)
            tracemalloc.start()
            try:
                reply = await openai_chat.ask(endpoint, transport, Question("hi", 16))
                return reply, tracemalloc.get_traced_memory()[1]
            finally:
                tracemalloc.stop()

    reply, peak_bytes = asyncio.run(measure())

    assert reply.outcome is outcome
    assert peak_bytes < 2_000_000


def test_a_list_over_a_mebibyte_is_malformed() -> None:
    reply = list_models(whole(200, b"[" + b" " * 1_100_000 + b"]"))

    assert (reply.outcome, reply.detail.excerpt) == (
        Outcome.MALFORMED, "BodyError: body over 1 MiB")  # fmt: skip
