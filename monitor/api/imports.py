"""Imports: how far a file was read, told by whoever sends its rows to `/v1/usage`."""

import asyncio
from http import HTTPStatus
from typing import Annotated

from fastapi import FastAPI, Request
from fastapi.responses import JSONResponse
from pydantic import BaseModel, ConfigDict, Field

from monitor.api.events import Count, Name
from monitor.api.usage import Refused, admit_teller
from monitor.domain.imports import Position
from monitor.runtime.monitor import Monitor
from monitor.storage import imports
from monitor.storage.engine import DatabaseRefused


class PositionBody(BaseModel):
    """The first `rows` rows of a file are durable, but for `bad` ones that were not taken."""

    model_config = ConfigDict(extra="forbid")

    digest: Annotated[str, Field(pattern=r"^[0-9a-f]{32}$")]
    name: Name
    rows: Count
    bad: Count
    is_whole: bool


def register(app: FastAPI, monitor: Monitor) -> None:
    """Add `POST /v1/imports`."""

    @app.post("/v1/imports", openapi_extra={"security": [{"bearer": []}]})
    async def note(request: Request, body: PositionBody) -> JSONResponse:
        """Remember how far a file was read, so that its import can go on from there."""
        reached = Position(**body.model_dump() | {"digest": bytes.fromhex(body.digest)})
        now_ms = monitor.clock.now_ms()
        try:
            await admit_teller(monitor, request)
            await asyncio.wrap_future(
                monitor.ledger.write(lambda session: imports.note(session, reached, now_ms))
            )
        except Refused as error:
            return JSONResponse({"error": str(error)}, error.code)
        except DatabaseRefused as error:
            return JSONResponse({"error": str(error)}, HTTPStatus.SERVICE_UNAVAILABLE)
        return JSONResponse({})
