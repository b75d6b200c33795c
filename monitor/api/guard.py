"""Guard: who may ask the monitor what; never a page in a browser.

Programs on this machine may ask for everything. Other machines, by a name that the settings allow,
tell of calls and read, each with a token of that scope; whether it lives they may ask without one.
Pauses, prices, restores and what else changes the monitor is for its own machine.
"""

from http import HTTPStatus
from ipaddress import IPv6Address, ip_address
from urllib.parse import urlsplit

from starlette.datastructures import Headers
from starlette.responses import JSONResponse
from starlette.types import ASGIApp, Receive, Send
from starlette.types import Scope as Asked

from monitor.api.admission import admit
from monitor.domain.tokens import Scope
from monitor.runtime.doorman import NotAdmitted
from monitor.runtime.monitor import Monitor
from monitor.storage.engine import DatabaseRefused

_OWN_NAMES = frozenset({"localhost", "127.0.0.1", "::1"})
_OPEN = frozenset({"/healthz", "/readyz"})
#: They demand a token by themselves, on this machine too.
_GUARDED = frozenset({"/v1/usage"})
_READING = frozenset({"GET", "HEAD"})
#: How a browser marks what another site's page asks for, also where it names no origin.
_ELSEWHERE = frozenset({"cross-site", "same-site"})


class Guard:
    """Refuses names that are not ours (DNS rebinding), web pages, and others without a token."""

    def __init__(self, app: ASGIApp, monitor: Monitor) -> None:
        self._app, self._monitor = app, monitor

    async def __call__(self, scope: Asked, receive: Receive, send: Send) -> None:
        if scope["type"] == "http":
            refusal = await self._refuse(scope, Headers(scope=scope))
            if refusal is not None:
                await refusal(scope, receive, send)
                return
        await self._app(scope, receive, send)

    async def _refuse(self, asked: Asked, headers: Headers) -> JSONResponse | None:
        name, is_here = _name_of(headers.get("host", "")), _is_here(asked.get("client"))
        is_ours = is_here and name in _OWN_NAMES
        if not is_ours and name not in self._monitor.settings.allowed_hosts:
            return _say(_unknown(name), HTTPStatus.MISDIRECTED_REQUEST)
        if "origin" in headers or headers.get("sec-fetch-site") in _ELSEWHERE:
            text = "the monitor answers no web pages; ask it without an Origin header"
            return _say(text, HTTPStatus.FORBIDDEN)
        return None if is_ours else await self._weigh(asked, headers.get("authorization"))

    async def _weigh(self, asked: Asked, authorization: str | None) -> JSONResponse | None:
        """Why another machine may not ask for this."""
        path, is_reading = asked["path"], asked["method"] in _READING
        if path in _GUARDED or (is_reading and path in _OPEN):
            return None
        if not is_reading:
            text = "from another machine calls are told and figures read; do this on the monitor's"
            return _say(f"{text} own machine", HTTPStatus.FORBIDDEN)
        try:
            await admit(self._monitor, authorization, Scope.READ)
        except NotAdmitted as error:
            known, unknown = HTTPStatus.FORBIDDEN, HTTPStatus.UNAUTHORIZED
            return _say(str(error), known if error.is_known else unknown)
        except DatabaseRefused as error:
            return _say(str(error), HTTPStatus.SERVICE_UNAVAILABLE)
        return None


def _unknown(name: str | None) -> str:
    if name is None or name in _OWN_NAMES:
        return "the monitor answers as localhost only on its own machine; ask it by its name"
    return (
        f"the monitor does not answer as {name[:200]!r}; ask it as localhost on its own machine, "
        "or add the name to allowed_hosts, under monitor, in its settings"
    )


def _is_here(client: tuple[str, int] | None) -> bool:
    """Whether a peer is this machine itself."""
    try:
        address = ip_address(client[0] if client else "")
    except ValueError:
        return False
    mapped = address.ipv4_mapped if isinstance(address, IPv6Address) else None
    return (mapped or address).is_loopback


def _say(text: str, code: HTTPStatus) -> JSONResponse:
    return JSONResponse({"error": text}, code)


def _name_of(host: str) -> str | None:
    try:
        name = urlsplit(f"//{host}").hostname
    except ValueError:
        return None
    return None if name is None else name.rstrip(".")
