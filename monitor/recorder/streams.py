"""Streams: bytes pass, are seen, and go on as they came."""

from collections.abc import AsyncIterator, Iterator
from functools import lru_cache
from typing import Any

from monitor.recorder.courier import hand_over
from monitor.recorder.guard import harmless
from monitor.recorder.watch import Watch


class _Tap:
    """Stands before a response's stream; what is asked of it beyond its bytes, the stream says."""

    _watch: Watch | None = None

    def __init__(self, stream: Any, watch: Watch) -> None:  # noqa: ANN401
        self._stream = stream
        self._watch = watch

    def __getattr__(self, name: str) -> Any:  # noqa: ANN401
        if name.startswith("_"):
            raise AttributeError(name)
        return getattr(self._stream, name)

    def __del__(self) -> None:
        leave(self._watch)


class SyncTap(_Tap):
    def __iter__(self) -> Iterator[bytes]:
        try:
            for piece in self._stream:
                see(self._watch, piece)
                yield piece
        except GeneratorExit:
            leave(self._watch)
            raise
        except BaseException as error:
            fail(self._watch, error)
            raise
        end(self._watch)

    def close(self) -> None:
        leave(self._watch)
        self._stream.close()


class AsyncTap(_Tap):
    async def __aiter__(self) -> AsyncIterator[bytes]:
        stream = self._stream.__aiter__()
        try:
            async for piece in stream:
                see(self._watch, piece)
                yield piece
        except GeneratorExit:
            leave(self._watch)
            raise
        except BaseException as error:
            fail(self._watch, error)
            raise
        finally:
            if hasattr(stream, "aclose"):
                await stream.aclose()
        end(self._watch)

    async def aclose(self) -> None:
        leave(self._watch)
        await self._stream.aclose()


@harmless
def answer(watch: Watch | None, response: Any, *, is_async: bool) -> None:  # noqa: ANN401
    """A response came: read through already, or with a stream that is tapped from now on."""
    if watch is None:
        return
    watch.answer(response)
    body = _body_of(response)
    if body is not None:
        watch.end(body)
        hand_over(watch)
    else:
        watch.expect_stream(response)
        response.stream = _tap_class(is_async, _base_of(response.stream, is_async=is_async))(
            response.stream, watch
        )


@harmless
def see(watch: Watch | None, piece: bytes) -> None:
    if watch is not None:
        watch.see(piece)


@harmless
def end(watch: Watch | None) -> None:
    if watch is not None and not watch.is_over:
        watch.end()
        hand_over(watch)


@harmless
def leave(watch: Watch | None) -> None:
    if watch is not None and not watch.is_over:
        watch.leave()
        hand_over(watch)


@harmless
def fail(watch: Watch | None, error: BaseException) -> None:
    if watch is not None and not watch.is_over:
        watch.fail(error)
        hand_over(watch)


def _body_of(response: Any) -> bytes | None:  # noqa: ANN401
    """The body where it has been read; asking for one that has not raises."""
    try:
        body: bytes = response.content
    except Exception:  # noqa: BLE001 - each library raises its own
        return None
    return body


def _base_of(stream: object, *, is_async: bool) -> type:
    """The class that the library wants its streams to be of."""
    name = "AsyncByteStream" if is_async else "SyncByteStream"
    return next(kind for kind in type(stream).__mro__ if kind.__name__ == name)


@lru_cache(maxsize=8)
def _tap_class(is_async: bool, base: type) -> Any:  # noqa: ANN401, FBT001
    tap = AsyncTap if is_async else SyncTap
    return type(tap.__name__, (tap, base), {})
