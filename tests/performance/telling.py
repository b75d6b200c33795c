"""Telling: a lean program that tells a monitor of calls, and counts what was acknowledged.

`python -m tests.performance.telling PORT CONNECTIONS REQUESTS BATCH SEED` makes every request
beforehand, as bytes, sends each over one of the kept connections, and prints one line of JSON. It
takes the token from `BENCH_TOKEN`. No client library: what it costs is not the monitor's.
"""

import asyncio
import json
import os
import sys
import time
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from hashlib import blake2b
from itertools import count, islice
from typing import Any

#: In nano-dollars a token: what the settings of the benchmark say.
INPUT, CACHED, OUTPUT = 2_500, 1_250, 10_000
MODELS = tuple(f"model-{n}" for n in range(10))
URL = "https://llm.example/v1"
_MINUTE_MS = 60_000
_TEAMS, _APPS, _USERS = 4, 8, 500


@dataclass(frozen=True, slots=True)
class Told:
    """What was sent and acknowledged: events, what those cost, and how long it took.

    `waits_s` are the median and the 99th percentile of a request; `own_cpu_s` is what sending
    itself took.
    """

    events: int
    nano_usd: int
    took_s: float
    waits_s: tuple[float, float]
    own_cpu_s: float


def make_events(seed: int, from_ms: int) -> Iterator[tuple[dict[str, Any], int]]:
    """Calls of a team without end, none twice, and what each costs in nano-dollars.

    Each says what the recorder says of a call; three in a hundred failed, and cost nothing.
    """
    for number in count():
        is_good = number % 31 != 0
        name = blake2b(f"{seed} {number}".encode(), digest_size=14).hexdigest()
        event: dict[str, Any] = {
            "id": f"{seed}-{number}",
            "started_ms": from_ms + number % _MINUTE_MS,
            "url": URL,
            "model": MODELS[number % len(MODELS)],
            "http_status": 200 if is_good else 503,
            "total_s": 0.7 + number * 13 % 2_000 / 1_000,
            "team": f"team {number % _TEAMS}",
            "project": "shop",
            "app": f"https://app-{number % _APPS}.example",
        }
        if not is_good:
            yield event | {"error": '{"error": {"message": "overloaded, try again"}}'}, 0
            continue
        read, cached, written = 500 + number % 1_500, number % 400, 50 + number % 350
        event |= {
            "response_id": f"chatcmpl-{name}",
            "served_model": f"{event['model']}-2026-11-01",
            "finish_reason": "stop",
            "first_byte_s": 0.2,
            "ttft_s": 0.2 + number * 7 % 300 / 1_000,
            "is_reused": True,
            "usage_reported": {
                "prompt_tokens": read + cached,
                "completion_tokens": written,
                "total_tokens": read + cached + written,
                "prompt_tokens_details": {"cached_tokens": cached},
            },
        }
        if number % 2:
            event["user"] = f"user {number * 17 % _USERS}"
        if number % 5 == 0:
            event["tags"] = {"feature": f"feature {number % 7}"}
        yield event, read * INPUT + cached * CACHED + written * OUTPUT


class Teller(asyncio.Protocol):
    """One connection: a request, its answer, the next request, until there are no more."""

    def __init__(self, requests: Iterator[tuple[bytes, int]], told: "Book") -> None:
        self._requests, self._book = requests, told
        self._received = b""
        self.done = asyncio.get_running_loop().create_future()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport
        self._next()

    def data_received(self, data: bytes) -> None:
        self._received += data
        head, mark, body = self._received.partition(b"\r\n\r\n")
        if not mark or len(body) < int(head.lower().partition(b"content-length:")[2].split()[0]):
            return
        self._received = b""
        if self._book.note(head, body, self._nano_usd, time.perf_counter() - self._sent_s):
            self._next()
        elif not self.done.done():
            self.done.set_exception(RuntimeError(f"not acknowledged: {head!r} {body[:500]!r}"))

    def connection_lost(self, error: Exception | None) -> None:
        if not self.done.done():
            self.done.set_exception(error or ConnectionError("the monitor hung up"))

    def _next(self) -> None:
        request, self._nano_usd = next(self._requests, (b"", 0))
        self._sent_s = time.perf_counter()
        if request:
            self._transport.write(request)
        else:
            self.done.set_result(None)
            self._transport.close()


class Book:
    """What was acknowledged."""

    def __init__(self, batch: int) -> None:
        self._batch = batch
        self.events = self.nano_usd = 0
        self.waits_s: list[float] = []

    def note(self, head: bytes, body: bytes, nano_usd: int, wait_s: float) -> bool:
        """Whether an answer says that all of its request is recorded."""
        if not head.startswith(b"HTTP/1.1 200") or b'"recorded":%d,' % self._batch not in body:
            return False
        self.events += self._batch
        self.nano_usd += nano_usd
        self.waits_s.append(wait_s)
        return True


async def tell(port: int, connections: int, requests: list[tuple[bytes, int]], batch: int) -> Told:
    """Send requests, and return once each is answered."""
    rest, book, loop = iter(requests), Book(batch), asyncio.get_running_loop()
    cpu_s, begun_s = time.process_time(), time.perf_counter()
    tellers = [
        (await loop.create_connection(lambda: Teller(rest, book), "127.0.0.1", port))[1]
        for _ in range(connections)
    ]
    await asyncio.gather(*(teller.done for teller in tellers))
    took_s, used_s = time.perf_counter() - begun_s, time.process_time() - cpu_s
    waits = sorted(book.waits_s)
    quantiles = waits[len(waits) // 2], waits[int(0.99 * (len(waits) - 1))]
    return Told(book.events, book.nano_usd, took_s, quantiles, used_s)


def pack(token: str, requests: int, batch: int, seed: int) -> list[tuple[bytes, int]]:
    """Requests as bytes, and what the calls of each cost."""
    events = make_events(seed, time.time_ns() // 1_000_000 - 2 * _MINUTE_MS)
    parts = (list(islice(events, batch)) for _ in range(requests))
    return [
        (
            _spell(token, [event for event, _ in part] if batch > 1 else part[0][0]),
            sum(nano_usd for _, nano_usd in part),
        )
        for part in parts
    ]


def _spell(token: str, document: object) -> bytes:
    body = json.dumps(document, separators=(",", ":")).encode()
    head = (
        "POST /v1/usage HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/json\r\n"
        f"Authorization: Bearer {token}\r\nContent-Length: {len(body)}\r\n\r\n"
    )
    return head.encode() + body


def main(words: list[str]) -> None:
    port, connections, requests, batch, seed = map(int, words)
    packed = pack(os.environ["BENCH_TOKEN"], requests, batch, seed)
    told = asyncio.run(tell(port, connections, packed, batch))
    sys.stdout.write(json.dumps(asdict(told)) + "\n")


if __name__ == "__main__":
    main(sys.argv[1:])
