"""Repricing: shown by reading, done by the running monitor or, where none runs, here."""

from collections.abc import Callable
from dataclasses import asdict
from datetime import UTC, date, datetime
from http import HTTPStatus
from typing import Any

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
from monitor.domain.windows import Window
from monitor.services import prices
from monitor.services.prices import NothingPriced
from monitor.services.repricing import CannotUndo, Difference, Repricing, Scope, Undoing, preview
from monitor.settings.model import Settings
from monitor.settings.times import at_ms, read_moment
from monitor.storage import repricing as rows
from monitor.storage.engine import DatabaseRefused, Session

_TIMEOUT_S = 3600.0


def reprice(name: str | None, *, since: str | None, until: str | None, is_applied: bool) -> None:
    """Print what a repricing changes, or do it. Raises Refusal and SettingsError."""
    settings = read_settings()
    window = _read_window(settings, since, until)
    with open_ledger(settings.database_url) as database, database.reading() as session:
        try:
            named = prices.endpoints_of(session, name)
        except NothingPriced as error:
            raise Refusal(str(error)) from None
        scope = Scope(tuple(named.values()), window)
        found = {} if is_applied else preview(session, scope)
    if is_applied:
        _apply(settings, scope, name)
    else:
        _show(found, {number: slug for slug, number in named.items()})


def undo(number: int) -> None:
    """Undo a repricing, and say what changed. Raises Refusal and SettingsError."""
    settings = read_settings()
    if asking.is_running(settings.monitor_port):
        path, body = "/v1/repricings/undo", {"id": number}
        answer = asking.command(settings.monitor_port, path, body, timeout_s=_TIMEOUT_S)
    else:
        undoing = Undoing(number, clock_ms())
        _run_alone(settings, undoing.step)
        answer = asdict(undoing.difference)
    typer.echo(f"Undid repricing {number}: {_spell(answer)}")


def show_all() -> None:
    """Print all repricings. Raises Refusal and SettingsError."""
    settings = read_settings()
    table = Table("number", "when", "by", "calls from", "to", "undone", box=None)
    with open_ledger(settings.database_url) as database, database.reading() as session:
        for row in rows.every(session):
            zone = settings.zone
            undone = "" if row.undone_ms is None else local(row.undone_ms, zone)
            span = local(row.from_ms, zone), local(row.to_ms, zone)
            table.add_row(str(row.id), local(row.recorded_ms, zone), row.by, *span, undone)
    make_console().print(table)


def _apply(settings: Settings, scope: Scope, name: str | None) -> None:
    if asking.is_running(settings.monitor_port):
        body = {
            "by": user(),
            "name": name,
            "start": _iso(scope.window.from_ms),
            "end": _iso(scope.window.to_ms),
        }
        made = {HTTPStatus.CREATED}
        answer = asking.command(settings.monitor_port, "/v1/repricings", body, made, _TIMEOUT_S)
    else:
        work = Repricing(scope, user(), clock_ms())
        _run_alone(settings, work.step)
        answer = {"id": work.id} | asdict(work.difference)
    typer.echo(f"Repricing {answer['id']}: {_spell(answer)}")
    typer.echo(f"`inferwatch prices undo {answer['id']}` brings it back")


def _run_alone(settings: Settings, step: Callable[[Session], bool]) -> None:
    try:
        with open_ledger(settings.database_url) as database, alone(database):
            is_more = True
            while is_more:
                with database.writing() as session:
                    is_more = step(session)
    except (CannotUndo, DatabaseRefused) as error:
        raise Refusal(str(error), 1) from None


def _show(found: dict[tuple[int, int], Difference], slugs: dict[int, str]) -> None:
    table = Table("day", "endpoint", "calls", "cost", "would cost", "difference", box=None)
    whole = Difference()
    for (number, day), each in sorted(found.items(), key=lambda item: (item[0][1], item[0][0])):
        where = date.fromordinal(day).isoformat(), slugs.get(number, str(number))
        table.add_row(*where, f"{each.calls:,}", *_amounts(each))
        for name, value in asdict(each).items():
            setattr(whole, name, getattr(whole, name) + value)
    if found:
        make_console().print(table)
    typer.echo(f"{_spell(asdict(whole))}; nothing is changed" + (" yet: --apply" if found else ""))


def _amounts(each: Difference) -> tuple[str, str, str]:
    before, after = each.before_nano_usd, each.after_nano_usd
    return dollars(before), dollars(after), dollars(after - before)


def _spell(answer: dict[str, Any]) -> str:
    amounts = Difference(**{key: value for key, value in answer.items() if key != "id"})
    before, after, more = _amounts(amounts)
    priced = f", {amounts.newly_priced:,} priced that were not" if amounts.newly_priced else ""
    lost = f", {amounts.newly_unpriced:,} unpriced that were" if amounts.newly_unpriced else ""
    return f"{amounts.calls:,} calls, {before} → {after} ({more}){priced}{lost}"


def _read_window(settings: Settings, since: str | None, until: str | None) -> Window:
    try:
        start = 0 if since is None else at_ms(read_moment(since), settings.zone)
        end = clock_ms() if until is None else at_ms(read_moment(until), settings.zone)
    except ValueError as error:
        raise Refusal(str(error)) from None
    if end <= start:
        raise Refusal("--to is not after --from; give a time that is")
    return Window(start, end)


def _iso(instant_ms: int) -> str:
    return datetime.fromtimestamp(instant_ms / 1000, UTC).isoformat(timespec="milliseconds")
