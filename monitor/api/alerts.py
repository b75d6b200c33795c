"""Alerts: test a channel, switch it on again, and send a dead letter again."""

from collections.abc import Awaitable
from http import HTTPStatus
from typing import Annotated, TypeVar

from fastapi import FastAPI
from fastapi.responses import JSONResponse
from pydantic import BaseModel, ConfigDict, Field

from monitor.runtime.switchboard import NoChannel, Switchboard, UnderTest
from monitor.services.deliveries import ChannelOff, NoDeadLetter
from monitor.storage.engine import DatabaseRefused

T = TypeVar("T")


class ChannelBody(BaseModel):
    """Which channel."""

    model_config = ConfigDict(extra="forbid")
    channel: Annotated[str, Field(min_length=1, max_length=64)]


class ResendBody(BaseModel):
    """Which dead letter, by its number."""

    model_config = ConfigDict(extra="forbid")
    id: Annotated[int, Field(ge=1, lt=2**63)]


def register(app: FastAPI, switchboard: Switchboard) -> None:
    """Add `POST /v1/alerts/tests`, `/enablings` and `/resends`."""

    @app.post("/v1/alerts/tests")
    async def test(body: ChannelBody) -> JSONResponse:
        async def ask() -> JSONResponse:
            refused = await switchboard.test(body.channel)
            reason = None if refused is None else refused.reason
            return JSONResponse({"is_delivered": refused is None, "error": reason})

        return await _answer(ask())

    @app.post("/v1/alerts/enablings")
    async def enable(body: ChannelBody) -> JSONResponse:
        async def ask() -> JSONResponse:
            await switchboard.enable(body.channel)
            return JSONResponse({"channel": body.channel})

        return await _answer(ask())

    @app.post("/v1/alerts/resends")
    async def resend(body: ResendBody) -> JSONResponse:
        async def ask() -> JSONResponse:
            await switchboard.resend(body.id)
            return JSONResponse({"id": body.id}, HTTPStatus.ACCEPTED)

        return await _answer(ask())


async def _answer(asked: Awaitable[JSONResponse]) -> JSONResponse:
    try:
        return await asked
    except (NoChannel, NoDeadLetter) as error:
        return _refuse(error, HTTPStatus.NOT_FOUND)
    except (UnderTest, ChannelOff) as error:
        return _refuse(error, HTTPStatus.CONFLICT)
    except DatabaseRefused as error:
        return _refuse(error, HTTPStatus.SERVICE_UNAVAILABLE)


def _refuse(error: Exception, code: HTTPStatus) -> JSONResponse:
    return JSONResponse({"error": str(error)}, code)
