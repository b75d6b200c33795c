"""Pauses: let endpoints be, and probe them again."""

from dataclasses import asdict
from datetime import UTC
from http import HTTPStatus
from typing import Annotated, Any, Literal

from fastapi import FastAPI
from fastapi.responses import JSONResponse
from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, model_validator

from monitor.domain.pauses import Pause, Scope
from monitor.domain.secrets import redact
from monitor.domain.windows import instant_ms
from monitor.runtime.monitor import Monitor
from monitor.services import pauses
from monitor.services.pauses import NotPaused, Resumed, UnknownScope
from monitor.storage.engine import DatabaseRefused

Line = Annotated[str, Field(max_length=300, pattern=r"^[^\x00-\x1f\x7f]*$")]
Who = Annotated[str, Field(min_length=1, max_length=100, pattern=r"^[^\x00-\x1f\x7f]+$")]


class ScopeBody(BaseModel):
    """Of whom it is said: one endpoint, one provider, or all; and by whom."""

    model_config = ConfigDict(extra="forbid")
    endpoint: str | None = None
    provider: str | None = None
    all: Literal[True] | None = None
    by: Who

    @model_validator(mode="after")
    def _demand_one(self) -> "ScopeBody":
        if sum(each is not None for each in (self.endpoint, self.provider, self.all)) != 1:
            raise ValueError("name one of endpoint, provider and all")
        return self

    @property
    def scope(self) -> Scope:
        """The same for the floors below."""
        return Scope(self.endpoint, self.provider)


class PauseBody(ScopeBody):
    """A pause to come; `until` with its offset from UTC, or never."""

    until: AwareDatetime | None = None
    reason: Line = ""


def register(app: FastAPI, monitor: Monitor) -> None:
    """Add `GET` and `POST /v1/pauses`, and `POST /v1/resumes`."""

    @app.get("/v1/pauses")
    async def list_pauses() -> list[dict[str, Any]]:
        return [describe(pause) for pause in monitor.arranged.pauses]

    @app.post("/v1/pauses")
    async def pause(body: PauseBody) -> JSONResponse:
        now_ms = monitor.clock.now_ms()
        until_ms = None if body.until is None else instant_ms(body.until.astimezone(UTC))
        if until_ms is not None and until_ms <= now_ms:
            return _refuse("until is over already; name a time to come", _UNPROCESSABLE)
        made = Pause(body.scope, now_ms, until_ms, redact(body.by), redact(body.reason))
        try:
            pauses.demand_known(made.scope, monitor.settings.endpoints)
            await monitor.rearrange(change=lambda session: pauses.pause(session, made))
        except UnknownScope as error:
            return _refuse(str(error), HTTPStatus.NOT_FOUND)
        except DatabaseRefused as error:
            return _refuse(f"{error}; nothing is paused", HTTPStatus.SERVICE_UNAVAILABLE)
        return JSONResponse(await list_pauses(), HTTPStatus.CREATED)

    @app.post("/v1/resumes")
    async def resume(body: ScopeBody) -> JSONResponse:
        resumed = Resumed(body.scope, redact(body.by), monitor.clock.now_ms())
        watched = monitor.settings.endpoints
        try:
            pauses.demand_known(resumed.scope, watched)
            await monitor.rearrange(change=lambda s: pauses.resume(s, resumed, watched))
        except UnknownScope as error:
            return _refuse(str(error), HTTPStatus.NOT_FOUND)
        except NotPaused as error:
            return _refuse(str(error), HTTPStatus.CONFLICT)
        except DatabaseRefused as error:
            return _refuse(f"{error}; nothing is resumed", HTTPStatus.SERVICE_UNAVAILABLE)
        return JSONResponse(await list_pauses())


_UNPROCESSABLE = HTTPStatus.UNPROCESSABLE_ENTITY


def describe(pause: Pause) -> dict[str, Any]:
    """A pause as JSON; instants are UTC milliseconds."""
    return asdict(pause) | {"scope": pause.scope._asdict()}


def _refuse(text: str, code: HTTPStatus) -> JSONResponse:
    return JSONResponse({"error": text}, code)
