"""Maintenance: declare windows, list them, and end those that people declared."""

from dataclasses import asdict
from datetime import UTC
from http import HTTPStatus
from typing import Annotated, Any

from fastapi import FastAPI
from fastapi.responses import JSONResponse
from pydantic import AwareDatetime, BaseModel, ConfigDict, Field

from monitor.api.pauses import Line, ScopeBody, Who
from monitor.domain.recurrence import HORIZON_MS, name_window
from monitor.domain.secrets import redact
from monitor.domain.windows import Window, instant_ms
from monitor.runtime.monitor import Monitor
from monitor.services import maintenance, pauses
from monitor.services.maintenance import FileOwned, UnknownWindow
from monitor.services.pauses import UnknownScope
from monitor.storage.engine import DatabaseRefused
from monitor.storage.maintenance import UnknownScope as Unregistered
from monitor.storage.queries import maintenance as queries


class WindowBody(ScopeBody):
    """A window to come; without `from` it begins now."""

    from_: Annotated[AwareDatetime | None, Field(alias="from")] = None
    until: AwareDatetime
    reason: Line = ""


class EndBody(BaseModel):
    """Which window ends, by its number, and by whom."""

    model_config = ConfigDict(extra="forbid")
    id: Annotated[int, Field(ge=1, lt=2**63)]
    by: Who


def register(app: FastAPI, monitor: Monitor) -> None:
    """Add `GET` and `POST /v1/maintenance`, and `POST /v1/maintenance/endings`."""

    @app.get("/v1/maintenance")
    def list_windows() -> list[dict[str, Any]]:
        now_ms = monitor.clock.now_ms()
        with monitor.database.reading() as session:
            found = queries.between(session, Window(now_ms, now_ms + HORIZON_MS))
        return [asdict(each) for each in reversed(found)]

    @app.post("/v1/maintenance")
    def add(body: WindowBody) -> JSONResponse:
        now_ms, until_ms = monitor.clock.now_ms(), instant_ms(body.until.astimezone(UTC))
        from_ms = now_ms if body.from_ is None else instant_ms(body.from_.astimezone(UTC))
        if until_ms <= max(from_ms, now_ms):
            text = "until is not after from and now; write a later end"
            return _refuse(text, HTTPStatus.UNPROCESSABLE_ENTITY)
        window, by = Window(from_ms, until_ms), redact(body.by)
        made = name_window(window, body.scope, redact(body.reason), by)
        try:
            pauses.demand_known(body.scope, monitor.settings.endpoints)
            monitor.ledger.write(lambda session: maintenance.add(session, made, now_ms)).result()
        except (UnknownScope, Unregistered) as error:
            return _refuse(str(error), HTTPStatus.NOT_FOUND)
        except DatabaseRefused as error:
            return _refuse(f"{error}; nothing is declared", HTTPStatus.SERVICE_UNAVAILABLE)
        return JSONResponse(list_windows(), HTTPStatus.CREATED)

    @app.post("/v1/maintenance/endings")
    def end(body: EndBody) -> JSONResponse:
        now_ms = monitor.clock.now_ms()
        try:
            monitor.ledger.write(lambda session: maintenance.end(session, body.id, now_ms)).result()
        except UnknownWindow as error:
            return _refuse(str(error), HTTPStatus.NOT_FOUND)
        except FileOwned as error:
            return _refuse(str(error), HTTPStatus.CONFLICT)
        except DatabaseRefused as error:
            return _refuse(f"{error}; the window stays", HTTPStatus.SERVICE_UNAVAILABLE)
        return JSONResponse(list_windows())


def _refuse(text: str, code: HTTPStatus) -> JSONResponse:
    return JSONResponse({"error": text}, code)
