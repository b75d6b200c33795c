"""Watch: one call while it passes, and the event that tells of it afterwards."""

import json
import os
import re
import time
from collections import deque
from contextlib import suppress
from itertools import islice
from typing import Any, Final

from monitor.recorder.attribution import Labels, key_of, labels_of
from monitor.recorder.flavours import Operation, Told, find_operation
from monitor.recorder.frames import MAX_BYTES, Frames, Whole, frames_for, parse
from monitor.recorder.guard import harmless
from monitor.recorder.inflating import Inflate, inflater_for
from monitor.recorder.verdicts import CUT, UNKNOWN, outcome_of, outcome_of_finish

#: Documents longer than this are read by the thread that delivers, not by the program's.
_QUICK_BYTES: Final = 32 * 1024
_ERROR_CHARS: Final = 4096
_NAME_CHARS: Final = 200
_MAX_TAGS: Final = 20
_MAX_COUNTERS: Final = 100
_URL_CHARS: Final = 2000
_OK: Final = range(200, 300)
_STATUSES: Final = range(100, 600)
_MODEL: Final = re.compile(rb'"model"\s*:\s*"([^"\\]{1,200})"')
_REQUEST_IDS: Final = ("x-request-id", "request-id", "x-generation-id", "x-goog-request-id")


class Watch:
    """What was seen of one call so far. Memory is bounded whatever passes."""

    def __init__(self, request: Any, operation: Operation, defaults: Labels) -> None:  # noqa: ANN401
        self.id = os.urandom(16).hex()
        self._operation = operation
        self._told = Told(operation.flavour)
        self._labels = labels_of(request, defaults)
        self._key = key_of(request)
        self._base = f"{request.url.scheme}://{request.url.netloc.decode()}{operation.base_path}"
        self._asked = _asked(request)
        self._status: int | None = None
        self._request_id: str | None = None
        self._content_type = ""
        self._frames: Frames | None = None
        self._inflate: Inflate | None = None
        self._is_streamed = False
        self._later: deque[bytes] = deque(maxlen=2)
        self._outcome: str | None = None
        self._is_over = False
        self._first_byte_s: float | None = None
        self._ttft_s: float | None = None
        self._total_s: float | None = None
        self._started_ms = time.time_ns() // 1_000_000
        self._start = time.perf_counter()

    @property
    def is_over(self) -> bool:
        return self._is_over

    def answer(self, response: Any) -> None:  # noqa: ANN401
        """Status and headers are there."""
        headers, self._status = response.headers, int(response.status_code)
        self._request_id = next((headers[it] for it in _REQUEST_IDS if it in headers), None)
        self._content_type = headers.get("content-type", "") if self._status in _OK else ""

    def expect_stream(self, response: Any) -> None:  # noqa: ANN401
        """The body will pass in pieces from now on."""
        self._first_byte_s = self._elapsed_s()
        self._inflate = inflater_for(response.headers.get("content-encoding", ""))
        self._frames = frames_for(self._content_type)
        self._is_streamed = not isinstance(self._frames, Whole)

    def see(self, piece: bytes) -> None:
        """A piece of the body passes."""
        if self._frames is None or self._inflate is None:
            return
        for document in self._frames.feed(self._inflate(piece)):
            self._read(document)
        if self._is_streamed and self._ttft_s is None and self._told.has_token:
            self._ttft_s = self._elapsed_s()

    def end(self, body: bytes | None = None) -> None:
        """The answer is through, as a whole body where it was none in pieces."""
        self._stop()
        if body is not None:
            self._frames = frames_for(self._content_type)
            for document in self._frames.feed(body):
                self._read(document)
        elif self._is_streamed:
            self._outcome = CUT  # unless an end was told: see `settle`

    def leave(self) -> None:
        """The program read no further; whether that was the end, the answer says."""
        self._stop()
        self._outcome = UNKNOWN

    def fail(self, error: BaseException) -> None:
        """It raised."""
        self._stop()
        self._outcome = outcome_of(error, is_answered=self._status is not None)

    def settle(self) -> dict[str, Any]:
        """The event. Reads what was put off."""
        self._close_frames()
        told, asked = self._told, self._asked
        if told.is_ended and self._outcome in {CUT, UNKNOWN}:
            self._outcome = None
        is_whole = self._outcome is None
        event = {
            "id": self.id,
            "started_ms": self._started_ms,
            "url": self._base[:_URL_CHARS],
            "flavour": self._operation.flavour.name,
            "model": _visible(self._operation.model or model_in(asked) or told.model) or UNKNOWN,
            "served_model": _visible(told.model),
            "response_id": _visible(told.id),
            "request_id": _visible(self._request_id),
            "finish_reason": _visible(told.finish),
            "http_status": self._status if self._status in _STATUSES else None,
            "service_tier": _visible(told.tier),
            "outcome": self._outcome or outcome_of_finish(told.finish),
            "error": self._excerpt(),
            "usage_reported": _first(told.usage) if is_whole else None,
            **self._times(),
            **self._whose(),
        }
        return {name: value for name, value in event.items() if value is not None}

    def _read(self, document: bytes) -> None:
        if len(document) > _QUICK_BYTES:
            self._later.append(document)
        else:
            self._told.take(parse(document))

    def _close_frames(self) -> None:
        for document in (*self._later, *(self._frames.close() if self._frames else ())):
            parsed = parse(document)
            if self._status not in _OK:
                self._told.error = parsed
            else:
                self._told.take(parsed)
        self._later.clear()
        self._frames = None

    def _stop(self) -> None:
        self._is_over = True
        self._total_s = self._elapsed_s()

    def _elapsed_s(self) -> float:
        return time.perf_counter() - self._start

    def _times(self) -> dict[str, float | int | None]:
        spans = ("first_byte_s", self._first_byte_s), ("ttft_s", self._ttft_s)
        total_s = self._total_s or 0.0
        rounded = {name: None if s is None else round(min(s, total_s), 6) for name, s in spans}
        ended_ms = self._started_ms + round(total_s * 1000)
        return {**rounded, "total_s": round(total_s, 6), "ended_ms": ended_ms}

    def _whose(self) -> dict[str, Any]:
        said = {name: _word(getattr(self._labels, name)) for name in _LABELS}
        named = list(self._labels.tags.items())[:_MAX_TAGS]
        tags = {
            shown: worth
            for name, value in named
            if (shown := _word(name)) and (worth := _word(value))
        }
        return {**said, "tags": tags or None}

    def _excerpt(self) -> str | None:
        """The error as it came, shortened, without the key that was sent."""
        if not self._told.error:
            return None
        error = self._told.error
        text = error if isinstance(error, str) else json.dumps({"error": error} | _as_object(error))
        return (text.replace(self._key, "[key]") if self._key else text)[:_ERROR_CHARS]


