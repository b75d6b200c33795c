"""Budgeting: budgets shown by reading; other amounts by the running monitor, or written here."""

import json
from collections.abc import Callable
from datetime import UTC, datetime
from http import HTTPStatus
from typing import Any
from zoneinfo import ZoneInfo

import typer
from rich.table import Table

from monitor.cli import asking
from monitor.cli.alone import alone
from monitor.cli.pausing import user
from monitor.cli.pricing import clock_ms, local
from monitor.cli.reading import open_ledger
from monitor.cli.refusal import Refusal
from monitor.cli.starting import read_settings
from monitor.cli.verdicts import make_console
from monitor.domain.amounts import dollars
from monitor.domain.budgets import Override
from monitor.domain.money import nano_from_usd
from monitor.domain.secrets import redact
from monitor.services import budgets
from monitor.services.budgets import NotOverridden, Standing, UnknownBudget
from monitor.settings.model import Settings
from monitor.settings.times import read_until_ms
from monitor.settings.values import read_decimal
from monitor.storage.engine import DatabaseRefused, Session

_MAX_USD = 1_000_000_000


def show(*, as_json: bool) -> None:
    """Print how budgets stand. Raises Refusal and SettingsError."""
    settings, now_ms = read_settings(), clock_ms()
    with open_ledger(settings.database_url) as database, database.reading() as session:
        found = budgets.standing(session, now_ms)
    if as_json:
        typer.echo(json.dumps([budgets.describe(each) for each in found], indent=2))
        return
    if not found:
        typer.echo("No budgets are in force; add some under budgets: in the settings")
        return
    heads = ("budget", "of", "spent", "amount", "burn", "projected", "used up", "cost known of")
    table = Table(*heads, box=None)
    for each in found:
        table.add_row(*_cells(each, settings.zone))
    make_console().print(table)
    for each in found:
        made = each.held.override
        if made is not None:
            until = local(made.until_ms, settings.zone)
            why = f": {made.reason}" if made.reason else ""
            usual = dollars(each.held.budget.amount_nano_usd)
            typer.echo(f"{made.budget}: {usual} again from {until} on (by {made.by}{why})")


def override(name: str, amount: str, *, until: str, reason: str) -> None:
    """Let another amount hold, and say until when. Raises Refusal and SettingsError."""
    settings, now_ms = read_settings(), clock_ms()
    nano_usd = _read_amount(amount)
    try:
        until_ms = read_until_ms(until, now_ms, settings.zone)
    except ValueError as error:
        raise Refusal(f"--until {until!r} {error}") from None
    by, why = user(), redact(reason)
    made = Override(name, nano_usd, now_ms, until_ms, by, why)
    end = datetime.fromtimestamp(until_ms / 1000, UTC).isoformat()
    body = {"budget": name, "amount_nano_usd": nano_usd, "until": end, "by": by, "reason": why}
    _tell_monitor_or(
        lambda session: budgets.override(session, made), settings, "/v1/budgets/override", body
    )
    typer.echo(f"Budget {name} is {dollars(nano_usd)} until {local(until_ms, settings.zone)}")


def end_override(name: str) -> None:
    """Let the amount of the settings hold again. Raises Refusal and SettingsError."""
    settings, by, now_ms = read_settings(), user(), clock_ms()
    _tell_monitor_or(
        lambda session: budgets.end_override(session, name, by, now_ms),
        settings,
        "/v1/budgets/end-override",
        {"budget": name, "by": by},
    )
    typer.echo(f"Budget {name} has the amount of the settings again")


def _tell_monitor_or(
    change: Callable[[Session], None], settings: Settings, path: str, body: dict[str, Any]
) -> None:
    if asking.is_running(settings.monitor_port):
        asking.command(settings.monitor_port, path, body, {HTTPStatus.OK, HTTPStatus.CREATED})
        return
    try:
        with (
            open_ledger(settings.database_url) as database,
            alone(database),
            database.writing() as session,
        ):
            change(session)
    except (UnknownBudget, NotOverridden, DatabaseRefused) as error:
        raise Refusal(str(error), 1) from None


def _read_amount(text: str) -> int:
    try:
        usd = read_decimal(text.removeprefix("$"))
    except ValueError as error:
        raise Refusal(f"amount {text!r} {error}") from None
    nano_usd = nano_from_usd(usd) if usd <= _MAX_USD else 0
    if nano_usd < 1:
        raise Refusal(f"amount {text!r} is not above 0 and up to a billion dollars; change it")
    return nano_usd


def _cells(each: Standing, zone: ZoneInfo) -> tuple[str, ...]:
    held, spent = each.held, each.spent
    known, projected = spent.shown_nano_usd, each.projected_nano_usd
    if spent.nano_usd >= held.amount_nano_usd:
        used_up = "used up"
    else:
        used_up = "—" if each.breach_ms is None else local(each.breach_ms, zone)
    return (
        held.budget.name,
        f"{held.budget.scope}, {held.budget.cycle.period}",
        "not known" if known is None else dollars(known),
        dollars(held.amount_nano_usd),
        "—" if known is None else f"{100 * known // held.amount_nano_usd} %",
        "—" if projected is None else dollars(projected),
        used_up,
        f"{spent.calls - spent.unknown} of {spent.calls} calls",
    )
