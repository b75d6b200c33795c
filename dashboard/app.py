"""App: the dashboard put together."""

import asyncio
from functools import partial
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from dash import Dash, html
from dash.development.base_component import Component
from fastapi import FastAPI, Request
from fastapi.responses import PlainTextResponse

from dashboard import shell
from dashboard.faces import acknowledging
from dashboard.pages import (
    alerts,
    budgets,
    call,
    calls,
    incident,
    incidents,
    model,
    models,
    monitor,
    overview,
    prices,
    provider,
    providers,
    spend,
    usage,
    what_if,
)
from dashboard.reads import Reads
from dashboard.server import Compressed, Guard, Index
from monitor.settings.model import Settings
from monitor.storage.engine import Database, DatabaseRefused

PAGES: tuple[shell.PageModule, ...] = (
    overview,
    models,
    model,
    providers,
    provider,
    usage,
    spend,
    what_if,
    prices,
    budgets,
    incidents,
    incident,
    alerts,
    calls,
    call,
    monitor,
)

_ASSETS = Path(__file__).parent / "assets"
_INDEX = """<!DOCTYPE html>
<html lang="en">
<head>
{%metas%}
<title>inferwatch</title>
<link rel="icon" type="image/svg+xml" href="HEAD/favicon.svg">
<meta name="color-scheme" content="light dark">
<script src="HEAD/head.js?m=VERSION"></script>
{%css%}
</head>
<body>
{%app_entry%}
<footer>{%config%}{%scripts%}{%renderer%}</footer>
</body>
</html>"""


def create_app(settings: Settings, database: Database) -> Dash:
    """The dashboard over a database. Its ASGI application is the `server` of what is returned."""
    reads = Reads(
        database,
        settings.zone,
        is_demo=settings.is_demo,
        monitor_port=settings.monitor_port,
        link=settings.alerts.link,
    )
    server: Any = FastAPI(docs_url=None, redoc_url=None, openapi_url=None)
    app = Dash(
        __name__,
        server=server,
        assets_folder=str(_ASSETS),
        assets_ignore=r"head\.js|favicon\.svg",
        index_string=_index(),
        title="inferwatch",
        update_title="",
        websocket_inactivity_timeout=0,
        websocket_allowed_origins=[_origin(reads.link)],
        meta_tags=[{"name": "viewport", "content": "width=device-width, initial-scale=1"}],
    )
    app.layout = lambda: _first_layout(app, reads)
    blank: Any = html.Div([shell.layout(reads), *(page.blank() for page in PAGES)])
    app.validation_layout = blank
    shell.register(app, reads, PAGES)
    for page in PAGES:
        page.register(app, reads)
    _serve(app, reads)
    return app


def _index() -> str:
    version = str(int((_ASSETS / "head.js").stat().st_mtime))
    return _INDEX.replace("HEAD", "/assets").replace("VERSION", version)


def _first_layout(app: Dash, reads: Reads) -> Component:
    """The frame with the page that the browser is at, which spares it one round."""
    if not app.backend.has_request_context():
        return shell.layout(reads)
    address = urlsplit(app.backend.request_adapter().headers.get("referer") or "")
    if not address.path:
        return shell.layout(reads)
    search = f"?{address.query}" if address.query else ""
    first = shell.draw_page(reads, PAGES, address.path, search)
    return shell.layout(reads, first, f"{address.path}{search}")


def _serve(app: Dash, reads: Reads) -> None:
    server: Any = app.server

    server.add_route("/healthz", _answer_health)
    server.router.routes.append(acknowledging.route(reads))
    server.add_route("/readyz", partial(_answer_readiness, reads))
    policy: list[str] = []

    def read_policy() -> str:
        if not policy:
            policy.append(_policy(app))
        return policy[0]

    server.add_middleware(Index, is_page=_is_page)
    server.add_middleware(Compressed)
    server.add_middleware(Guard, policy=read_policy, home=lambda: _origin(reads.link))


def _origin(link: str) -> str:
    """The origin of an address, as browsers say it; "" of none."""
    parts = urlsplit(link)
    return f"{parts.scheme}://{parts.netloc}".lower() if parts.netloc else ""


async def _answer_health(_request: Request) -> PlainTextResponse:
    return PlainTextResponse("ok\n")


async def _answer_readiness(reads: Reads, _request: Request) -> PlainTextResponse:
    try:
        await asyncio.to_thread(reads.demand_readable)
    except DatabaseRefused as error:
        return PlainTextResponse(f"{error}\n", 503)
    return PlainTextResponse("ok\n")


def _is_page(path: str) -> bool:
    return any(page.PATH.fullmatch(path) for page in PAGES)


def _policy(app: Dash) -> str:
    """What a page may do: only what this host sends, and no script that we did not write."""
    scripts = " ".join(app.csp_hashes())
    return "; ".join(
        (
            "default-src 'self'",
            f"script-src 'self' {scripts}",
            "style-src 'self' 'unsafe-inline'",
            "img-src 'self' data: blob:",
            "worker-src 'self' blob:",
            "object-src 'none'",
            "base-uri 'none'",
            "form-action 'self'",
            "frame-ancestors 'none'",
        )
    )
