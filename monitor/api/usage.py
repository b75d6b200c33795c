"""Usage: whoever called an LLM tells of it. `docs/ingest.md` is its page for users."""

import asyncio
import json
import zlib
from collections import Counter
from collections.abc import Sequence
from decimal import Decimal, InvalidOperation
from http import HTTPStatus
from typing import Any, Literal, NamedTuple

from fastapi import FastAPI, Request
from fastapi.responses import JSONResponse
from pydantic import BaseModel, ValidationError

from monitor.api.admission import admit
from monitor.api.events import EventBody
from monitor.domain.calls import Origin
from monitor.domain.events import Event
from monitor.domain.tokens import Scope, Token
from monitor.domain.verdicts import Verdict
from monitor.runtime.doorman import NotAdmitted
from monitor.runtime.intake import Taken
from monitor.runtime.monitor import Monitor
from monitor.storage.engine import DatabaseRefused

MAX_BODY_BYTES = 8 * 1024 * 1024
MAX_EVENTS = 1_000
RETRY_AFTER_S = 5
_GZIP = 31
#: Fewer are read quicker than they are handed to a thread.
_AT_ONCE = 20
_TAKEN = frozenset({Verdict.RECORDED, Verdict.FILLED, Verdict.REPEATED})
_ORIGINS = {"api": Origin.API, "recorder": Origin.RECORDER, "import": Origin.IMPORT}


class Problem(BaseModel):
    """An event that was not taken as it was told: its place in the list, its id, and why."""

    index: int
    id: str | None
    verdict: Literal["quarantined", "refused"]
    error: str


class Answer(BaseModel):
    """How many events became what, and those of which something is to be said."""

    recorded: int
    filled: int
    repeated: int
    quarantined: int
    refused: int
    problems: list[Problem]


class Refused(Exception):
    """A request of which nothing is taken."""

    def __init__(self, code: HTTPStatus, text: str) -> None:
        super().__init__(text)
        self.code = code


class Read(NamedTuple):
    """Events as sent, and each as read or with what is wrong with it."""

    sent: list[Any]
    events: list[Event | str]


def register(app: FastAPI, monitor: Monitor) -> None:
    """Add `POST /v1/usage`."""

    @app.post("/v1/usage", openapi_extra=_BODY, responses=_RESPONSES)
    async def tell(request: Request) -> JSONResponse:
        """Tell of one call, or of up to 1,000. What is answered with 200 or 207 is on disk."""
        try:
            origin = _read_origin(request)
            token = await admit_teller(monitor, request)
            read = await _read(request)
            told = [each for each in read.events if isinstance(each, Event)]
            taken = await monitor.intake.take(told, origin, token.name, token.attribution)
        except Refused as error:
            return JSONResponse({"error": str(error)}, error.code)
        except DatabaseRefused as error:
            return _try_again(f"{error}; nothing of it is kept")
        return _answer(read, taken)


def _read_origin(request: Request) -> Origin:
    """Who tells. A declared parameter would take FastAPI a tenth of all a single event takes."""
    source = request.query_params.get("source", "api")
    if source not in _ORIGINS:
        text = f"source {source[:50]!r} is none; these are: {', '.join(_ORIGINS)}"
        raise Refused(HTTPStatus.BAD_REQUEST, text)
    return _ORIGINS[source]


async def admit_teller(monitor: Monitor, request: Request) -> Token:
    """The token that a request comes with. Raises Refused where it may not tell of calls."""
    try:
        return await admit(monitor, request.headers.get("authorization"), Scope.INGEST)
    except NotAdmitted as error:
        code = HTTPStatus.FORBIDDEN if error.is_known else HTTPStatus.UNAUTHORIZED
        raise Refused(code, str(error)) from None


async def _read(request: Request) -> Read:
    """The events of a body. Raises Refused where it is none, or too big."""
    packed = bytearray()
    async for piece in request.stream():
        packed += piece
        if len(packed) > MAX_BODY_BYTES:
            raise _too_big(f"{MAX_BODY_BYTES // 2**20} MiB")
    encoding = request.headers.get("content-encoding", "identity").strip().lower()
    if len(packed) > _AT_ONCE * 1024:
        return await asyncio.to_thread(_parse, packed, encoding)
    return _parse(packed, encoding)


