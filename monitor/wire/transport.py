"""Transport: one HTTP exchange, timed by phases and bounded in time and memory.

The only module that knows httpx. No retries, no redirects, one connection pool per target and
one TLS context for all: a shared pool under load bends TTFT by hundreds of milliseconds.
"""

import asyncio
import ssl
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from time import perf_counter
from types import TracebackType
from typing import Protocol, Self

import httpx

from monitor.domain.calls import Phase, Timings
from monitor.domain.endpoints import Target
from monitor.wire.bodies import BodyError, Decoder
from monitor.wire.breaks import classify_exception, own_stall
from monitor.wire.connect import make_tls_context
from monitor.wire.errors import Fault
from monitor.wire.lag import LoopLag

CONNECT_TIMEOUT_S = 10.0
KEEP_ALIVE_S = 5.0
#: TCP and TLS each have it, so that httpx gives up on them, and tidies up, before the deadline:
#: a handshake that is cancelled from outside leaves its socket open.
_CONNECT_SHARE = 0.45
MAX_CONCURRENT = 16
_EXPECTED = (httpx.HTTPError, httpx.InvalidURL, OSError, UnicodeError, MemoryError, BodyError)


@dataclass(frozen=True, slots=True)
class Request:
    """What is sent. `timeout_s` is for all of it; the headers hold the key and are not shown."""

    method: str
    url: str
    headers: Mapping[str, str] = field(repr=False)
    timeout_s: float
    body: bytes | None = field(default=None, repr=False)
    is_streamed: bool = False

    @property
    def connect_timeout_s(self) -> float:
        """For TCP, and for TLS again."""
        return min(CONNECT_TIMEOUT_S, self.timeout_s * _CONNECT_SHARE)


class Reader(Protocol):
    """Who takes the body while it comes. Whatever the bytes are, no method raises ValueError."""

    @property
    def has_token(self) -> bool:
        """Whether a first token was among the bytes so far."""

    @property
    def is_done(self) -> bool:
        """Whether the answer is complete, so that reading can stop."""

    def start(self, status: int, headers: Mapping[str, str]) -> None:
        """Called once, before the body; header names are lower-case."""

    def feed(self, piece: bytes) -> None:
        """Called with each decoded piece, of at most 64 KiB."""

    def close(self) -> None:
        """Called when the body came to its own end."""


@dataclass(frozen=True, slots=True)
class Exchange:
    """How an exchange went. `fault` is set when something broke it; a status is no fault here."""

    status: int | None
    headers: Mapping[str, str]
    phase: Phase
    timings: Timings
    is_reused: bool | None
    fault: Fault | None


class Transport:
    """The clients of all targets, what they share, and the queue before the clock starts.

    A caller holds `slot` round each exchange, so that waiting for our own turn is never counted
    as the endpoint's time. Who takes one out of `clients` has to close it.
    """

    def __init__(self, limit: int = MAX_CONCURRENT, ca_file: Path | None = None) -> None:
        self.slot = asyncio.Semaphore(min(limit, MAX_CONCURRENT))
        self.tls = make_tls_context(ca_file)
        self._lag = LoopLag()
        self.clients: dict[Target, Client] = {}

    async def __aenter__(self) -> Self:
        await self._warm_up()
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        await self.aclose()

    def client(self, target: Target) -> "Client":
        """The client of a target, the same one each time."""
        if target not in self.clients:
            self.clients[target] = Client(self.tls, self._lag)
        return self.clients[target]

    async def aclose(self) -> None:
        """All connections are closed after it."""
        clients, self.clients = self.clients, {}
        for client in clients.values():
            await client.aclose()
        await self._lag.close()

    async def _warm_up(self) -> None:
        """A first request imports what httpx puts off: 50 ms that no call shall be charged with."""
        async with httpx.AsyncClient(verify=self.tls, trust_env=False) as client:
            with suppress(*_EXPECTED):
                await client.get("http://127.0.0.1:9/", timeout=1.0)


