"""Checks: probe an endpoint now, record it, and tell what was found."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from http import HTTPStatus

from fastapi import FastAPI
from fastapi.responses import JSONResponse
from pydantic import BaseModel, ConfigDict

from monitor.services.checks import describe_recorded
from monitor.services.pauses import Paused
from monitor.services.rounds import Probed
from monitor.storage.engine import Database


class CheckBody(BaseModel):
    """What is to be checked: the id of an endpoint of the settings."""

    model_config = ConfigDict(extra="forbid")
    endpoint: str


def register(
    app: FastAPI,
    check: Callable[[str], Awaitable[Probed]],
    database: Database,
    endpoints: Callable[[], Sequence[str]],
) -> None:
    """Add `POST /v1/checks`."""

    @app.post("/v1/checks")
    async def run_check(body: CheckBody) -> JSONResponse:
        try:
            probed = await check(body.endpoint)
        except KeyError:
            known = ", ".join(endpoints()) or "none"
            text = f"endpoint {body.endpoint!r} is not watched; these are: {known}"
            return JSONResponse({"error": text}, HTTPStatus.NOT_FOUND)
        except Paused as error:
            return JSONResponse({"error": str(error)}, HTTPStatus.CONFLICT)
        found = await asyncio.to_thread(describe_recorded, database, probed.call, probed.receipt)
        return JSONResponse(found, HTTPStatus.CREATED)