_LABELS: Final = ("team", "project", "app", "app_title", "user", "key")


@harmless
def begin(request: Any, defaults: Labels) -> Watch | None:  # noqa: ANN401
    """A watch over a request that asks a model; `None` for any other."""
    if request.method != "POST":
        return None
    operation = find_operation(request.url.host, request.url.path)
    return None if operation is None else Watch(request, operation, defaults)


def model_in(asked: bytes) -> str | None:
    """The model that a request's body names."""
    if len(asked) <= MAX_BYTES and asked.startswith(b"{"):
        with suppress(ValueError, RecursionError):
            named = json.loads(asked).get("model")
            return _visible(named)
    found = _MODEL.search(asked)
    return _visible(found[1].decode("utf-8", "replace")) if found else None


def _asked(request: Any) -> bytes:  # noqa: ANN401
    """The request's body where it lies in memory anyway; of a long one, where models are named."""
    try:
        content: bytes = request.content
    except Exception:  # noqa: BLE001 - a body that is streamed has not been read
        return b""
    return content if len(content) <= MAX_BYTES else content[:2048] + content[-2048:]


def _as_object(error: object) -> dict[str, Any]:
    """An error's document, where it is one already; so it is not wrapped twice."""
    is_whole = isinstance(error, dict) and ("error" in error or error.get("type") == "error")
    return dict(error) if is_whole and isinstance(error, dict) else {}


def _first(counters: dict[str, Any] | None) -> dict[str, Any] | None:
    return None if counters is None else dict(islice(counters.items(), _MAX_COUNTERS))


def _word(label: object) -> str | None:
    """A label as text: a program may well number its users."""
    return None if label is None else _visible(str(label))


def _visible(value: object) -> str | None:
    """One short line of what can be seen."""
    if not isinstance(value, str):
        return None
    return "".join(each for each in value if each.isprintable()).strip()[:_NAME_CHARS] or None
