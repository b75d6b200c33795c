"""Alerts: test a channel, and send a dead letter again."""

from http import HTTPStatus
from typing import Annotated

from fastapi import FastAPI
from fastapi.responses import JSONResponse
from pydantic import BaseModel, ConfigDict, Field

from monitor.runtime.courier import Courier, NoChannel
from monitor.services.deliveries import NoDeadLetter
from monitor.storage.engine import DatabaseRefused


class TestBody(BaseModel):
    """Which channel."""

    model_config = ConfigDict(extra="forbid")
    channel: Annotated[str, Field(min_length=1, max_length=64)]


class ResendBody(BaseModel):
    """Which dead letter, by its number."""

    model_config = ConfigDict(extra="forbid")
    id: Annotated[int, Field(ge=1, lt=2**63)]


def register(app: FastAPI, courier: Courier) -> None:
    """Add `POST /v1/alerts/tests` and `POST /v1/alerts/resends`."""

    @app.post("/v1/alerts/tests")
    async def test(body: TestBody) -> JSONResponse:
        try:
            refused = await courier.test(body.channel)
        except NoChannel as error:
            return _refuse(error, HTTPStatus.NOT_FOUND)
        except DatabaseRefused as error:
            return _refuse(error, HTTPStatus.SERVICE_UNAVAILABLE)
        reason = None if refused is None else refused.reason
        return JSONResponse({"is_delivered": refused is None, "error": reason})

    @app.post("/v1/alerts/resends")
    async def resend(body: ResendBody) -> JSONResponse:
        try:
            await courier.resend(body.id)
        except NoDeadLetter as error:
            return _refuse(error, HTTPStatus.NOT_FOUND)
        except DatabaseRefused as error:
            return _refuse(error, HTTPStatus.SERVICE_UNAVAILABLE)
        return JSONResponse({"id": body.id}, HTTPStatus.ACCEPTED)


def _refuse(error: Exception, code: HTTPStatus) -> JSONResponse:
    return JSONResponse({"error": str(error)}, code)
