"""Budgets: how they stand, and other amounts for a while."""

import asyncio
from collections.abc import Callable
from datetime import UTC
from http import HTTPStatus
from typing import Annotated, Any

from fastapi import FastAPI
from fastapi.responses import JSONResponse
from pydantic import AwareDatetime, BaseModel, ConfigDict, Field

from monitor.domain.budgets import Override
from monitor.domain.secrets import redact
from monitor.domain.windows import instant_ms
from monitor.runtime.monitor import Monitor
from monitor.services import budgets
from monitor.services.budgets import NotOverridden, UnknownBudget
from monitor.storage.engine import DatabaseRefused, Session

Name = Annotated[str, Field(min_length=1, max_length=64, pattern=r"^[A-Za-z0-9._-]+$")]
Line = Annotated[str, Field(max_length=300, pattern=r"^[^\x00-\x1f\x7f]*$")]
Who = Annotated[str, Field(min_length=1, max_length=100, pattern=r"^[^\x00-\x1f\x7f]+$")]


class EndBody(BaseModel):
    """Which budget has the amount of the settings again, and who says so."""

    model_config = ConfigDict(extra="forbid")
    budget: Name
    by: Who


class OverrideBody(EndBody):
    """Another amount, in nano-dollars, until an instant with its offset from UTC."""

    amount_nano_usd: Annotated[int, Field(strict=True, ge=1, le=10**18)]
    until: AwareDatetime
    reason: Line = ""


def register(app: FastAPI, monitor: Monitor) -> None:
    """Add `GET /v1/budgets`, and `POST /v1/budgets/override` and `/v1/budgets/end-override`."""

    @app.get("/v1/budgets")
    async def list_budgets() -> JSONResponse:
        try:
            return JSONResponse(await asyncio.to_thread(_list, monitor))
        except DatabaseRefused as error:
            return _refuse(f"{error}; ask again", HTTPStatus.SERVICE_UNAVAILABLE)

    @app.post("/v1/budgets/override")
    async def override(body: OverrideBody) -> JSONResponse:
        now_ms, until_ms = monitor.clock.now_ms(), instant_ms(body.until.astimezone(UTC))
        if until_ms <= now_ms:
            text = "until is over already; name a time to come"
            return _refuse(text, HTTPStatus.UNPROCESSABLE_ENTITY)
        made = Override(
            body.budget,
            body.amount_nano_usd,
            now_ms,
            until_ms,
            redact(body.by),
            redact(body.reason),
        )
        return await _change(monitor, lambda s: budgets.override(s, made), HTTPStatus.CREATED)

    @app.post("/v1/budgets/end-override")
    async def end_override(body: EndBody) -> JSONResponse:
        now_ms, by = monitor.clock.now_ms(), redact(body.by)
        return await _change(
            monitor, lambda s: budgets.end_override(s, body.budget, by, now_ms), HTTPStatus.OK
        )


async def _change(
    monitor: Monitor, change: Callable[[Session], None], done: HTTPStatus
) -> JSONResponse:
    try:
        await asyncio.wrap_future(monitor.ledger.write(change))
        found = await asyncio.to_thread(_list, monitor)
    except UnknownBudget as error:
        return _refuse(str(error), HTTPStatus.NOT_FOUND)
    except NotOverridden as error:
        return _refuse(str(error), HTTPStatus.CONFLICT)
    except DatabaseRefused as error:
        return _refuse(f"{error}; try again once it does not", HTTPStatus.SERVICE_UNAVAILABLE)
    return JSONResponse(found, done)


def _list(monitor: Monitor) -> list[dict[str, Any]]:
    with monitor.database.reading() as session:
        found = budgets.standing(session, monitor.clock.now_ms())
    return [budgets.describe(each) for each in found]


def _refuse(text: str, code: HTTPStatus) -> JSONResponse:
    return JSONResponse({"error": text}, code)
