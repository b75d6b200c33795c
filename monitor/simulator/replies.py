"""Replies: the answers that are no model's: errors, foreign pages, silence."""

from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, Response, StreamingResponse
from starlette.types import Receive, Scope, Send

from monitor.simulator.catalogue import PROVIDERS, Provider
from monitor.simulator.faults import Fault, FaultKind
from monitor.simulator.flavours import FLAVOURS
from monitor.simulator.refusals import REFUSALS, RefusalError, refuse_body, refuse_fault

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


async def answer_refusal(request: Request, error: Exception) -> Response:
    """Answer a `RefusalError` in the provider's way."""
    if not isinstance(error, RefusalError):
        raise error
    provider = PROVIDERS.get(request.url.path.split("/")[1], PROVIDERS["aurora"])
    flavour = FLAVOURS[provider.style]
    rejection = flavour.reject(error.refusal, provider)
    headers = {**flavour.make_headers(), **rejection.headers}
    return JSONResponse(rejection.body, rejection.status, headers=headers)


def spoil(fault: Fault | None, provider: Provider) -> Response | None:
    """The answer of a fault that leaves nothing of the real one; raises `RefusalError`."""
    if fault is None:
        return None
    flavour = FLAVOURS[provider.style]
    if fault.kind in flavour.unknown_faults:
        raise RefusalError(refuse_body(f"{provider.name} never fails with {fault.kind}"))
    if fault.kind in REFUSALS:
        raise RefusalError(refuse_fault(fault.kind))
    if fault.kind in PAGES:
        status, page = PAGES[fault.kind]
        return HTMLResponse(page, status, headers=flavour.make_headers())
    return Silence() if fault.kind is FaultKind.HANG else None