def _parse(packed: bytearray, encoding: str) -> Read:
    try:
        document = json.loads(_inflate(packed, encoding), parse_float=_number, parse_constant=_none)
    except (ValueError, RecursionError):
        raise Refused(HTTPStatus.BAD_REQUEST, "the body is not JSON") from None
    sent = document if isinstance(document, list) else [document]
    if len(sent) > MAX_EVENTS:
        raise _too_big(f"{MAX_EVENTS:,} events")
    return Read(sent, [read_event(each) for each in sent])


def _inflate(packed: bytearray, encoding: str) -> bytes | bytearray:
    if encoding in {"", "identity"}:
        return packed
    if encoding != "gzip":
        raise Refused(HTTPStatus.UNSUPPORTED_MEDIA_TYPE, "send it plain, or packed with gzip")
    inflater = zlib.decompressobj(_GZIP)
    try:
        body = inflater.decompress(packed, MAX_BODY_BYTES)
    except zlib.error:
        raise Refused(HTTPStatus.BAD_REQUEST, "the body is not the gzip that it says") from None
    if inflater.unconsumed_tail:
        raise _too_big(f"{MAX_BODY_BYTES // 2**20} MiB inflated")
    if not inflater.eof:
        raise Refused(HTTPStatus.BAD_REQUEST, "the gzip of the body breaks off")
    return body


def read_event(sent: object) -> Event | str:
    """An event as it was sent, or what is wrong with it."""
    try:
        return EventBody.model_validate(sent).read()
    except ValidationError as error:
        return "; ".join(_spell(each) for each in error.errors(include_url=False)[:3])


def _spell(error: Any) -> str:  # noqa: ANN401 -- pydantic's own kind of dict
    where = ".".join(str(part) for part in error["loc"])
    said = error["msg"].removeprefix("Value error, ")
    return f"{where}: {said}" if where else said


def _answer(read: Read, taken: Sequence[Taken]) -> JSONResponse:
    rest = iter(taken)
    verdicts = [
        Taken(Verdict.REFUSED, each) if isinstance(each, str) else next(rest)
        for each in read.events
    ]
    counts = Counter(each.verdict for each in verdicts)
    problems = [
        {"index": n, "id": _id_of(read.sent[n]), "verdict": verdict, "error": reason}
        for n, (verdict, reason) in enumerate(verdicts)
        if verdict not in _TAKEN
    ]
    if not problems:
        code = HTTPStatus.OK
    elif len(problems) < len(verdicts):
        code = HTTPStatus.MULTI_STATUS
    else:
        code = HTTPStatus.UNPROCESSABLE_ENTITY
    return JSONResponse({each: counts[each] for each in Verdict} | {"problems": problems}, code)


def _id_of(sent: object) -> str | None:
    told = sent.get("id") if isinstance(sent, dict) else None
    return told[:200] if isinstance(told, str) else None


def _too_big(limit: str) -> Refused:
    text = f"the body is over {limit}; send it in parts"
    return Refused(HTTPStatus.REQUEST_ENTITY_TOO_LARGE, text)


def _try_again(text: str) -> JSONResponse:
    headers = {"Retry-After": str(RETRY_AFTER_S)}
    return JSONResponse({"error": text}, HTTPStatus.SERVICE_UNAVAILABLE, headers)


def _number(digits: str) -> Decimal | None:
    try:
        return Decimal(digits)
    except InvalidOperation:
        return None


def _none(_: str) -> None:
    """NaN and Infinity are no JSON, and no number."""


_EVENT = EventBody.model_json_schema()
_BODY: dict[str, Any] = {
    "parameters": [
        {
            "name": "source",
            "in": "query",
            "description": "Who tells.",
            "schema": {"type": "string", "enum": list(_ORIGINS), "default": "api"},
        }
    ],
    "requestBody": {
        "required": True,
        "content": {
            "application/json": {
                "schema": {
                    "oneOf": [
                        _EVENT,
                        {"type": "array", "items": _EVENT, "maxItems": MAX_EVENTS},
                    ]
                }
            }
        },
    },
    "security": [{"bearer": []}],
}
_RESPONSES: dict[int | str, dict[str, Any]] = {
    200: {"model": Answer, "description": "Every event is on disk."},
    207: {"model": Answer, "description": "Some are; `problems` has the others."},
    422: {"model": Answer, "description": "None is."},
    400: {"description": "Not JSON, or not gzip, or of an unknown source."},
    401: {"description": "No token that holds."},
    403: {"description": "A token without the scope `ingest`."},
    413: {"description": "Too long, or too many events."},
    415: {"description": "Another encoding than gzip."},
    503: {"description": "Nothing is kept; send it again after `Retry-After` seconds."},
}
