"""One probe's memory stays under 2 MB, and its time in bounds, whatever a server sends."""

import asyncio
import gzip
import sys
import time
import tracemalloc
import zlib
from collections.abc import Callable, Iterable, Iterator
from functools import partial
from itertools import chain, repeat
from pathlib import Path

import brotli
import pytest
import zstandard

from monitor.domain.endpoints import Flavour
from monitor.domain.outcomes import Outcome
from monitor.wire import FLAVOURS, openai_chat
from monitor.wire.bodies import BodyError, Decoder
from monitor.wire.questions import Question
from monitor.wire.replies import Reply
from monitor.wire.transport import Transport
from tests.wire.loopback import Step, endpoint_at, head, list_models, serving, whole
from tests.wire.spoken import GOOD_STREAMS

MAX_PEAK_BYTES = 2_000_000
#: What it may take of a processor that has no other work; the slowest is at a third of it.
MAX_TIME_S = 12.0
#: The server's own pieces are measured too, as it runs beside the probe: they are small.
BLOCK_BYTES = 8 * 1024
JSON = "application/json"
GRIN = "\N{GRINNING FACE}".encode()  # makes each character of a text cost four bytes
Script = Callable[[], Iterator[Step]]


def sending(*parts: bytes, times: int = 1, then: bytes = b"") -> Script:
    """The parts, of which the last is repeated, and an end, in small blocks."""

    def play() -> Iterator[Step]:
        *start, block = parts
        for part in chain(start, repeat(block, times), [then]):
            for at in range(0, len(part), BLOCK_BYTES):
                yield part[at : at + BLOCK_BYTES]

    return play


def json_sending(*parts: bytes, times: int = 1, then: bytes = b"", **headers: str) -> Script:
    return sending(head(200, JSON, **headers), *parts, times=times, then=then)


def lines(name: str, count: int) -> bytes:
    return b"".join(f"{name}{n:x}:\n".encode() for n in range(count))


def numbered(form: str, count: int) -> bytes:
    return ",".join(form % n for n in range(count)).encode()


KIB_OF_X = b"x" * 1024
LONG = {"content_length": "100000000"}
CHUNKED = b"HTTP/1.1 200 X\r\nTransfer-Encoding: chunked\r\n\r\n"
EVENT = b'data: {"choices": [{"delta": {"content": "a"}}]}\n\n'
BIG_EVENT = EVENT.replace(b'"a"', b'"' + b"a" * 2_000 + b'"')
COUNTED = b'data: {"choices": [], "usage": {%s}}\n\n'
PACKERS: dict[str, Callable[[bytes], bytes]] = {
    "gzip": gzip.compress,
    "deflate": zlib.compress,
    "br": partial(brotli.compress, quality=5, lgwin=24),
    "zstd": zstandard.ZstdCompressor(level=19).compress,
}
BOMBS = {name: pack(b"{" + b" " * 100_000_000) for name, pack in PACKERS.items()}

