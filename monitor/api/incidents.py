"""Incidents: who is at one, what people noted of it, and its post-mortem."""

import asyncio
from collections.abc import Callable
from dataclasses import asdict
from http import HTTPStatus
from secrets import token_hex
from typing import Annotated, Any

from fastapi import FastAPI, Path
from fastapi.responses import JSONResponse
from pydantic import BaseModel, ConfigDict, Field

from monitor.domain.acknowledgements import Acknowledgement
from monitor.domain.notes import (
    MAX_NAME,
    MAX_POST_MORTEM,
    MAX_WORDS,
    Note,
    NoteKind,
    Unsayable,
    read_name,
    read_text,
    read_words,
)
from monitor.runtime.monitor import Monitor
from monitor.services import acknowledgements, notes
from monitor.services.acknowledgements import IncidentOver, UnknownIncident
from monitor.services.notes import KeyTaken, StillOpen
from monitor.storage.engine import DatabaseRefused, Session

Number = Annotated[int, Path(ge=1, lt=2**63)]
Key = Annotated[str, Field(min_length=8, max_length=64, pattern=r"^[A-Za-z0-9._-]+$")]
_VIA = "api"


class SaidBody(BaseModel):
    """Who says it."""

    model_config = ConfigDict(extra="forbid")
    by: Annotated[str, Field(max_length=MAX_NAME)]


class AcknowledgementBody(SaidBody):
    """That somebody is at it, and what he says to it."""

    words: Annotated[str, Field(max_length=MAX_WORDS)] = ""


class NoteBody(SaidBody):
    """A text; with the same `key` it is written once, however often it is sent."""

    text: Annotated[str, Field(max_length=MAX_POST_MORTEM)]
    key: Key | None = None


def register(app: FastAPI, monitor: Monitor) -> None:
    """Add `POST /v1/incidents/{id}/acknowledgements`, `/notes` and `/post-mortems`."""

    @app.post("/v1/incidents/{number}/acknowledgements")
    async def acknowledge(number: Number, body: AcknowledgementBody) -> JSONResponse:
        def say(session: Session) -> JSONResponse:
            now_ms, by, words = monitor.clock.now_ms(), read_name(body.by), read_words(body.words)
            said = Acknowledgement(number, now_ms, by, words, _VIA)
            done = acknowledgements.acknowledge(session, said)
            shown = asdict(done.holding) | {"is_new": done.is_new}
            return JSONResponse(shown, _code(is_new=done.is_new))

        return await _write(monitor, say)

    @app.post("/v1/incidents/{number}/notes")
    async def note(number: Number, body: NoteBody) -> JSONResponse:
        return await _write(monitor, _noting(monitor, number, NoteKind.NOTE, body))

    @app.post("/v1/incidents/{number}/post-mortems")
    async def post_mortem(number: Number, body: NoteBody) -> JSONResponse:
        return await _write(monitor, _noting(monitor, number, NoteKind.POST_MORTEM, body))


def _noting(
    monitor: Monitor, number: int, kind: NoteKind, body: NoteBody
) -> Callable[[Session], JSONResponse]:
    def write(session: Session) -> JSONResponse:
        by, text = read_name(body.by), read_text(kind, body.text)
        key = body.key or token_hex(16)
        written = Note(number, kind, monitor.clock.now_ms(), by, text, key)
        is_new = notes.write(session, written)
        shown: dict[str, Any] = {"key": key, "is_new": is_new}
        return JSONResponse(shown, _code(is_new=is_new))

    return write


def _code(*, is_new: bool) -> HTTPStatus:
    return HTTPStatus.CREATED if is_new else HTTPStatus.OK


async def _write(monitor: Monitor, change: Callable[[Session], JSONResponse]) -> JSONResponse:
    try:
        return await asyncio.wrap_future(monitor.ledger.write(change))
    except UnknownIncident as error:
        return _refuse(error, HTTPStatus.NOT_FOUND)
    except (IncidentOver, StillOpen, KeyTaken) as error:
        return _refuse(error, HTTPStatus.CONFLICT)
    except Unsayable as error:
        return _refuse(error, HTTPStatus.UNPROCESSABLE_ENTITY)
    except DatabaseRefused as error:
        return _refuse(f"{error}; nothing is written, try again", HTTPStatus.SERVICE_UNAVAILABLE)


def _refuse(error: object, code: HTTPStatus) -> JSONResponse:
    return JSONResponse({"error": str(error)}, code)
