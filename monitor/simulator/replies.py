"""Replies: the answers that are no plain JSON body, and the headers that all of them carry."""

import uuid

from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, Response, StreamingResponse
from starlette.types import Receive, Scope, Send

from monitor.simulator.catalogue import PROVIDERS
from monitor.simulator.faults import Fault, FaultKind
from monitor.simulator.refusals import REFUSALS, RefusalError

REQUESTS_PER_MINUTE = 10_000
PAGES = {
    FaultKind.HTML: (200, "<!doctype html><title>Sign in</title><h1>Guest network</h1>"),
    FaultKind.GATEWAY: (502, "<html><h1>502 Bad Gateway</h1><hr>edge</html>"),
}


class CutStream(StreamingResponse):
    """A response that never ends its body, on which the server closes the connection."""

    async def stream_response(self, send: Send) -> None:
        start = {"status": self.status_code, "headers": self.raw_headers}
        await send({"type": "http.response.start", **start})
        async for data in self.body_iterator:
            await send({"type": "http.response.body", "body": data, "more_body": True})


class Silence(Response):
    """No status line, no byte, until the client goes away."""

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:  # noqa: ARG002 (ASGI)
        while (await receive())["type"] != "http.disconnect":
            pass


async def refuse(request: Request, error: Exception) -> Response:
    """Answer a `RefusalError` with its envelope, in the provider's way."""
    if not isinstance(error, RefusalError):
        raise error
    provider = PROVIDERS.get(request.path_params.get("provider", ""), PROVIDERS["aurora"])
    refusal = error.refusal
    return JSONResponse(
        refusal.build_envelope(provider),
        refusal.status,
        headers=make_headers() | refusal.headers,
    )


def spoil(fault: Fault | None) -> Response | None:
    """The answer of a fault that leaves nothing of the real one; raises `RefusalError`."""
    if fault is None:
        return None
    if fault.kind in REFUSALS:
        raise RefusalError(REFUSALS[fault.kind])
    if fault.kind in PAGES:
        status, page = PAGES[fault.kind]
        return HTMLResponse(page, status, headers=make_headers())
    return Silence() if fault.kind is FaultKind.HANG else None


def make_headers() -> dict[str, str]:
    """The request id, new each time, and the rate limit."""
    return {
        "x-request-id": f"req_{uuid.uuid4().hex}",
        "x-ratelimit-limit-requests": f"{REQUESTS_PER_MINUTE}",
        "x-ratelimit-remaining-requests": f"{REQUESTS_PER_MINUTE - 1}",
        "x-ratelimit-reset-requests": "6ms",
    }
