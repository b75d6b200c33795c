"""What the program sees is the same with a recorder, and with one that is broken everywhere."""

import asyncio
import gc
import gzip
import importlib
import inspect
import json
import pkgutil
from collections.abc import AsyncIterator, Callable, Iterator
from contextvars import copy_context
from types import FunctionType
from typing import Any

import httpx
import httpx2
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import monitor.recorder
from monitor.recorder import courier, record, tagged
from monitor.recorder.guard import harmless
from monitor.recorder.streams import AsyncTap, SyncTap

URL = "http://provider.test/v1/chat/completions"
LIBRARIES = [httpx, httpx2]
CHUNK = b'data: {"id":"c1","choices":[{"delta":{"content":"hi"}}],"usage":{"prompt_tokens":1}}\n\n'
#: What a program can ask of a body.
READS: list[Callable[[Any], Any]] = [
    lambda response: list(response.iter_raw()),
    lambda response: list(response.iter_bytes(7)),
    lambda response: list(response.iter_lines()),
    lambda response: next(response.iter_raw(), None),
    lambda response: response.read(),
]


@pytest.fixture(autouse=True)
def no_strays(own_courier: courier.Courier) -> Iterator[None]:
    """Streams that were dropped half read are this test's calls, and not the next one's."""
    assert own_courier
    yield
    gc.collect()


class Break(RuntimeError):
    """What a provider's connection dies of."""


def make_streams(library: Any, pieces: list[bytes], *, dies: bool) -> Any:  # noqa: ANN401
    """A body that comes in those pieces, and may die after them, for either kind of client."""

    class Body(library.SyncByteStream, library.AsyncByteStream):  # type: ignore[misc]
        def __iter__(self) -> Iterator[bytes]:
            yield from pieces
            if dies:
                raise Break

        async def __aiter__(self) -> AsyncIterator[bytes]:
            for piece in pieces:
                yield piece
            if dies:
                raise Break

    return Body()


def make_transport(library: Any, pieces: list[bytes], *, dies: bool, **headers: str) -> Any:  # noqa: ANN401
    def answer(request: Any) -> Any:  # noqa: ANN401
        kind = {"content-type": "text/event-stream"} | headers
        body = make_streams(library, pieces, dies=dies)
        return library.Response(200, headers=kind, stream=body, request=request)

    return library.MockTransport(answer)


def attempt(action: Callable[[], Any]) -> Any:  # noqa: ANN401
    """What comes of it, an exception too."""
    try:
        return action()
    except Exception as error:  # noqa: BLE001
        return type(error), str(error)


def see(library: Any, transport: Any, *, is_recorded: bool) -> list[Any]:  # noqa: ANN401
    """All that a program sees of a stream, by a client of that library, sync and async."""
    seen = []
    made = library.Client(transport=transport)
    with tagged(team="b"), record(made, team="a") if is_recorded else made as client:
        for read in READS:

            def ask(read: Callable[[Any], Any] = read) -> Any:  # noqa: ANN401
                with client.stream("POST", URL, json={"model": "m"}) as response:
                    return read(response), response.status_code, dict(response.headers)

            seen.append(attempt(ask))
        seen.append(attempt(lambda: client.post(URL, json={"model": "m"}).text))
    seen.append(
        attempt(lambda: asyncio.run(see_async(library, transport, is_recorded=is_recorded)))
    )
    return seen


async def see_async(library: Any, transport: Any, *, is_recorded: bool) -> list[bytes]:  # noqa: ANN401
    made = library.AsyncClient(transport=transport)
    async with (
        record(made) if is_recorded else made as client,
        client.stream("POST", URL, json={"model": "m"}) as response,
    ):
        return [piece async for piece in response.aiter_raw()]


@pytest.mark.parametrize("library", LIBRARIES, ids=lambda it: it.__name__)
@given(pieces=st.lists(st.binary(max_size=40) | st.just(CHUNK), max_size=6), dies=st.booleans())
@settings(max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_bytes_and_exceptions_are_the_same_whatever_passes(
    library: Any,  # noqa: ANN401
    own_courier: courier.Courier,
    pieces: list[bytes],
    dies: bool,  # noqa: FBT001
) -> None:
    assert own_courier
    transport = make_transport(library, pieces, dies=dies)

    assert see(library, transport, is_recorded=True) == see(library, transport, is_recorded=False)


def list_inner_functions() -> Iterator[tuple[Any, str]]:
    """Whatever works inside the recorder, as owner and name, but for the guard and its guarded.

    The taps' own methods are the pipe itself.
    """
    for found in pkgutil.iter_modules(monitor.recorder.__path__, "monitor.recorder."):
        module = importlib.import_module(found.name)
        owners = [module, *(it for it in vars(module).values() if inspect.isclass(it))]
        for owner in owners:
            is_own = owner is module or owner.__module__ == found.name
            if is_own and owner not in {SyncTap, AsyncTap} and not found.name.endswith(".guard"):
                yield from ((owner, name) for name in vars(owner) if breaks(owner, name))


def breaks(owner: Any, name: str) -> bool:  # noqa: ANN401
    function = vars(owner)[name]
    is_pipe = name in {"record", "flush", "tagged", "__del__", "__getattr__"}
    return isinstance(function, FunctionType) and not is_pipe


def fail(*_: object, **__: object) -> Any:  # noqa: ANN401
    raise ZeroDivisionError("broken on purpose")


@pytest.mark.parametrize("library", LIBRARIES, ids=lambda it: it.__name__)
def test_a_recorder_that_is_broken_anywhere_is_not_noticed(
    library: Any,  # noqa: ANN401
    own_courier: courier.Courier,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    transport = make_transport(library, [CHUNK, CHUNK], dies=False)
    healthy = see(library, transport, is_recorded=False)
    functions = list(list_inner_functions())
    noticed = []
    for owner, name in functions:
        is_guarded = hasattr(vars(owner)[name], "__wrapped__")
        with monkeypatch.context() as patch:
            patch.setattr(owner, name, harmless(fail) if is_guarded else fail)
            if copy_context().run(see, library, transport, is_recorded=True) != healthy:
                noticed.append(name)
    own_courier.flush(5)

    assert not noticed
    assert len(functions) > 70


@pytest.mark.parametrize("library", LIBRARIES, ids=lambda it: it.__name__)
@pytest.mark.parametrize(
    ("encoding", "squeeze"), [("gzip", gzip.compress), ("deflate", __import__("zlib").compress)]
)
def test_a_compressed_stream_stays_so_and_is_read_all_the_same(
    library: Any,  # noqa: ANN401
    listener: Any,  # noqa: ANN401
    encoding: str,
    squeeze: Callable[[bytes], bytes],
) -> None:
    told = {"id": "c1", "model": "m-1", "choices": [], "usage": {"prompt_tokens": 3}}
    squeezed = squeeze(b"data: " + json.dumps(told).encode() + b"\n\ndata: [DONE]\n\n")
    transport = make_transport(
        library, [squeezed[:9], squeezed[9:]], dies=False, **{"content-encoding": encoding}
    )
    with (
        record(library.Client(transport=transport)) as client,
        client.stream("POST", URL, json={"model": "m"}) as response,
    ):
        raw = b"".join(response.iter_raw())
    monitor.recorder.flush(30)

    assert raw == squeezed
    assert [event["usage_reported"] for event in listener.events] == [{"prompt_tokens": 3}]
