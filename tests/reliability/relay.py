"""A TCP relay that notes when each chunk of bytes passed between a client and a server.

It stamps a chunk as soon as it is read and hands it on at once, so that a test can hold our own
timings against what really crossed the wire. Instants are nanoseconds of the wall clock
(`at_ns`) and seconds of `time.perf_counter` (`at_s`, comparable between processes on Linux).
"""

import asyncio
import socket
import struct
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from enum import StrEnum
from itertools import groupby

CHUNK_BYTES = 65536


class Direction(StrEnum):
    """Which way a chunk went."""

    REQUEST = "request"
    RESPONSE = "response"


@dataclass(frozen=True, slots=True)
class Chunk:
    """Bytes that arrived together."""

    connection: int
    direction: Direction
    at_ns: int
    at_s: float
    data: bytes


@dataclass(frozen=True, slots=True)
class Event:
    """One `data:` line of an event stream, at the instant its last byte passed."""

    at_ns: int
    at_s: float
    data: str


@dataclass(frozen=True, slots=True)
class Exchange:
    """One request and its response, which is empty while the server is silent."""

    request: tuple[Chunk, ...]
    response: tuple[Chunk, ...]

    def list_events(self) -> list[Event]:
        """The events in the order they passed, `[DONE]` included."""
        events, rest = [], b""
        for chunk in self.response:
            *lines, rest = (rest + chunk.data).split(b"\n")
            events += [
                Event(chunk.at_ns, chunk.at_s, line[5:].strip().decode())
                for line in lines
                if line.startswith(b"data:")
            ]
        return events


@dataclass(slots=True)
class Relay:
    """A relay to `upstream_port`, listening on `port`, both on loopback."""

    upstream_port: int
    port: int
    chunks: list[Chunk] = field(default_factory=list)
    _connections: int = 0
    _tasks: set[asyncio.Task[None]] = field(default_factory=set)

    @property
    def base_url(self) -> str:
        """The URL that OpenAI's paths hang on, through the relay."""
        return f"http://127.0.0.1:{self.port}/v1"

    def list_exchanges(self) -> list[Exchange]:
        """All exchanges so far, by the instant their request began; no pipelining."""
        exchanges = []
        for connection in range(1, self._connections + 1):
            chunks = [chunk for chunk in list(self.chunks) if chunk.connection == connection]
            runs = [(way, tuple(run)) for way, run in groupby(chunks, lambda it: it.direction)]
            requests = [run for way, run in runs if way is Direction.REQUEST]
            responses = [run for way, run in runs if way is Direction.RESPONSE]
            responses += [()] * (len(requests) - len(responses))
            exchanges += [Exchange(*pair) for pair in zip(requests, responses, strict=True)]
        return sorted(exchanges, key=lambda exchange: exchange.request[0].at_s)

    async def serve(self, listener: socket.socket, stop: asyncio.Event) -> None:
        """Relay what comes in at `listener` until `stop`; then every connection is cut."""
        server = await asyncio.start_server(self._accept, sock=listener)
        await stop.wait()
        server.close()
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    def _accept(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.get_running_loop().create_task(self._join(reader, writer))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _join(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._connections += 1
        connection = self._connections
        try:
            upstream = await asyncio.open_connection("127.0.0.1", self.upstream_port)
        except OSError:
            _reset(writer)
            return
        try:
            await asyncio.gather(
                self._pump(connection, Direction.REQUEST, reader, upstream[1]),
                self._pump(connection, Direction.RESPONSE, upstream[0], writer),
            )
        except OSError:  # one side is gone, or was when the other's end was handed on
            _reset(writer)
        finally:
            upstream[1].close()
            writer.close()

    async def _pump(
        self,
        connection: int,
        direction: Direction,
        reader: asyncio.StreamReader,
        writer: asyncio.StreamWriter,
    ) -> None:
        while data := await reader.read(CHUNK_BYTES):
            stamp = Chunk(connection, direction, time.time_ns(), time.perf_counter(), data)
            self.chunks.append(stamp)  # before it can be seen at the other end
            writer.write(data)
            await writer.drain()
        if writer.can_write_eof() and not writer.is_closing():
            writer.write_eof()


def _reset(writer: asyncio.StreamWriter) -> None:
    """Close at once and with a reset, as a machine does whose server is gone."""
    if writer.is_closing():  # its socket may be gone by now
        return
    connection = writer.get_extra_info("socket")
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    writer.transport.abort()


@contextmanager
def run_relay(upstream_port: int, port: int = 0) -> Iterator[Relay]:
    """A relay in a thread of its own, on a free port unless one is named.

    :raises OSError: the port is taken
    """
    listener = socket.create_server(("127.0.0.1", port))
    relay = Relay(upstream_port, listener.getsockname()[1])
    loop, stop = asyncio.new_event_loop(), asyncio.Event()
    thread = threading.Thread(target=lambda: loop.run_until_complete(relay.serve(listener, stop)))
    thread.start()
    try:
        yield relay
    finally:
        loop.call_soon_threadsafe(stop.set)
        thread.join()
        loop.close()
