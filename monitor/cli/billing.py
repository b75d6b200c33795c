"""Billing: bills as they were told last, day by day beside our own sums, spelt for a terminal."""

import asyncio
import json
from collections.abc import Callable, Iterator
from datetime import date
from typing import Any

import typer
from rich.table import Table
from rich.text import Text

from monitor.cli import asking
from monitor.cli.alone import alone
from monitor.cli.pricing import clock_ms
from monitor.cli.reading import open_ledger
from monitor.cli.refusal import Refusal
from monitor.cli.starting import read_settings
from monitor.cli.verdicts import make_console
from monitor.domain.amounts import dollars
from monitor.domain.bills import FIRST_DAYS, Biller
from monitor.domain.windows import day_of
from monitor.runtime.bills import Asker, Outcome
from monitor.services import bills
from monitor.services.bills import UTC, Check, DayCheck
from monitor.settings.model import Settings
from monitor.storage.engine import Database, DatabaseRefused, Session
from monitor.wire.transport import Transport

_TIMEOUT_S = 600.0
_NONE = "The settings name no source of bills; add one under `bills: sources:` (docs/bills.md)"


def fetch(*, as_json: bool) -> None:
    """Ask all sources now, and print what they say. Raises Refusal where one failed."""
    settings = read_settings()
    if settings.billers.sources and asking.is_running(settings.monitor_port):
        asking.command(settings.monitor_port, "/v1/bills", {}, timeout_s=_TIMEOUT_S)
    elif settings.billers.sources:
        _ask_alone(settings)
    failed = show(as_json=as_json)
    if failed:
        raise Refusal(f"{', '.join(failed)} failed; what it said before stands", 1)


def show(*, as_json: bool) -> list[str]:
    """Print each source beside our own sums; the names of those that failed last."""
    settings, now_ms = read_settings(), clock_ms()
    yesterday = day_of(now_ms, UTC) - 1
    with open_ledger(settings.database_url) as database, database.reading() as session:
        found = bills.checks(session, yesterday - FIRST_DAYS + 1, yesterday, now_ms)
    checks = {check.billed.name: check for check in found}
    sources = settings.billers.sources
    if as_json:
        told = [_describe(each, checks.get(each.name)) for each in sources]
        typer.echo(json.dumps(told, indent=2))
    elif not sources:
        typer.echo(_NONE)
    else:
        make_console().print(_table(sources, checks))
    return [each.name for each in sources if each.name in checks and checks[each.name].billed.error]


def _table(sources: tuple[Biller, ...], checks: dict[str, Check]) -> Table:
    table = Table(caption=f"the last {FIRST_DAYS} complete days of UTC; added to no sum of ours")
    for head in ("source", "beside", "through", "days", "billed", "ours", "difference", "failed"):
        is_number = head in {"days", "billed", "ours", "difference"}
        table.add_column(head, justify="right" if is_number else "left")
    for each in sources:
        check = checks.get(each.name)
        row = ("not asked yet", *[""] * 5) if check is None else _cells(check)
        table.add_row(Text(each.name), Text(each.provider), *row)
    return table


def _cells(check: Check) -> Iterator[str | Text]:
    through, days = check.billed.through_day, list(_compared(check))
    billed, ours, difference = _sums(days)
    yield "–" if through is None else f"{date.fromordinal(through)}"
    yield f"{len(days)}"
    yield from (dollars(each) if days else "–" for each in (billed, ours, difference))
    yield Text(check.billed.error or "")


def _compared(check: Check) -> Iterator[DayCheck]:
    """Days of which both sums are known."""
    return (day for day in check.days if day.difference_nano_usd is not None)


def _sums(days: list[DayCheck]) -> tuple[int, int, int]:
    billed = sum(day.billed_nano_usd or 0 for day in days)
    difference = sum(day.difference_nano_usd or 0 for day in days)
    return billed, billed - difference, difference


def _describe(biller: Biller, check: Check | None) -> dict[str, Any]:
    """All figures, for scripts: money in nano-dollars, `null` where it is not known."""
    known = {"source": biller.name, "kind": biller.kind.value, "provider": biller.provider}
    if check is None:
        return known | {"through": None, "error": None, "days": []}
    through = check.billed.through_day
    days = [
        {
            "day": f"{date.fromordinal(each.day)}",
            "billed_nano_usd": each.billed_nano_usd,
            "ours_nano_usd": each.ours.spend_nano_usd,
            "difference_nano_usd": each.difference_nano_usd,
            "calls": each.ours.n,
            "calls_of_known_cost": each.ours.n_costed,
        }
        for each in check.days
    ]
    told = None if through is None else f"{date.fromordinal(through)}"
    return known | {"through": told, "error": check.billed.error, "days": days}


def _ask_alone(settings: Settings) -> None:
    try:
        with open_ledger(settings.database_url) as database, alone(database):
            asyncio.run(_ask(settings, database))
    except DatabaseRefused as error:
        raise Refusal(str(error), 1) from None


async def _ask(settings: Settings, database: Database) -> list[Outcome]:
    async def write(task: Callable[[Session], Outcome]) -> Outcome:
        with database.writing() as session:
            return task(session)

    async with Transport() as transport:
        asker = Asker(settings, database, transport, write, clock_ms)
        return await asker.ask_all(only_due=False)
