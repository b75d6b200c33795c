"""Intake: what a connection brings in, held within bounds before anything parses it.

What is below httpx takes as many header lines as fit into 100 KB, which is megabytes as objects,
and as many empty answers before the real one as a server likes to send. So the bytes that nothing
has come of yet are counted here, on the socket.
"""

import ssl
from collections.abc import Iterable
from time import perf_counter
from typing import Any

import httpcore

from monitor.wire.bodies import BodyError

READ_BYTES = 8 * 1024
#: Of an answer's head, and of what goes before it.
MAX_HEAD_BYTES = 32 * 1024
MAX_HEAD_LINES = 256
#: Between two pieces of a body there is no more than a chunk's size, or some trailers.
MAX_FRAMING_BYTES = 8 * 1024
STALE_S = 0.05


class StaleConnection(Exception):
    """A connection was closed before the request that was sent on it can have got there."""


class Intake(httpcore.AsyncNetworkStream):
    """A connection that raises BodyError at its bounds, and StaleConnection where it was closed.

    A server may close a kept connection at any time, also while our request is on its way. The
    end that we then read is no answer to it: it comes sooner than one way there and back, for
    which the time that connecting took stands (twice it, and no less than 50 ms).
    """

    def __init__(self, stream: httpcore.AsyncNetworkStream, connect_s: float) -> None:
        self._stream = stream
        self._connect_s = connect_s
        self._answers = 0
        self._sent_at: float | None = None
        self._is_answering = self._has_head = False
        self._idle_bytes = self._idle_lines = 0

    def relieve(self) -> None:
        """Called when a head or a piece of a body was made of what was read so far."""
        self._has_head = True
        self._idle_bytes = 0

    async def read(self, max_bytes: int, timeout: float | None = None) -> bytes:  # noqa: ASYNC109
        try:
            data = await self._stream.read(min(max_bytes, READ_BYTES), timeout)
        except httpcore.ReadError as error:
            if self._is_stale():
                raise StaleConnection from error
            raise
        if not data and self._is_stale():
            raise StaleConnection
        self._is_answering = self._is_answering or bool(data)
        self._count(data)
        return data

    async def write(self, buffer: bytes, timeout: float | None = None) -> None:  # noqa: ASYNC109
        if self._is_answering or self._sent_at is None:
            self._begin()
        await self._stream.write(buffer, timeout)

    async def start_tls(
        self,
        ssl_context: ssl.SSLContext,
        server_hostname: str | None = None,
        timeout: float | None = None,  # noqa: ASYNC109
    ) -> "Intake":
        stream = await self._stream.start_tls(ssl_context, server_hostname, timeout)
        return Intake(stream, self._connect_s)

    async def aclose(self) -> None:
        await self._stream.aclose()

    def get_extra_info(self, info: str) -> Any:  # noqa: ANN401
        return self._stream.get_extra_info(info)

    def _begin(self) -> None:
        """The first write of a request."""
        self._answers += self._is_answering
        self._sent_at = perf_counter()
        self._is_answering = self._has_head = False
        self._idle_bytes = self._idle_lines = 0

    def _is_stale(self) -> bool:
        if not self._answers or self._is_answering or self._sent_at is None:
            return False
        return perf_counter() - self._sent_at <= max(STALE_S, 2 * self._connect_s)

    def _count(self, data: bytes) -> None:
        if self._has_head and self._idle_bytes > MAX_FRAMING_BYTES:
            # What was just read may be all body; what was read before it brought none.
            raise BodyError(f"over {MAX_FRAMING_BYTES // 1024} KiB between two pieces")
        self._idle_bytes += len(data)
        if self._has_head:
            return
        self._idle_lines += data.partition(b"\r\n\r\n")[0].count(b"\n")
        if self._idle_bytes > MAX_HEAD_BYTES or self._idle_lines > MAX_HEAD_LINES:
            raise BodyError(
                f"a head of over {MAX_HEAD_BYTES // 1024} KiB, or of over {MAX_HEAD_LINES} lines"
            )


class IntakeBackend(httpcore.AsyncNetworkBackend):
    """Opens connections as another backend does, and watches them."""

    def __init__(self, backend: httpcore.AsyncNetworkBackend) -> None:
        self._backend = backend

    async def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,  # noqa: ASYNC109
        local_address: str | None = None,
        socket_options: Iterable[httpcore.SOCKET_OPTION] | None = None,
    ) -> Intake:
        started = perf_counter()
        stream = await self._backend.connect_tcp(host, port, timeout, local_address, socket_options)
        return Intake(stream, perf_counter() - started)

    async def sleep(self, seconds: float) -> None:
        await self._backend.sleep(seconds)
