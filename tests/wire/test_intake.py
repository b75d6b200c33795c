"""Connections: when one was stale, and what a server may send before anything comes of it."""

import asyncio
import time
from collections.abc import Callable, Iterator

import pytest

from monitor.domain.calls import Phase
from monitor.domain.outcomes import Outcome
from monitor.wire import intake, openai_chat
from monitor.wire.intake import READ_BYTES
from monitor.wire.replies import Reply
from monitor.wire.transport import Transport
from tests.wire.loopback import (
    CLOSE,
    RESET,
    Provider,
    Script,
    Step,
    endpoint_at,
    head,
    list_models,
    whole,
    with_provider,
)

MODELS = whole(200, '{"data": []}')


@pytest.fixture
def patience(monkeypatch: pytest.MonkeyPatch) -> None:
    """Lets what takes some milliseconds be within them on a machine that is busy, too."""
    monkeypatch.setattr(intake, "STALE_S", 5.0)


def in_turn(*scripts: list[Step]) -> Callable[[], Iterator[Step]]:
    """A script for each request."""
    turns = iter(scripts)
    return lambda: iter(next(turns))


def list_twice(script: Script) -> tuple[Reply, int, int]:
    """The second of two replies over one client, and how many connections and requests it took."""

    async def use(provider: Provider) -> tuple[Reply, int, int]:
        target = endpoint_at(provider.url).target
        async with Transport() as transport:
            await openai_chat.list_models(target, transport)
            reply = await openai_chat.list_models(target, transport)
        return reply, provider.connections, len(provider.requests)

    return with_provider(script, use)


@pytest.mark.usefixtures("patience")
@pytest.mark.parametrize("end", [CLOSE, RESET])
def test_a_request_that_met_its_connections_end_is_sent_again(end: Step) -> None:
    reply, connections, requests = list_twice(in_turn(MODELS, [end], MODELS))

    assert (reply.outcome, connections, requests) == (Outcome.OK, 2, 3)
    assert reply.detail.is_reused is False
    assert reply.timings.connect_s is not None


@pytest.mark.usefixtures("patience")
def test_its_clock_starts_with_the_request_that_got_through() -> None:
    started_s = time.perf_counter()
    reply, _, _ = list_twice(in_turn(MODELS, [0.5, CLOSE], MODELS))

    assert reply.outcome is Outcome.OK
    assert (reply.timings.total_s or 9) < time.perf_counter() - started_s - 0.5


@pytest.mark.parametrize(
    ("second", "outcome"),
    [
        ([1.0, CLOSE], Outcome.SERVER_ERROR),
        ([1.0, RESET], Outcome.SERVER_ERROR),
        ([b"HTTP/1.1 200 X\r\n", CLOSE], Outcome.SERVER_ERROR),
        ([head(200, content_length="9"), b"{", CLOSE], Outcome.STREAM_CUT),
    ],
    ids=["closed after thinking", "reset after thinking", "half a head", "half a body"],
)
def test_what_a_server_did_to_a_request_that_it_had_is_charged(
    second: list[Step], outcome: Outcome
) -> None:
    reply, connections, requests = list_twice(in_turn(MODELS, second))

    assert (reply.outcome, connections, requests) == (outcome, 1, 2)
    assert reply.detail.is_reused is True


def test_a_new_connection_is_never_stale() -> None:
    async def use(provider: Provider) -> tuple[Reply, int]:
        async with Transport() as transport:
            reply = await openai_chat.list_models(endpoint_at(provider.url).target, transport)
        return reply, provider.connections

    reply, connections = with_provider([CLOSE], use)

    assert (reply.outcome, reply.phase, connections) == (Outcome.SERVER_ERROR, Phase.SENT, 1)


def test_a_connection_that_was_closed_in_good_time_is_not_used_at_all() -> None:
    async def use(provider: Provider) -> tuple[Reply, int]:
        target = endpoint_at(provider.url).target
        async with Transport() as transport:
            await openai_chat.list_models(target, transport)
            await asyncio.sleep(0.05)
            reply = await openai_chat.list_models(target, transport)
        return reply, len(provider.requests)

    reply, requests = with_provider([*MODELS, CLOSE], use)

    assert (reply.outcome, reply.detail.is_reused, requests) == (Outcome.OK, False, 2)


@pytest.mark.parametrize(
    ("script", "excerpt"),
    [
        ([b"HTTP/1.1 200 X\r\na: " + b"x" * 40_000], "BodyError: a head of over 32 KiB"),
        ([b"HTTP/1.1 200 X\r\n" + b"a: b\r\n" * 300], "BodyError: a head of over 32 KiB"),
        ([b"HTTP/1.1 103 X\r\n\r\n" * 3_000], "BodyError: a head of over 32 KiB"),
        ([head(200, transfer_encoding="chunked") + b"0\r\n" + b"a: b\r\n" * 3_000],
         "BodyError: over 8 KiB between two pieces"),
    ],
    ids=["long header", "many headers", "many heads", "many trailers"],
)  # fmt: skip
def test_a_head_without_end_is_malformed(script: list[Step], excerpt: str) -> None:
    reply = list_models(script)

    assert reply.outcome is Outcome.MALFORMED
    assert (reply.detail.excerpt or "").startswith(excerpt)


def test_a_head_of_many_lines_is_read() -> None:
    headers = {f"x-{n}": "y" * 100 for n in range(200)}

    assert list_models(whole(200, '{"data": []}', **headers)).outcome is Outcome.OK


def test_early_hints_before_the_answer_are_passed_over() -> None:
    hints = b"HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\n"

    assert list_models([hints, hints, *MODELS]).outcome is Outcome.OK


def test_a_chunk_whose_size_comes_alone_may_be_as_long_as_one_read() -> None:
    body = b'{"data": [' + b" " * (3 * READ_BYTES) + b"]}"
    size = f"{len(body):x}\r\n".encode()
    script: list[Step] = [
        head(200, transfer_encoding="chunked"),
        0.05,
        size,
        0.05,
        body + b"\r\n0\r\n\r\n",
    ]

    assert list_models(script).outcome is Outcome.OK
