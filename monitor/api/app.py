"""The monitor's own API: whether it can be trusted, probes now, calls of a team."""

from collections.abc import Awaitable, Callable
from dataclasses import asdict, dataclass
from http import HTTPStatus
from typing import Any

from fastapi import FastAPI
from fastapi.responses import JSONResponse

from monitor.api import (
    alerts,
    bills,
    budgets,
    checks,
    feeds,
    imports,
    incidents,
    maintenance,
    pauses,
    prices,
    proposals,
    reloads,
    repricings,
    restores,
    silences,
    usage,
)
from monitor.api.guard import Guard
from monitor.runtime.ledger import LedgerStatus
from monitor.runtime.monitor import Monitor
from monitor.runtime.pulse import Pulse
from monitor.runtime.reload import Reloader
from monitor.runtime.switchboard import Switchboard
from monitor.runtime.troubles import list_troubles
from monitor.services.rounds import Probed
from monitor.storage.engine import Database


@dataclass(frozen=True, slots=True)
class Sources:
    """Where the API looks.

    `check` probes an endpoint by id and raises Paused for one that is paused, KeyError for others.
    `endpoints` are the ids of those that are probed now.
    """

    database: Database
    pulse: Pulse
    ledger_status: Callable[[], LedgerStatus]
    clock_behind_s: Callable[[], float]
    check: Callable[[str], Awaitable[Probed]]
    endpoints: Callable[[], tuple[str, ...]]
    reloader: Reloader
    monitor: Monitor


def create_app(sources: Sources) -> FastAPI:
    """The API over these sources."""
    app = FastAPI(title="inferwatch monitor", docs_url=None, redoc_url=None)
    app.add_middleware(Guard, monitor=sources.monitor)

    @app.get("/healthz")
    async def is_healthy() -> dict[str, str]:
        return {"status": "ok"}

    @app.get("/readyz")
    async def is_ready() -> JSONResponse:
        reasons = list_troubles(sources.monitor)
        code = HTTPStatus.SERVICE_UNAVAILABLE if reasons else HTTPStatus.OK
        return JSONResponse({"is_ready": not reasons, "reasons": reasons}, code)

    @app.get("/v1/status")
    async def status() -> dict[str, Any]:
        return describe(sources)

    checks.register(app, sources.check, sources.database, sources.endpoints)
    reloads.register(app, sources.reloader)
    pauses.register(app, sources.monitor)
    restores.register(app, sources.monitor)
    prices.register(app, sources.monitor)
    feeds.register(app, sources.monitor)
    bills.register(app, sources.monitor)
    proposals.register(app, sources.monitor)
    repricings.register(app, sources.monitor)
    budgets.register(app, sources.monitor)
    usage.register(app, sources.monitor)
    imports.register(app, sources.monitor)
    alerts.register(app, Switchboard(sources.monitor, sources.monitor.courier))
    incidents.register(app, sources.monitor)
    silences.register(app, sources.monitor)
    maintenance.register(app, sources.monitor)
    return app


def describe(sources: Sources) -> dict[str, Any]:
    """State of ledger, scheduler, clock and settings. Durations in seconds; null is not known."""
    pulse, notice = sources.pulse, sources.reloader.notice
    return {
        "ledger": asdict(sources.ledger_status()),
        "scheduler": {
            "is_alive": pulse.is_alive,
            "in_flight": pulse.in_flight,
            "missed_runs": pulse.missed_runs,
            "skipped_runs": pulse.skipped_runs,
            "loop_lag_s": pulse.worst_lag_s,
            "start_lag_p99_s": pulse.start_lag_p99_s,
        },
        "clock": {"behind_s": sources.clock_behind_s(), "steps": pulse.clock_steps},
        "settings": {
            "problems": [] if notice is None else notice.problems,
            "restarts": [] if notice is None else notice.restarts,
        },
    }
