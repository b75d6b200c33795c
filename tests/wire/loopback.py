"""A provider on loopback that sends exactly the bytes, pauses and resets that a test lists."""

import asyncio
import json
import socket
import ssl
import struct
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any, Final, TypeVar

from monitor.domain.endpoints import Endpoint, Flavour, Target
from monitor.domain.secrets import Secret
from monitor.wire import FLAVOURS
from monitor.wire.questions import Question
from monitor.wire.replies import Reply
from monitor.wire.transport import Transport

CANARY = "canary-0123456789abcdef"  # no pattern of keys knows it: only the exact value does
RESET: Final = "reset"
CLOSE: Final = "close"
NEVER: Final = 3600.0
T = TypeVar("T")
#: Bytes to send, seconds to wait, or the end, by a reset or in good manners.
Step = bytes | float | str
Script = Sequence[Step] | Callable[[], Iterator[Step]]


@dataclass
class Provider:
    """Where it listens, and what it was asked."""

    url: str
    requests: list[bytes] = field(default_factory=list)
    connections: int = 0
    is_asked: asyncio.Event = field(default_factory=asyncio.Event)

    @property
    def bodies(self) -> list[Any]:
        return [json.loads(request.partition(b"\r\n\r\n")[2]) for request in self.requests]


@asynccontextmanager
async def serving(script: Script, tls: ssl.SSLContext | None = None) -> AsyncIterator[Provider]:
    provider = Provider("")

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        provider.connections += 1
        try:
            while request := await _read_request(reader):
                provider.requests.append(request)
                provider.is_asked.set()
                if not await _play(script() if callable(script) else script, writer):
                    break
        except (OSError, asyncio.IncompleteReadError, asyncio.CancelledError):
            pass
        finally:
            writer.close()

    server = await asyncio.start_server(serve, "127.0.0.1", 0, ssl=tls)
    port = server.sockets[0].getsockname()[1]
    provider.url = f"http{'s' if tls else ''}://localhost:{port}/v1"
    try:
        yield provider
    finally:
        server.close()
        for task in asyncio.all_tasks() - {asyncio.current_task()}:
            if "serve" in repr(task.get_coro()):
                task.cancel()
        await asyncio.sleep(0.01)


async def _read_request(reader: asyncio.StreamReader) -> bytes:
    head = bytearray()
    while not head.endswith(b"\r\n\r\n"):
        byte = await reader.read(1)
        if not byte:
            return b""
        head += byte
    length = next(
        (
            int(line.partition(b":")[2])
            for line in head.lower().split(b"\r\n")
            if line.startswith(b"content-length")
        ),
        0,
    )
    return bytes(head) + await reader.readexactly(length)


async def _play(script: Iterator[Step] | Sequence[Step], writer: asyncio.StreamWriter) -> bool:
    """Whether the connection may be used again: when the answer said how long it is."""
    sent = b""
    for step in script:
        if isinstance(step, bytes):
            sent = sent or step
            writer.write(step)
            await writer.drain()
        elif step == CLOSE:
            return False
        elif isinstance(step, str):
            sock = writer.get_extra_info("socket")
            sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
            writer.transport.abort()
            return False
        else:
            await asyncio.sleep(step)
    return b"content-length" in sent.lower()


def head(status: int = 200, content_type: str = "text/event-stream", **headers: str) -> bytes:
    """A response's head; without a length, the body lasts until the connection ends."""
    lines = [f"HTTP/1.1 {status} X", f"Content-Type: {content_type}"]
    lines += [f"{name.replace('_', '-')}: {value}" for name, value in headers.items()]
    return ("\r\n".join(lines) + "\r\n\r\n").encode()


def whole(
    status: int, body: str | bytes, content_type: str = "application/json", **headers: str
) -> list[Step]:
    """A whole response with its length."""
    raw = body.encode() if isinstance(body, str) else body
    return [head(status, content_type, content_length=str(len(raw)), **headers) + raw]


def event(document: object, name: str | None = None) -> bytes:
    line = b"" if name is None else f"event: {name}\n".encode()
    return line + b"data: " + json.dumps(document).encode() + b"\n\n"


def chunk(content: str | None = None, finish: str | None = None, **delta: object) -> bytes:
    """One event of a streamed completion."""
    if content is not None:
        delta["content"] = content
    choice = {"index": 0, "delta": delta, "finish_reason": finish}
    return event({"id": "c1", "model": "m-1", "choices": [choice], "usage": None})


USAGE = {"prompt_tokens": 13, "completion_tokens": 2, "total_tokens": 15}
DONE = b"data: [DONE]\n\n"


def usage_chunk(**usage: object) -> bytes:
    return event({"id": "c1", "model": "m-1", "choices": [], "usage": USAGE | usage})


def good_stream(text: str = "pong") -> list[Step]:
    role = chunk("", role="assistant")
    return [head(), role, chunk(text), chunk(finish="stop"), usage_chunk(), DONE]


HI: Final = Question("hi", 16)


def endpoint_at(
    url: str,
    model_name: str = "m-1",
    timeout_s: float = 5.0,
    flavour: Flavour = Flavour.OPENAI_CHAT,
) -> Endpoint:
    target = Target("p@k", "p", url, flavour, "k", Secret(CANARY))
    return Endpoint("p/m-1", target, "a/m-1", model_name, timeout_s=timeout_s)


async def ask_once(
    url: str,
    timeout_s: float = 5.0,
    flavour: Flavour = Flavour.OPENAI_CHAT,
    question: Question = HI,
) -> Reply:
    async with Transport() as transport:
        endpoint = endpoint_at(url, timeout_s=timeout_s, flavour=flavour)
        return await FLAVOURS[flavour].ask(endpoint, transport, question)


def ask(
    script: Script,
    timeout_s: float = 5.0,
    flavour: Flavour = Flavour.OPENAI_CHAT,
    question: Question = HI,
) -> Reply:
    """The reply to one question to a provider that plays a script."""
    return with_provider(script, lambda it: ask_once(it.url, timeout_s, flavour, question))


def list_models(
    script: Script, flavour: Flavour = Flavour.OPENAI_CHAT, *, is_whole: bool = False
) -> Reply:
    """The reply to a model list from a provider that plays a script."""
    return see_list(script, flavour, is_whole=is_whole)[0]


def see_list(script: Script, flavour: Flavour, *, is_whole: bool = False) -> tuple[Reply, Provider]:
    """The reply to a model list, and the provider that was asked for it."""

    async def lists(provider: Provider) -> tuple[Reply, Provider]:
        target = endpoint_at(provider.url, flavour=flavour).target
        async with Transport() as transport:
            speaker = FLAVOURS[flavour]
            return await speaker.list_models(target, transport, is_whole=is_whole), provider

    return with_provider(script, lists)


def see_question(flavour: Flavour, question: Question = HI, model_name: str = "m-1") -> Provider:
    """The provider after it was asked; what it answers does not matter."""

    async def asks(provider: Provider) -> Provider:
        endpoint = endpoint_at(provider.url, model_name, flavour=flavour)
        async with Transport() as transport:
            await FLAVOURS[flavour].ask(endpoint, transport, question)
        return provider

    return with_provider(whole(503, ""), asks)


def with_provider(
    script: Script, use: Callable[[Provider], Awaitable[T]], tls: ssl.SSLContext | None = None
) -> T:
    """What a coroutine makes of a provider that plays a script."""

    async def run() -> T:
        async with serving(script, tls) as provider:
            return await use(provider)

    return asyncio.run(run())
