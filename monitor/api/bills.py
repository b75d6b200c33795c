"""Bills: ask providers now what their days cost."""

from http import HTTPStatus

from fastapi import FastAPI
from fastapi.responses import JSONResponse

from monitor.runtime.bills import ask_billers
from monitor.runtime.monitor import Monitor
from monitor.storage.engine import DatabaseRefused


def register(app: FastAPI, monitor: Monitor) -> None:
    """Add `POST /v1/bills`."""

    @app.post("/v1/bills")
    async def ask() -> JSONResponse:
        try:
            found = await ask_billers(monitor, only_due=False)
        except DatabaseRefused as error:
            text = f"{error}; try again once it does not"
            return JSONResponse({"error": text}, HTTPStatus.SERVICE_UNAVAILABLE)
        return JSONResponse([each._asdict() for each in found])
