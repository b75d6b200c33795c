"""Feeds: a source's JSON, fetched within bounds; asked only whether it is new, where we know it.

Whatever a server sends, what comes back is a document or a sentence that says what went wrong.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC
from email.utils import parsedate_to_datetime
from http import HTTPStatus
from typing import Any

from monitor.domain.endpoints import Flavour, Target
from monitor.domain.windows import instant_ms
from monitor.wire.bodies import BodyError, parse
from monitor.wire.transport import Request, Transport

MAX_BYTES = 16 * 1024 * 1024
#: LiteLLM's table has some hundred thousand; each takes about a hundred bytes of memory.
MAX_VALUES = 1_000_000
TIMEOUT_S = 60.0
_MAX_ETAG = 200
NO_HEADERS: Mapping[str, str] = {}


@dataclass(frozen=True, slots=True)
class Fetched:
    """What came. `body` is `None` where nothing is new, or where `problem` says what is wrong.

    `modified_ms` is when the source says that it was changed.
    """

    body: bytearray | None = None
    etag: str | None = None
    modified_ms: int | None = None
    problem: str | None = None


class _Body:
    """Takes a body in, and stops at the bound."""

    has_token = False

    def __init__(self) -> None:
        self.bytes = bytearray()

    @property
    def is_done(self) -> bool:
        return len(self.bytes) > MAX_BYTES

    def start(self, status: int, headers: Mapping[str, str]) -> None:
        """Nothing to do."""

    def feed(self, piece: bytes) -> None:
        self.bytes += piece

    def close(self) -> None:
        """Nothing to do: the body is what it is."""


async def fetch(
    transport: Transport, url: str, etag: str | None = None, more: Mapping[str, str] = NO_HEADERS
) -> Fetched:
    """The body at a URL, unless it is the one of that ETag still; asked with more headers."""
    headers = {"accept": "application/json", **more} | ({"if-none-match": etag} if etag else {})
    target = Target("prices@feed", "feed", url, Flavour.OPENAI_CHAT, "feed", None)
    reader = _Body()
    request = Request("GET", url, headers, TIMEOUT_S, max_body_bytes=2 * MAX_BYTES)
    async with transport.slot:
        exchange = await transport.client(target).exchange(request, reader)
    await transport.clients.pop(target).aclose()
    if exchange.fault is not None:
        why = exchange.fault.excerpt or exchange.fault.outcome.value
        return Fetched(problem=f"it could not be fetched: {why}")
    if exchange.status == HTTPStatus.NOT_MODIFIED and etag:
        return Fetched(etag=etag)
    if exchange.status != HTTPStatus.OK:
        return Fetched(problem=f"it answers with status {exchange.status}, not 200")
    if len(reader.bytes) > MAX_BYTES:
        return Fetched(problem=f"it is over {MAX_BYTES // 1024**2} MiB")
    told = exchange.headers.get("etag", "")
    is_fit = told.isascii() and told.isprintable() and 0 < len(told) <= _MAX_ETAG
    return Fetched(reader.bytes, told if is_fit else None, _modified_ms(exchange.headers))


def read_json(body: bytes | bytearray) -> Any:  # noqa: ANN401
    """A document, dollars as Decimal. Raises ValueError("what is wrong")."""
    try:
        return parse(body, MAX_VALUES)
    except BodyError as error:
        raise ValueError(f"is {error}") from None


def _modified_ms(headers: Mapping[str, str]) -> int | None:
    try:
        when = parsedate_to_datetime(headers.get("last-modified", ""))
        return instant_ms((when if when.tzinfo else when.replace(tzinfo=UTC)).astimezone(UTC))
    except (ValueError, OverflowError):
        return None