HOSTILE: dict[str, Script] = {
    "100 MB document": json_sending(b"{", KIB_OF_X, times=100_000, content_length="100000000"),
    "100 MB line": sending(head(), b"data: ", KIB_OF_X, times=100_000),
    "100 MB refusal": sending(head(500, **LONG), b"a " * 512, times=100_000),
    "100 MB page": sending(head(200, "text/html", **LONG), b"<p>", b"a " * 512, times=100_000),
    "100 MB refusing page": sending(head(502, "text/html"), b"<p>", b"a " * 512, times=100_000),
    **{
        f"{name} comments": sending(head(content_encoding=name), pack(b": c\n\n" * 4_000_000))
        for name, pack in PACKERS.items()
    },
    **{f"{name} bomb": json_sending(bomb, content_encoding=name) for name, bomb in BOMBS.items()},
    "a million tiny events": sending(head(), b"data: {}\n\n" * 100, times=10_000),
    "endless good events": sending(head(), BIG_EVENT, times=10_000),
    "a million comments": sending(head(), b":\n" * 500, times=10_000),
    "a million empty lines": sending(head(), b"\n" * 1_000, times=10_000),
    "a million lines in an event": sending(head(), b"data:\n" * 100, times=10_000),
    "one huge header": sending(b"HTTP/1.1 200 X\r\na: ", KIB_OF_X, times=100_000),
    "many tiny headers": sending(b"HTTP/1.1 200 X\r\n", lines("a", 25_000), then=b"\r\n{}"),
    "headers at the bound": sending(
        b"HTTP/1.1 200 X\r\n", b"a" * 100 + b": b\r\n", times=250, then=b"\r\n{}"
    ),
    "endless heads": sending(b"HTTP/1.1 100 C\r\n\r\n" * 100, times=10_000),
    "many trailers": sending(CHUNKED + b"2\r\n{}\r\n0\r\n", lines("a", 25_000)),
    "trailers at the bound": sending(CHUNKED + b"0\r\n", lines("a", 1_300), then=b"\r\n"),
    "an endless chunk size": sending(CHUNKED + b"1;", KIB_OF_X, times=1_000),
    "a chunk for each byte": sending(CHUNKED + b"1\r\n{\r\n", b"1\r\n \r\n" * 100, times=10_000),
    "deep document": json_sending(b"[" * 100_000),
    "deep event": sending(head(), b"data: " + b'{"a":' * 10_000 + b"\n\n"),
    "a million values": json_sending(b'{"choices": [', b"1.5," * 100, times=10_000),
    "values at the bound": json_sending(
        b'{"choices": [{"delta": {"content": "' + GRIN + b'"}}], "usage": {'
        + numbered('"key%d": 1.5', 4_900) + b"}}" + b" " * 40_000,
    ),
    "values and text at the bound": json_sending(
        b'{"choices": [{"delta": {"content": "' + b"x" * 110_000 + b'"}}], "usage": {'
        + numbered('"key%d": 1.5', 4_900) + b"}}",
    ),
    "text at the bound": json_sending(
        b'{"choices": [{"delta": {"content": "' + b"x" * 190_000 + b'"}}]}'
    ),
    "objects at the bound": json_sending(b'{"choices": [' + b'{"a":1},' * 2_400 + b"{}]}"),
    "values at the bound of an event": sending(
        head(),
        COUNTED % numbered('"key%d": 1.5', 1_900),
        COUNTED % numbered('"other%d": 2.5', 1_900),
    ),
    "wide text in an event": sending(
        head(), EVENT.replace(b'"a"', b'"' + b"x" * 65_000 + GRIN + b'"'), times=4
    ),
    "wide text in a document": json_sending(
        b'{"choices": [{"message": {"content": "' + b"x" * 130_000 + GRIN + b'"}}]}'
    ),
    "wide text in a refusal": sending(
        head(400, JSON), b'{"error": {"message": "' + b"x " * 32_000 + GRIN + b'"}}'
    ),
    "escapes in a refusal": sending(
        head(400, JSON), b'{"error": ["' + b"\\u0001" * 10_000 + b'"]}'
    ),
}  # fmt: skip
SLOW = ("a chunk for each byte", "a million comments")
LONG_LISTS: dict[str, Script] = {
    "100 MB name": json_sending(b'{"data":[{"id":"', KIB_OF_X, times=100_000),
    "a million models": json_sending(b'{"data":[', b'{"id":"m"},' * 90, times=12_000),
    "a million texts": json_sending(b'["', b'ab","' * 180, times=6_000),
    "a million lists": json_sending(b'{"data":[', b"[],[]," * 160, times=6_000),
    "wide text": json_sending(b'{"data":[{"id":"m"},{"id":"' + b"x" * 300_000 + GRIN + b'"}]}'),
    "short, wide text": json_sending(b'{"data":[{"id":"' + b"x" * 120_000 + GRIN + b'"}]}'),
    "short, many values": json_sending(b'{"data":[{%s}]}' % numbered('"key%d": 1.5', 4_900)),
    "deep": json_sending(b'{"data":' * 40_000),
    **{
        f"{name} bomb": json_sending(PACKERS[name](b'{"data": ["' + b" " * 100_000_000),
                                     content_encoding=name)
        for name in ("gzip", "br", "zstd")
    },
}  # fmt: skip


