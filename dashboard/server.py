"""Server: what stands before the pages. Who may ask, what a browser may do, what it may keep."""

import gzip
from collections import OrderedDict
from collections.abc import Callable
from http import HTTPStatus
from urllib.parse import urlsplit

from starlette.datastructures import Headers, MutableHeaders
from starlette.responses import PlainTextResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from monitor.domain.invitations import PREFIX

_LOOPBACK = frozenset({"localhost", "127.0.0.1", "::1"})
_NOT_HERE = "This dashboard answers only as localhost; open it by that name.\n"
_ELSEWHERE = "This was asked by a page of another site; open the dashboard itself.\n"
#: What the link of a message opens, by its signature.
_SIGNED = PREFIX
_NO_FORM = "This takes JSON; a form of whatever page can send anything else.\n"
_READING = frozenset({"GET", "HEAD", "OPTIONS"})
_FOR_EVER = "public, max-age=31536000, immutable"
_SECURITY = {
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=()",
}


class Guard:
    """Answers only requests for this host, of no other site's page; says what pages may do.

    `home` is the origin (`https://watch.example.com`) by which a proxy in front is reached, if
    there is one: its pages are ours, under whatever name it asks. By that name itself only the
    links of messages are answered.
    """

    def __init__(self, app: ASGIApp, policy: Callable[[], str], home: Callable[[], str]) -> None:
        self.app = app
        self._policy, self._home = policy, home

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] not in {"http", "websocket"}:
            await self.app(scope, receive, send)
            return
        headers = Headers(scope=scope)
        if not (_is_loopback(headers.get("host", "")) or self._is_invited(scope, headers)):
            await _refuse(scope, receive, send, HTTPStatus.MISDIRECTED_REQUEST, _NOT_HERE)
        elif _changes(scope) and not self._is_own_page(headers):
            await _refuse(scope, receive, send, HTTPStatus.FORBIDDEN, _ELSEWHERE)
        elif _changes(scope) and _is_form(scope, headers):
            await _refuse(scope, receive, send, HTTPStatus.UNSUPPORTED_MEDIA_TYPE, _NO_FORM)
        else:
            await self.app(scope, receive, self._with_headers(scope, send))

    def _is_invited(self, scope: Scope, headers: Headers) -> bool:
        """Whether the link of a message was opened, by the name that it has in there."""
        is_signed = scope["type"] == "http" and scope["path"].startswith(_SIGNED)
        return is_signed and headers.get("host", "").lower() == _authority(self._home())

    def _is_own_page(self, headers: Headers) -> bool:
        """Whether a page of ours asks. A browser says whose page it is; a program need not."""
        origin, site = headers.get("origin"), headers.get("sec-fetch-site")
        if origin is None:
            return site in {None, "same-origin", "none"}
        return _authority(origin) == headers.get("host") or origin == self._home()

    def _with_headers(self, scope: Scope, send: Send) -> Send:
        async def send_guarded(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                headers.update(_SECURITY)
                headers["Content-Security-Policy"] = self._policy()
                is_kept = _is_fingerprinted(scope) and message["status"] == HTTPStatus.OK
                headers["Cache-Control"] = _FOR_EVER if is_kept else "no-store"
            await send(message)

        return send_guarded


def _is_loopback(host: str) -> bool:
    try:
        return urlsplit(f"//{host}").hostname in _LOOPBACK
    except ValueError:
        return False


def _authority(origin: str) -> str | None:
    """The host and port of an origin: `null` has none."""
    scheme, _, authority = origin.partition("://")
    return authority if scheme in {"http", "https"} else None


def _changes(scope: Scope) -> bool:
    """Whether a request may change something: all that browsers send for a page, but to read."""
    return scope["type"] == "websocket" or scope["method"] not in _READING


def _is_form(scope: Scope, headers: Headers) -> bool:
    """Whether a request could be the form of another site, of a browser that does not say whose."""
    is_json = headers.get("content-type", "").startswith("application/json")
    return scope["type"] == "http" and not is_json and not scope["path"].startswith(_SIGNED)


def _is_fingerprinted(scope: Scope) -> bool:
    path: str = scope["path"]
    is_asset = path.startswith("/assets/") and scope["query_string"].startswith(b"m=")
    return is_asset or (path.startswith("/_dash-component-suites/") and ".v" in path)


async def _refuse(
    scope: Scope, receive: Receive, send: Send, status: HTTPStatus, text: str
) -> None:
    if scope["type"] == "websocket":
        await send({"type": "websocket.close", "code": 4003})
    else:
        await PlainTextResponse(text, status)(scope, receive, send)


class Index:
    """Sends Dash's one document for every address that is not one of its own files.

    An address that is no page gets it with the status 404.
    """

    _OWN = ("/_", "/assets/", "/healthz", "/readyz", _SIGNED)

    def __init__(self, app: ASGIApp, is_page: Callable[[str], bool]) -> None:
        self.app = app
        self._is_page = is_page

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or scope["path"].startswith(self._OWN):
            await self.app(scope, receive, send)
            return
        status = 200 if self._is_page(scope["path"]) else 404

        async def send_index(message: Message) -> None:
            is_start = message["type"] == "http.response.start"
            is_found = is_start and message["status"] == HTTPStatus.OK
            await send({**message, "status": status} if is_found else message)

        await self.app({**scope, "path": "/", "raw_path": b"/"}, receive, send_index)


class Compressed:
    """Sends texts gzipped; what is fingerprinted is compressed once and kept.

    Everything Dash sends is whole in one or few messages, so bodies are gathered.
    """

    _KEPT = 64
    _SMALL = 1_024

    def __init__(self, app: ASGIApp) -> None:
        self.app = app
        self._kept: OrderedDict[tuple[str, bytes], bytes] = OrderedDict()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or "gzip" not in Headers(scope=scope).get("accept-encoding", ""):
            await self.app(scope, receive, send)
            return
        start: Message = {}
        body = bytearray()

        async def gather(message: Message) -> None:
            if message["type"] == "http.response.start":
                start.update(message)
                return
            body.extend(message.get("body", b""))
            if not message.get("more_body", False):
                await self._answer(scope, send, start, bytes(body))

        await self.app(scope, receive, gather)

    async def _answer(self, scope: Scope, send: Send, start: Message, body: bytes) -> None:
        headers = MutableHeaders(raw=list(start["headers"]))
        if len(body) >= self._SMALL and "content-encoding" not in headers:
            body = self._compress(scope, body)
            headers["Content-Encoding"] = "gzip"
            headers["Content-Length"] = str(len(body))
            headers.add_vary_header("Accept-Encoding")
        await send({**start, "headers": headers.raw})
        await send({"type": "http.response.body", "body": body})

    def _compress(self, scope: Scope, body: bytes) -> bytes:
        if not _is_fingerprinted(scope):
            return gzip.compress(body, 4)
        key = (scope["path"], scope["query_string"])
        if key not in self._kept:
            self._kept[key] = gzip.compress(body, 6)
        if len(self._kept) > self._KEPT:
            self._kept.popitem(last=False)
        return self._kept[key]
