"""Restores: let go of the ledger, and go on with the backup that lies ready beside it."""

from http import HTTPStatus

from fastapi import FastAPI
from fastapi.responses import JSONResponse

from monitor.runtime.monitor import Monitor
from monitor.services.backups import BackupRefused
from monitor.storage.engine import DatabaseRefused


def register(app: FastAPI, monitor: Monitor) -> None:
    """Add `POST /v1/restore`.

    It takes no path: what is restored is one file beside the database, put there by
    `inferwatch db restore`, so by somebody who may write there anyway.
    """

    @app.post("/v1/restore")
    async def restore() -> JSONResponse:
        try:
            restored = await monitor.restore()
        except (BackupRefused, DatabaseRefused) as error:
            text = f"{error}; the ledger is as it was"
            return JSONResponse({"error": text}, HTTPStatus.CONFLICT)
        kept = None if restored.kept is None else str(restored.kept)
        return JSONResponse({"kept": kept, "calls": restored.contents.calls})
