"""App: the simulator as an ASGI application, one provider under each path prefix.

A provider speaks one wire API, at the paths of the original below its own name: aurora's chat is
`POST /aurora/v1/chat/completions`, dusk's `POST /dusk/v1/messages`. Keys begin `sk-simulated-` and
travel in the original's header. Where control is allowed, the header `x-simulate: KIND` spoils one
request, and `POST /_control` with `{"provider": ..., "fault": KIND or null}` spoils all of a
provider until it is switched back.
"""

import asyncio
import itertools
import time
import uuid
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from dataclasses import dataclass
from functools import partial

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response, StreamingResponse
from starlette.routing import Route

from monitor.simulator import faults
from monitor.simulator.answers import compose
from monitor.simulator.catalogue import PROVIDERS, Model, Provider, list_models
from monitor.simulator.chance import draw_normal
from monitor.simulator.chats import Asked, Chat, check, find_model, read_object
from monitor.simulator.events import HEADERS_SHARE, Document, Reply
from monitor.simulator.faults import Fault, FaultKind
from monitor.simulator.flavours import FLAVOURS
from monitor.simulator.frames import Frame, build_frames
from monitor.simulator.gate import admit, find_provider, name_fault
from monitor.simulator.operations import Operation
from monitor.simulator.pace import plan
from monitor.simulator.refusals import Reason, RefusalError, refuse, refuse_body
from monitor.simulator.replies import CutStream, answer_refusal, spoil


def read_clock() -> int:
    """The current instant in UTC milliseconds."""
    return time.time_ns() // 1_000_000


@dataclass(frozen=True, slots=True)
class Conditions:
    """How the simulator runs. `time_scale` multiplies every wait; 0 answers at once."""

    is_scripted: bool = True
    allows_control: bool = False
    time_scale: float = 1.0
    now_ms: Callable[[], int] = read_clock


def build_app(conditions: Conditions) -> Starlette:
    """The ASGI application of all providers."""
    simulator = _Simulator(conditions)
    routes = [route for provider in PROVIDERS.values() for route in simulator.list_routes(provider)]
    if conditions.allows_control:
        routes.append(Route("/_control", simulator.control, methods=["POST"]))
    routes.append(Route("/{provider}/{rest:path}", _miss, methods=["GET", "POST"]))
    app = Starlette(routes=routes, exception_handlers={RefusalError: answer_refusal})
    app.router.redirect_slashes = False
    return app


async def _miss(request: Request) -> Response:
    find_provider(request.path_params["provider"])
    raise RefusalError(refuse(Reason.NO_PATH, path=f"{request.method} {request.url.path}"))


def _answering(show: Callable[[Request], Response]) -> Callable[[Request], Awaitable[Response]]:
    async def answer(request: Request) -> Response:
        return show(request)

    return answer


