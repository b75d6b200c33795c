"""Repricings: calls priced anew by the prices known now, and the way back."""

import asyncio
from collections.abc import Callable
from dataclasses import asdict
from datetime import UTC, datetime
from http import HTTPStatus
from typing import Annotated

from fastapi import FastAPI
from fastapi.responses import JSONResponse
from pydantic import AwareDatetime, BaseModel, ConfigDict, Field

from monitor.api.prices import Line
from monitor.domain.secrets import redact
from monitor.domain.windows import Window, instant_ms
from monitor.runtime.monitor import Monitor
from monitor.services import prices
from monitor.services.prices import NothingPriced
from monitor.services.repricing import CannotUndo, Repricing, Scope, Undoing
from monitor.storage.engine import DatabaseRefused, Session


class RepricingBody(BaseModel):
    """Whose calls: an endpoint's or a model's, or everybody's; `start` up to before `end`."""

    model_config = ConfigDict(extra="forbid")
    by: Line
    start: AwareDatetime
    end: AwareDatetime
    name: Line | None = None

    @property
    def window(self) -> Window:
        """The same in milliseconds."""
        return Window(_instant_ms(self.start), _instant_ms(self.end))


class UndoBody(BaseModel):
    """The number of a repricing."""

    model_config = ConfigDict(extra="forbid")
    id: Annotated[int, Field(ge=1)]


def register(app: FastAPI, monitor: Monitor) -> None:
    """Add `POST /v1/repricings` and `POST /v1/repricings/undo`."""

    @app.post("/v1/repricings")
    async def reprice(body: RepricingBody) -> JSONResponse:
        try:
            with monitor.database.reading() as session:
                numbers = tuple(prices.endpoints_of(session, body.name).values())
            scope = Scope(numbers, body.window)
            made = Repricing(scope, redact(body.by), monitor.clock.now_ms())
            await asyncio.to_thread(_run, monitor, made.step)
        except NothingPriced as error:
            return JSONResponse({"error": str(error)}, HTTPStatus.NOT_FOUND)
        except DatabaseRefused as error:
            return _refused(error)
        return JSONResponse({"id": made.id} | asdict(made.difference), HTTPStatus.CREATED)

    @app.post("/v1/repricings/undo")
    async def undo(body: UndoBody) -> JSONResponse:
        undoing = Undoing(body.id, monitor.clock.now_ms())
        try:
            await asyncio.to_thread(_run, monitor, undoing.step)
        except CannotUndo as error:
            return JSONResponse({"error": str(error)}, HTTPStatus.CONFLICT)
        except DatabaseRefused as error:
            return _refused(error)
        return JSONResponse({"id": body.id} | asdict(undoing.difference))


def _run(monitor: Monitor, step: Callable[[Session], bool]) -> None:
    """Steps are taken in turn with the calls that come meanwhile."""
    while monitor.ledger.write(step).result():
        pass


def _refused(error: DatabaseRefused) -> JSONResponse:
    text = f"{error}; what was done until then stands, and all sums agree: ask again"
    return JSONResponse({"error": text}, HTTPStatus.SERVICE_UNAVAILABLE)


def _instant_ms(when: datetime) -> int:
    return instant_ms(when.astimezone(UTC))
