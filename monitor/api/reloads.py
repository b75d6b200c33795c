"""Reloads: read the settings file again, now."""

from dataclasses import asdict
from http import HTTPStatus

from fastapi import FastAPI
from fastapi.responses import JSONResponse

from monitor.runtime.reload import Reloader


def register(app: FastAPI, reloader: Reloader) -> None:
    """Add `POST /v1/reload`."""

    @app.post("/v1/reload")
    async def reload() -> JSONResponse:
        found = await reloader.reload()
        code = HTTPStatus.UNPROCESSABLE_ENTITY if found.is_refused else HTTPStatus.OK
        return JSONResponse(asdict(found), code)
