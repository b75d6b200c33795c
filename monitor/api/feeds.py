"""Feeds: ask the sources of prices now."""

from dataclasses import asdict
from http import HTTPStatus

from fastapi import FastAPI
from fastapi.responses import JSONResponse

from monitor.runtime.feeds import ask_feeds
from monitor.runtime.monitor import Monitor
from monitor.storage.engine import DatabaseRefused


def register(app: FastAPI, monitor: Monitor) -> None:
    """Add `POST /v1/feeds`."""

    @app.post("/v1/feeds")
    async def ask() -> JSONResponse:
        try:
            found = await ask_feeds(monitor, only_due=False)
        except DatabaseRefused as error:
            text = f"{error}; try again once it does not"
            return JSONResponse({"error": text}, HTTPStatus.SERVICE_UNAVAILABLE)
        return JSONResponse([asdict(each) for each in found])
