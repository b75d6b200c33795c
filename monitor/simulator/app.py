"""App: the simulator as an ASGI application, one provider under each path prefix.

`GET /{provider}/v1/models`, `GET /{provider}/v1/models/{name}` and
`POST /{provider}/v1/chat/completions`, all with a bearer key that begins `sk-simulated-`. Where
control is allowed, the header `x-simulate: KIND` spoils one request, and `POST /_control` with
`{"provider": ..., "fault": KIND or null}` spoils all of a provider until it is switched back.
"""

import asyncio
import itertools
import time
import uuid
from collections.abc import AsyncIterator, Callable, Iterator
from dataclasses import dataclass

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response, StreamingResponse
from starlette.routing import Route

from monitor.simulator import faults
from monitor.simulator.answers import compose
from monitor.simulator.catalogue import Model, Provider, list_models
from monitor.simulator.chance import draw_normal
from monitor.simulator.chats import Chat, find_model, parse
from monitor.simulator.faults import Fault, FaultKind
from monitor.simulator.frames import HEADERS_SHARE, Frame, Reply, build_frames
from monitor.simulator.gate import admit, find_provider, name_fault
from monitor.simulator.pace import plan
from monitor.simulator.refusals import RefusalError
from monitor.simulator.replies import CutStream, make_headers, refuse, spoil

_BORN_S = 1_750_000_000


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
    """The ASGI application of all three providers."""
    simulator = _Simulator(conditions)
    routes = [
        Route("/{provider}/v1/models", simulator.show_models),
        Route("/{provider}/v1/models/{name}", simulator.show_model),
        Route("/{provider}/v1/chat/completions", simulator.complete, methods=["POST"]),
    ]
    if conditions.allows_control:
        routes.append(Route("/_control", simulator.control, methods=["POST"]))
    return Starlette(routes=routes, exception_handlers={RefusalError: refuse})


class _Simulator:
    """The conditions, and which providers are switched to a fault by hand."""

    def __init__(self, conditions: Conditions) -> None:
        self.conditions = conditions
        self.switched: dict[str, Fault] = {}

    async def show_models(self, request: Request) -> Response:
        provider = admit(request)
        if reply := spoil(self._find_fault(request, provider, None)):
            return reply
        models = [_describe(model) for model in list_models(provider.name)]
        return JSONResponse({"object": "list", "data": models}, headers=make_headers())

    async def show_model(self, request: Request) -> Response:
        provider = admit(request)
        model = find_model(provider.name, request.path_params["name"])
        return JSONResponse(_describe(model), headers=make_headers())

    async def complete(self, request: Request) -> Response:
        started_s = asyncio.get_running_loop().time()
        provider = admit(request)
        chat = parse(await request.body(), provider.name)
        fault = self._find_fault(request, provider, chat.model)
        if reply := spoil(fault):
            return reply
        return await self._answer(chat, fault, started_s)

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

    async def _answer(self, chat: Chat, fault: Fault | None, started_s: float) -> Response:
        kind = fault.kind if fault else None
        reply = self._prepare(chat, fault)
        frames = build_frames(reply, kind)
        first = next(frames)
        headers_s = reply.rhythm.ttft_s * HEADERS_SHARE if chat.is_streamed else first.due_s
        await self._wait(started_s, headers_s)
        response = CutStream if kind is FaultKind.CUT else StreamingResponse
        return response(
            self._send(itertools.chain([first], frames), started_s),
            headers=make_headers(),
            media_type="text/event-stream" if chat.is_streamed else "application/json",
        )

    def _prepare(self, chat: Chat, fault: Fault | None) -> Reply:
        now_ms = self.conditions.now_ms()
        noise = (draw_normal("ttft", chat.prompt), draw_normal("rate", chat.prompt))
        return Reply(
            chat=chat,
            answer=compose(chat, fault.kind if fault else None),
            id=f"chatcmpl-{uuid.uuid4().hex}",
            created_s=now_ms // 1000,
            rhythm=plan(chat.model, now_ms, noise, fault.slowdown if fault else 1.0),
        )

    async def _send(self, frames: Iterator[Frame], started_s: float) -> AsyncIterator[bytes]:
        for frame in frames:
            await self._wait(started_s, frame.due_s)
            yield frame.data

    async def _wait(self, started_s: float, due_s: float) -> None:
        passed_s = asyncio.get_running_loop().time() - started_s
        await asyncio.sleep(max(0.0, due_s * self.conditions.time_scale - passed_s))


def _describe(model: Model) -> dict[str, object]:
    return {
        "id": model.name,
        "object": "model",
        "created": _BORN_S,
        "owned_by": model.provider,
        "context_length": model.context_length,
    }
