"""Transport: one HTTP exchange, timed by phases and bounded in time and memory.

The only module that knows httpx. No redirects, no cookies, and no retries but of a request that a
closed connection cannot have delivered. One connection pool per target and one TLS context for
all: a shared pool under load bends TTFT by hundreds of milliseconds.
"""

import asyncio
import ssl
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from http.cookiejar import CookieJar, DefaultCookiePolicy
from pathlib import Path
from types import TracebackType
from typing import Protocol, Self

import httpx

from monitor.domain.calls import Phase, Timings
from monitor.domain.endpoints import Target
from monitor.wire.bodies import MAX_BODY_BYTES, BodyError, Decoder
from monitor.wire.breaks import classify_exception, own_stall
from monitor.wire.connect import make_tls_context
from monitor.wire.errors import Fault
from monitor.wire.intake import Intake, IntakeBackend, StaleConnection
from monitor.wire.lag import LoopLag
from monitor.wire.progress import Progress

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
    max_body_bytes: int = MAX_BODY_BYTES

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
        """Called with each decoded piece, of at most 32 KiB."""

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
            self.clients[target] = self.make_client()
        return self.clients[target]

    def make_client(self) -> "Client":
        """A client of its own, for who is no target; whoever asks closes it."""
        return Client(self.tls, self._lag)

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
            cookies=CookieJar(DefaultCookiePolicy(allowed_domains=[])),
        )
        _bound_intake(self._http)

    async def exchange(self, request: Request, reader: Reader) -> Exchange:
        """One request and its answer, fed to the reader as it comes.

        Trouble of the network or the server is a value; only bugs and cancellation are raised.
        What is reported is the attempt that got through: a stale one was nobody's fault.
        """
        with self._lag.watch() as watch:
            attempt = None
            while attempt is None:  # a new connection is never stale
                attempt = await self._attempt(request, reader)
        progress, fault = attempt
        return Exchange(
            status=progress.status,
            headers=progress.headers,
            phase=progress.phase,
            timings=progress.timings(watch.worst_s),
            is_reused=progress.is_reused,
            fault=own_stall(fault, watch.worst_s, request.connect_timeout_s),
        )

    async def aclose(self) -> None:
        """The connections are closed after it."""
        await self._http.aclose()

    async def _attempt(
        self, request: Request, reader: Reader
    ) -> tuple[Progress, Fault | None] | None:
        """How it went; `None` where a stale connection was tried."""
        progress = Progress()
        try:
            async with asyncio.timeout(request.timeout_s):
                await self._perform(request, reader, progress)
        except StaleConnection:
            return None
        except _EXPECTED as error:
            progress.total_s = progress.elapsed_s()
            return progress, classify_exception(
                error, progress.phase, is_streamed=request.is_streamed
            )
        return progress, None

    async def _perform(self, request: Request, reader: Reader, progress: Progress) -> None:
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
            await _read(response, reader, progress, request.max_body_bytes)


def _bound_intake(http: httpx.AsyncClient) -> None:
    """Puts bounds on all connections, those to a proxy of the environment too.

    httpx has no argument for its pools' network; what it is pinned to has these names.
    """
    for transport in (http._transport, *http._mounts.values()):  # noqa: SLF001
        if isinstance(transport, httpx.AsyncHTTPTransport):
            pool = transport._pool  # noqa: SLF001
            pool._network_backend = IntakeBackend(pool._network_backend)  # noqa: SLF001


async def _read(
    response: httpx.Response, reader: Reader, progress: Progress, max_bytes: int
) -> None:
    decoder = Decoder(progress.headers.get("content-encoding", ""), max_bytes)
    _relieve(response)
    async for chunk in response.aiter_raw():
        _relieve(response)
        arrived_s = progress.elapsed_s()
        for piece in decoder.decode(chunk):
            reader.feed(piece)
            if reader.has_token and progress.ttft_s is None:
                progress.ttft_s, progress.phase = arrived_s, Phase.FIRST_TOKEN
            if reader.is_done:
                progress.total_s, progress.phase = arrived_s, Phase.DONE
                return
            if len(chunk) < len(piece):
                await asyncio.sleep(0)  # much may come of little: others have their turn
    progress.total_s, progress.phase = progress.elapsed_s(), Phase.DONE
    reader.close()


def _relieve(response: httpx.Response) -> None:
    """Something has come of what was read. After a 101 the connection is no longer ours."""
    stream = response.extensions["network_stream"]
    if isinstance(stream, Intake):
        stream.relieve()