class Client:
    """The connections to one target."""

    def __init__(self, tls: ssl.SSLContext, lag: LoopLag) -> None:
        self._lag = lag
        self._http = httpx.AsyncClient(
            verify=tls,
            follow_redirects=False,
            limits=httpx.Limits(keepalive_expiry=KEEP_ALIVE_S),
            headers={"user-agent": "inferwatch", "accept-encoding": "identity"},
        )

    async def exchange(self, request: Request, reader: Reader) -> Exchange:
        """One request and its answer, fed to the reader as it comes.

        Trouble of the network or the server is a value; only bugs and cancellation are raised.
        """
        progress, fault = _Progress(), None
        with self._lag.watch() as watch:
            progress.started = perf_counter()
            try:
                async with asyncio.timeout(request.timeout_s):
                    await self._perform(request, reader, progress)
            except _EXPECTED as error:
                fault = classify_exception(error, progress.phase, is_streamed=request.is_streamed)
                progress.total_s = progress.elapsed_s()
        fault = own_stall(fault, watch.worst_s, request.connect_timeout_s)
        return progress.exchange(fault, watch.worst_s)

    async def aclose(self) -> None:
        """The connections are closed after it."""
        await self._http.aclose()

    async def _perform(self, request: Request, reader: Reader, progress: "_Progress") -> None:
        async with self._http.stream(
            request.method,
            request.url,
            headers=dict(request.headers),
            content=request.body,
            timeout=httpx.Timeout(request.timeout_s, connect=request.connect_timeout_s),
            extensions={"trace": progress.note},
        ) as response:
            progress.status = response.status_code
            progress.headers = {name.lower(): value for name, value in response.headers.items()}
            reader.start(progress.status, progress.headers)
            await _read(response, reader, progress)


async def _read(response: httpx.Response, reader: Reader, progress: "_Progress") -> None:
    decoder = Decoder(progress.headers.get("content-encoding", ""))
    async for chunk in response.aiter_raw():
        arrived_s = progress.elapsed_s()
        for piece in decoder.decode(chunk):
            reader.feed(piece)
            if reader.has_token and progress.ttft_s is None:
                progress.ttft_s, progress.phase = arrived_s, Phase.FIRST_TOKEN
            if reader.is_done:
                progress.total_s, progress.phase = arrived_s, Phase.DONE
                return
    progress.total_s, progress.phase = progress.elapsed_s(), Phase.DONE
    reader.close()


@dataclass(slots=True)
class _Progress:
    """How far an exchange has come; filled by httpx's trace and by `_read`."""

    started: float = 0.0
    status: int | None = None
    headers: dict[str, str] = field(default_factory=dict)
    phase: Phase = Phase.STARTED
    marks: dict[str, float] = field(default_factory=dict)
    is_reused: bool | None = None
    first_byte_s: float | None = None
    ttft_s: float | None = None
    total_s: float | None = None

    def elapsed_s(self) -> float:
        return perf_counter() - self.started

    async def note(self, name: str, _: object) -> None:
        """The trace of httpx: `connection.connect_tcp.started` and the like, as they happen."""
        self.marks[name] = self.elapsed_s()
        match name:
            case "connection.connect_tcp.complete":
                self.phase = Phase.CONNECTED
            case "connection.start_tls.complete":
                self.phase = Phase.SECURED
            case "http11.send_request_headers.started":
                self.is_reused = "connection.connect_tcp.started" not in self.marks
            case "http11.receive_response_headers.started":
                self.phase = Phase.SENT
            case "http11.receive_response_headers.complete":
                self.phase, self.first_byte_s = Phase.HEADERS, self.marks[name]
            case _:
                pass

    def exchange(self, fault: Fault | None, loop_lag_s: float) -> Exchange:
        return Exchange(
            status=self.status,
            headers=self.headers,
            phase=self.phase,
            timings=Timings(
                connect_s=self._span_s("connection.connect_tcp"),
                tls_s=self._span_s("connection.start_tls"),
                first_byte_s=self.first_byte_s,
                ttft_s=self.ttft_s,
                total_s=self.total_s,
                loop_lag_s=loop_lag_s,
            ),
            is_reused=self.is_reused,
            fault=fault,
        )

    def _span_s(self, name: str) -> float | None:
        start, end = self.marks.get(f"{name}.started"), self.marks.get(f"{name}.complete")
        return None if start is None or end is None else end - start
