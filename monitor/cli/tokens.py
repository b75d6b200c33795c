"""Tokens: made and revoked in the database itself, by whoever may write there.

A token's row is small and nobody else's, so no lease is taken: the monitor goes on meanwhile.
"""

import time
from collections.abc import Callable, Iterator, Sequence
from typing import TypeVar
from zoneinfo import ZoneInfo

import typer
from rich.table import Table

from monitor.cli.reading import open_ledger
from monitor.cli.refusal import Refusal
from monitor.cli.starting import read_settings
from monitor.cli.verdicts import make_console
from monitor.domain.calls import Attribution
from monitor.domain.tokens import Scope, Token
from monitor.domain.windows import moment
from monitor.services import tokens
from monitor.services.tokens import NameTaken, UnknownToken
from monitor.settings.times import read_until_ms
from monitor.storage import tokens as rows
from monitor.storage.engine import DatabaseRefused, Session

T = TypeVar("T")
_MAX_NAME = 100


def create(name: str, scopes: Sequence[str], expires: str | None, whose: Attribution) -> None:
    """Make a token and print it. Raises Refusal and SettingsError."""
    settings, now_ms = read_settings(), _now_ms()
    wished = [_read_scope(each) for each in scopes]
    _demand_plain(name, *(each for each in whose if each is not None))
    expires_ms = None if expires is None else _read_end_ms(expires, now_ms, settings.zone)
    secret = _write(lambda session: tokens.create(session, name, wished, now_ms, expires_ms, whose))
    typer.echo(secret.reveal())
    typer.echo("Keep it now: it is not shown again.", err=True)


def revoke(name: str) -> None:
    """Revoke a token, and say so. Raises Refusal and SettingsError."""
    _write(lambda session: tokens.revoke(session, name, _now_ms()))
    typer.echo(f"Revoked {name}")


def show() -> None:
    """Print all tokens. Raises Refusal and SettingsError."""
    settings = read_settings()
    with open_ledger(settings.database_url) as database, database.reading() as session:
        found = rows.read(session)
    if not found:
        typer.echo("There is no token yet; `inferwatch keys create NAME` makes one.")
        return
    table = Table(
        "name", "token", "scopes", "made", "last used", "holds", "team, project, app, key"
    )
    for token in found:
        table.add_row(*_cells(token, settings.zone))
    make_console().print(table)


def _write(change: Callable[[Session], T]) -> T:
    try:
        with open_ledger(read_settings().database_url) as database, database.writing() as session:
            return change(session)
    except (NameTaken, UnknownToken, DatabaseRefused) as error:
        raise Refusal(str(error), 1) from None


def _cells(token: Token, zone: ZoneInfo) -> Iterator[str]:
    yield token.name
    yield f"{token.beginning}…"
    yield " ".join(sorted(token.scopes))
    yield _local(token.created_ms, zone)
    yield "never" if token.last_used_ms is None else _local(token.last_used_ms, zone)
    yield _spell_end(token, zone)
    yield ", ".join(each for each in token.attribution if each is not None)


def _spell_end(token: Token, zone: ZoneInfo) -> str:
    if token.revoked_ms is not None:
        return f"revoked {_local(token.revoked_ms, zone)}"
    if token.expires_ms is None:
        return "until revoked"
    word = "until" if token.holds(_now_ms()) else "expired"
    return f"{word} {_local(token.expires_ms, zone)}"


def _read_scope(text: str) -> Scope:
    try:
        return Scope(text)
    except ValueError:
        raise Refusal(f"--scope {text!r} is none; these are: {', '.join(Scope)}") from None


def _read_end_ms(text: str, now_ms: int, zone: ZoneInfo) -> int:
    try:
        return read_until_ms(text, now_ms, zone)
    except ValueError as error:
        raise Refusal(f"--expires {text!r} {error}") from None


def _demand_plain(*texts: str) -> None:
    for text in texts:
        if not text.isprintable() or not 0 < len(text) <= _MAX_NAME:
            raise Refusal(
                f"{text[:_MAX_NAME]!r} has to be one line of up to {_MAX_NAME} characters"
            )


def _local(instant_ms: int, zone: ZoneInfo) -> str:
    return moment(instant_ms, zone).strftime("%Y-%m-%d %H:%M")


def _now_ms() -> int:
    return time.time_ns() // 1_000_000
