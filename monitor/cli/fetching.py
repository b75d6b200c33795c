"""Fetching: small GETs of local servers, for the first start."""

from monitor.domain.endpoints import Flavour, Target
from monitor.services.discovery import Page
from monitor.wire.transport import Request, Transport

_TIMEOUT_S = 1.5


class _Text:
    """Takes the whole body as text."""

    has_token = False
    is_done = False

    def __init__(self) -> None:
        self._body = bytearray()

    def start(self, status: int, headers: object) -> None:
        pass

    def feed(self, piece: bytes) -> None:
        self._body += piece

    def close(self) -> None:
        pass

    def text(self) -> str:
        return self._body.decode("utf-8", "replace")


class LocalFetch:
    """Asks servers on this machine; to be used inside the transport's context."""

    def __init__(self, transport: Transport) -> None:
        self._transport = transport

    async def __call__(self, url: str) -> Page | None:
        """The page at a URL, `None` where nobody answers in time."""
        target = Target("local@none", "local", url, Flavour.OPENAI_CHAT, "none", None)
        reader = _Text()
        request = Request("GET", url, {"accept": "*/*"}, _TIMEOUT_S)
        exchange = await self._transport.client(target).exchange(request, reader)
        if exchange.status is None or exchange.fault is not None:
            return None
        return Page(exchange.status, reader.text())
