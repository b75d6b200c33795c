"""Feeds: the sources of prices that the settings name, asked now, or as they went last."""

import asyncio
from collections.abc import Callable, Sequence
from typing import Any

import typer

from monitor.cli import asking
from monitor.cli.alone import alone
from monitor.cli.pricing import clock_ms, local
from monitor.cli.reading import open_ledger
from monitor.cli.refusal import Refusal
from monitor.cli.starting import read_settings
from monitor.runtime.feeds import Asker
from monitor.services.feeds import Outcome
from monitor.settings.model import Settings
from monitor.storage import feeds as rows
from monitor.storage.engine import Database, DatabaseRefused, Session
from monitor.storage.feeds import Asked
from monitor.wire.transport import Transport

_TIMEOUT_S = 600.0
_NONE = "The settings name no source of prices; add one under `prices: feeds:` (docs/prices.md)"


def fetch() -> None:
    """Ask all feeds now, and print how each went. Raises Refusal where one failed."""
    settings = read_settings()
    if not settings.feeds.sources:
        typer.echo(_NONE)
        return
    if asking.is_running(settings.monitor_port):
        asking.command(settings.monitor_port, "/v1/feeds", {}, timeout_s=_TIMEOUT_S)
    else:
        _ask_alone(settings)
    failed = show()
    if failed:
        raise Refusal(f"{', '.join(failed)} failed; what it said before stands", 1)


def show() -> list[str]:
    """Print how each feed went when it was asked last; the names of those that failed."""
    settings = read_settings()
    with open_ledger(settings.database_url) as database, database.reading() as session:
        known = {asked.feed: asked for asked in rows.every(session)}
    if not settings.feeds.sources:
        typer.echo(_NONE)
    for feed in settings.feeds.sources:
        for line in _tell(known.get(feed), settings, feed.name):
            typer.echo(line)
    return [each.feed.name for each in known.values() if each.error is not None]


def _tell(asked: Asked | None, settings: Settings, name: str) -> list[str]:
    if asked is None:
        return [f"{name}: not asked yet"]
    success = "never" if asked.succeeded_ms is None else local(asked.succeeded_ms, settings.zone)
    as_of = "" if asked.as_of_ms is None else f", as of {local(asked.as_of_ms, settings.zone)}"
    first = f"{name}: {asked.said} of our endpoints priced{as_of}; last success {success}"
    error = (
        []
        if asked.error is None
        else [f"  failed {local(asked.tried_ms, settings.zone)}: {asked.error}"]
    )
    return [first, *error, *(f"  {remark}" for remark in asked.remarks)]


def _ask_alone(settings: Settings) -> None:
    try:
        with open_ledger(settings.database_url) as database, alone(database):
            asyncio.run(_ask(settings, database))
    except DatabaseRefused as error:
        raise Refusal(str(error), 1) from None


async def _ask(settings: Settings, database: Database) -> Sequence[Any]:
    async def write(task: Callable[[Session], Outcome]) -> Outcome:
        with database.writing() as session:
            return task(session)

    async with Transport() as transport:
        asker = Asker(settings, database, transport, write, clock_ms)
        return await asker.ask_all(only_due=False)