class _Simulator:
    """The conditions, and which providers are switched to a fault by hand."""

    def __init__(self, conditions: Conditions) -> None:
        self.conditions = conditions
        self.switched: dict[str, Fault] = {}

    def list_routes(self, provider: Provider) -> Iterator[Route]:
        flavour = FLAVOURS[provider.style]
        root = f"/{provider.name}{flavour.prefix}"
        for operation in flavour.operations:
            converse = partial(self.converse, provider, operation)
            yield Route(f"{root}{operation.path}", converse, methods=["POST"])
        for path, page in flavour.pages.items():
            yield Route(f"{root}{path}", partial(self.show_page, provider, page))
        for path, page in flavour.public_pages.items():
            shown = partial(self._show, provider, page, is_public=True)
            yield Route(f"{root}{path}", _answering(shown))
        path = f"{root}{flavour.listing.path}"
        yield Route(path, partial(self.show_models, provider))
        yield Route(f"{path}/{{name:path}}", partial(self.show_model, provider))

    async def show_models(self, provider: Provider, request: Request) -> Response:
        listing = FLAVOURS[provider.style].listing
        page = listing.write(list_models(provider.name), request.query_params)
        return self._show(provider, page, request, is_public=listing.is_public)

    async def show_page(self, provider: Provider, page: Document, request: Request) -> Response:
        return self._show(provider, page, request)

    def _show(
        self, provider: Provider, page: Document, request: Request, *, is_public: bool = False
    ) -> Response:
        if not is_public:
            admit(request, provider)
        if reply := spoil(self._find_fault(request, provider, None), provider):
            return reply
        return JSONResponse(page, headers=FLAVOURS[provider.style].make_headers())

    async def show_model(self, provider: Provider, request: Request) -> Response:
        admit(request, provider)
        flavour = FLAVOURS[provider.style]
        model = find_model(provider.name, request.path_params["name"])
        return JSONResponse(flavour.listing.describe(model), headers=flavour.make_headers())

    async def converse(
        self, provider: Provider, operation: Operation, request: Request
    ) -> Response:
        started_s = asyncio.get_running_loop().time()
        admit(request, provider)
        chat = await _read(request, provider, operation)
        fault = self._find_fault(request, provider, chat.model)
        if reply := spoil(fault, provider):
            return reply
        return await self._answer(operation, self._prepare(chat, fault), fault, started_s)

    async def control(self, request: Request) -> Response:
        wish = await request.json()
        provider = find_provider(wish.get("provider"))
        fault = name_fault(wish.get("fault"))
        self.switched.pop(provider.name, None)
        if fault:
            self.switched[provider.name] = fault
        return JSONResponse({name: fault.kind for name, fault in self.switched.items()})

    def _find_fault(
        self, request: Request, provider: Provider, model: Model | None
    ) -> Fault | None:
        if self.conditions.allows_control and "x-simulate" in request.headers:
            return name_fault(request.headers["x-simulate"])
        if provider.name in self.switched:
            return self.switched[provider.name]
        if not self.conditions.is_scripted:
            return None
        return faults.at(provider.name, model.name if model else None, self.conditions.now_ms())

    async def _answer(
        self, operation: Operation, reply: Reply, fault: Fault | None, started_s: float
    ) -> Response:
        kind = fault.kind if fault else None
        frames = build_frames(operation, reply, kind)
        first = next(frames)
        is_streamed = reply.chat.is_streamed
        await self._wait(
            started_s, reply.rhythm.ttft_s * HEADERS_SHARE if is_streamed else first.due_s
        )
        response = CutStream if kind is FaultKind.CUT else StreamingResponse
        return response(
            self._send(itertools.chain([first], frames), started_s),
            headers=FLAVOURS[reply.provider.style].make_headers(),
            media_type=operation.framing.media_type if is_streamed else "application/json",
        )

    def _prepare(self, chat: Chat, fault: Fault | None) -> Reply:
        now_ms = self.conditions.now_ms()
        noise = (draw_normal("ttft", chat.prompt), draw_normal("rate", chat.prompt))
        kind = fault.kind if fault else None
        return Reply(
            chat=chat,
            answer=compose(chat, kind),
            id=uuid.uuid4().hex,
            created_s=now_ms // 1000,
            rhythm=plan(chat.model, now_ms, noise, fault.slowdown if fault else 1.0),
            has_usage=chat.wants_usage and kind is not FaultKind.NO_USAGE,
        )

    async def _send(self, frames: Iterator[Frame], started_s: float) -> AsyncIterator[bytes]:
        for frame in frames:
            await self._wait(started_s, frame.due_s)
            yield frame.data

    async def _wait(self, started_s: float, due_s: float) -> None:
        passed_s = asyncio.get_running_loop().time() - started_s
        await asyncio.sleep(max(0.0, due_s * self.conditions.time_scale - passed_s))


async def _read(request: Request, provider: Provider, operation: Operation) -> Chat:
    """The chat in a request; raises `RefusalError` where the API would refuse it."""
    body = read_object(await request.body())
    asked = Asked(provider, body, request.path_params, request.query_params, request.headers)
    try:
        chat = operation.read(asked)
        check(chat)
    except (LookupError, TypeError, AttributeError) as error:
        what = f"The request lacks a field or has it in another form: {error!r}."
        raise RefusalError(refuse_body(what)) from error
    return chat
