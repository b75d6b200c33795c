"""Guard: who may ask the monitor. Programs on this machine; never a page in a browser."""

from http import HTTPStatus
from urllib.parse import urlsplit

from starlette.datastructures import Headers
from starlette.responses import JSONResponse
from starlette.types import ASGIApp, Receive, Scope, Send

_OWN_NAMES = frozenset({"localhost", "127.0.0.1", "::1"})


class Guard:
    """Refuses requests for other hosts (DNS rebinding) and those that a web page sends."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http":
            headers = Headers(scope=scope)
            refusal = _refuse(headers.get("host", ""), headers.get("origin"))
            if refusal is not None:
                await refusal(scope, receive, send)
                return
        await self._app(scope, receive, send)


def _refuse(host: str, origin: str | None) -> JSONResponse | None:
    if _name_of(host) not in _OWN_NAMES:
        text = "the monitor answers only as localhost; ask it by that name, on this machine"
        return JSONResponse({"error": text}, HTTPStatus.MISDIRECTED_REQUEST)
    if origin is not None:
        text = "the monitor answers no web pages; ask it without an Origin header"
        return JSONResponse({"error": text}, HTTPStatus.FORBIDDEN)
    return None


def _name_of(host: str) -> str | None:
    try:
        return urlsplit(f"//{host}").hostname
    except ValueError:
        return None
