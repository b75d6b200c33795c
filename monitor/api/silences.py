"""Silences: hold alerts for a while, and let go of them again."""

from datetime import UTC
from http import HTTPStatus
from typing import Annotated, Any, Literal

from fastapi import FastAPI
from fastapi.responses import JSONResponse
from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, model_validator

from monitor.api.pauses import Line, Who
from monitor.domain.alerts import AlertKind
from monitor.domain.secrets import redact
from monitor.domain.silences import Scope, Silence
from monitor.domain.windows import instant_ms
from monitor.runtime.monitor import Monitor
from monitor.services import silences
from monitor.services.silences import NotSilenced, UnknownScope
from monitor.storage import silences as rows
from monitor.storage.engine import DatabaseRefused, Session

_NAMES = ("alert", "endpoint", "provider", "kind", "all")
Number = Annotated[int, Field(ge=1, lt=2**63)]


class SilenceBody(BaseModel):
    """What is silenced, by whom and why; until when, or until what fails now is over."""

    model_config = ConfigDict(extra="forbid")
    alert: Number | None = None
    endpoint: str | None = None
    provider: str | None = None
    kind: AlertKind | None = None
    all: Literal[True] | None = None
    by: Who
    reason: Line = ""
    until: AwareDatetime | None = None
    until_recovered: Literal[True] | None = None

    @model_validator(mode="after")
    def _demand_one(self) -> "SilenceBody":
        if sum(getattr(self, name) is not None for name in _NAMES) != 1:
            raise ValueError(f"name one of {', '.join(_NAMES)}")
        if (self.until is None) == (self.until_recovered is None):
            raise ValueError("name one of until and until_recovered")
        return self

    @property
    def scope(self) -> Scope:
        """The same for the floors below."""
        return Scope(self.alert, self.endpoint, self.provider, self.kind)

    @property
    def until_ms(self) -> int | None:
        """The instant at which it ends, if it has one."""
        return None if self.until is None else instant_ms(self.until.astimezone(UTC))


class UnsilenceBody(BaseModel):
    """Which silence ends, by its number, and by whom."""

    model_config = ConfigDict(extra="forbid")
    id: Number
    by: Who


def register(app: FastAPI, monitor: Monitor) -> None:
    """Add `GET` and `POST /v1/silences`, and `POST /v1/unsilences`."""

    @app.get("/v1/silences")
    def list_silences() -> list[dict[str, Any]]:
        with monitor.database.reading() as session:
            return _list(session)

    @app.post("/v1/silences")
    def silence(body: SilenceBody) -> JSONResponse:
        now_ms, until_ms = monitor.clock.now_ms(), body.until_ms
        if until_ms is not None and until_ms <= now_ms:
            text = "until is over already; name a time to come"
            return _refuse(text, HTTPStatus.UNPROCESSABLE_ENTITY)
        made = Silence(body.scope, now_ms, until_ms, redact(body.by), redact(body.reason))
        try:
            silences.demand_known(made.scope, monitor.settings.endpoints)
            monitor.ledger.write(lambda session: silences.silence(session, made)).result()
        except UnknownScope as error:
            return _refuse(str(error), HTTPStatus.NOT_FOUND)
        except DatabaseRefused as error:
            return _refuse(f"{error}; nothing is silenced", HTTPStatus.SERVICE_UNAVAILABLE)
        return JSONResponse(list_silences(), HTTPStatus.CREATED)

    @app.post("/v1/unsilences")
    def unsilence(body: UnsilenceBody) -> JSONResponse:
        now_ms, by = monitor.clock.now_ms(), redact(body.by)
        try:
            monitor.ledger.write(
                lambda session: silences.unsilence(session, body.id, by, now_ms)
            ).result()
        except NotSilenced as error:
            return _refuse(str(error), HTTPStatus.NOT_FOUND)
        except DatabaseRefused as error:
            return _refuse(f"{error}; the silence holds", HTTPStatus.SERVICE_UNAVAILABLE)
        return JSONResponse(list_silences())


def _list(session: Session) -> list[dict[str, Any]]:
    """The silences that hold, as JSON; instants are UTC milliseconds."""
    return [describe(number, each) for number, each in rows.holding(session).items()]


def describe(number: int, silence: Silence) -> dict[str, Any]:
    """A silence as JSON; without `until_ms` it ends with its alert."""
    return {
        "id": number,
        "scope": silence.scope._asdict(),
        "made_ms": silence.made_ms,
        "until_ms": silence.until_ms,
        "by": silence.by,
        "reason": silence.reason,
    }


def _refuse(text: str, code: HTTPStatus) -> JSONResponse:
    return JSONResponse({"error": text}, code)