def endless(flavour: Flavour) -> Script:
    """All events of a good stream but the last, for ever."""
    first, *events, _ = (s for s in GOOD_STREAMS[flavour]("p" * 8_000) if isinstance(s, bytes))
    return sending(first, b"".join(events), times=40_000)


def long_event(flavour: Flavour) -> Script:
    """The second event of a good stream, in which a text goes on for ever."""
    first, second, *_ = (s for s in GOOD_STREAMS[flavour]("p" * 8_000) if isinstance(s, bytes))
    return sending(first, second.rpartition(b'"')[0], KIB_OF_X, times=100_000)


async def measure(
    script: Script, *, is_list: bool = False, flavour: Flavour = Flavour.OPENAI_CHAT
) -> tuple[Reply, int, float]:
    """The reply, the peak of traced memory, and the time of this thread's processor."""
    async with serving(script) as provider, Transport() as transport:
        endpoint = endpoint_at(provider.url, timeout_s=60, flavour=flavour)
        tracemalloc.start(1)
        started_s = time.thread_time()
        try:
            reply = (
                await openai_chat.list_models(endpoint.target, transport)
                if is_list
                else await FLAVOURS[flavour].ask(endpoint, transport, Question("hi", 16))
            )
            return reply, tracemalloc.get_traced_memory()[1], time.thread_time() - started_s
        finally:
            tracemalloc.stop()


@pytest.mark.parametrize(
    "name", [pytest.param(n, marks=[pytest.mark.slow] if n in SLOW else []) for n in HOSTILE]
)
def test_no_answer_costs_two_megabytes_or_long(name: str) -> None:
    reply, peak_bytes, time_s = asyncio.run(measure(HOSTILE[name]))

    assert peak_bytes < MAX_PEAK_BYTES
    assert time_s < MAX_TIME_S
    assert reply.outcome is not Outcome.OK


@pytest.mark.parametrize("flavour", GOOD_STREAMS)
@pytest.mark.parametrize("script", [endless, long_event])
def test_no_flavour_gathers_what_never_ends(
    script: Callable[[Flavour], Script], flavour: Flavour
) -> None:
    reply, peak_bytes, time_s = asyncio.run(measure(script(flavour), flavour=flavour))

    assert peak_bytes < MAX_PEAK_BYTES
    assert time_s < MAX_TIME_S
    assert reply.outcome is Outcome.MALFORMED


@pytest.mark.parametrize("name", LONG_LISTS)
def test_no_list_costs_two_megabytes(name: str) -> None:
    _, peak_bytes, _ = asyncio.run(measure(LONG_LISTS[name], is_list=True))

    assert peak_bytes < MAX_PEAK_BYTES


@pytest.mark.skipif(sys.platform != "linux", reason="asks Linux for the peak of a process")
@pytest.mark.parametrize("encoding", BOMBS)
def test_a_bomb_costs_no_memory_behind_pythons_back_either(encoding: str) -> None:
    def drain(pieces: Iterable[bytes]) -> None:
        with pytest.raises(BodyError, match="body over 1000 KiB"):
            sum(map(len, pieces))

    pack = PACKERS[encoding]
    list(Decoder(encoding).decode(pack(b"pong")))
    Path("/proc/self/clear_refs").write_text("5")
    before_kb = resident_kb("VmRSS")
    drain(Decoder(encoding).decode(BOMBS[encoding]))

    assert resident_kb("VmHWM") - before_kb < 2_000


def resident_kb(name: str) -> int:
    status = Path("/proc/self/status").read_text()
    return next(int(line.split()[1]) for line in status.splitlines() if line.startswith(name))


def test_the_beginning_of_a_long_list_is_its_list() -> None:
    models = ",".join(f'{{"id": "model-{n}", "size": {n}}}' for n in range(20_000))
    reply = list_models(whole(200, f'{{"object": "list", "data": [{models}]}}'))

    assert reply.outcome is Outcome.OK
    assert reply.models == tuple(f"model-{n}" for n in range(1000))
