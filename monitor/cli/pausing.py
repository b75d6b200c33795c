"""Pausing: by the running monitor, else in the ledger, where it is found at the next start."""

import os
import pwd
import time
from collections.abc import Callable
from datetime import UTC, datetime
from http import HTTPStatus
from typing import Any
from zoneinfo import ZoneInfo

import typer

from monitor.cli import asking
from monitor.cli.alone import alone
from monitor.cli.reading import open_ledger
from monitor.cli.refusal import Refusal
from monitor.cli.starting import read_settings
from monitor.domain.pauses import Pause, Scope
from monitor.domain.secrets import redact
from monitor.domain.windows import moment
from monitor.services import pauses
from monitor.services.pauses import Resumed, UnknownScope
from monitor.settings.model import Settings
from monitor.settings.times import read_until_ms
from monitor.storage.engine import DatabaseRefused, Session


def pause(name: str | None, *, is_all: bool, until: str | None, reason: str) -> None:
    """Pause, and say since when. Raises Refusal and SettingsError."""
    settings, now_ms = read_settings(), time.time_ns() // 1_000_000
    scope = scope_of(settings, name, is_all=is_all)
    until_ms = None if until is None else read_until(until, now_ms, settings.zone)
    made = Pause(scope, now_ms, until_ms, user(), redact(reason))
    body = {"reason": reason, "until": None if until_ms is None else iso(until_ms)}
    tell_monitor_or(
        lambda session: pauses.pause(session, made),
        settings,
        "/v1/pauses",
        body_of(made.scope) | body,
    )
    ending = "until it is resumed" if until_ms is None else f"until {local(until_ms, settings)}"
    typer.echo(f"Paused {scope} {ending}")


def resume(name: str | None, *, is_all: bool) -> None:
    """Resume, and say so. Raises Refusal and SettingsError."""
    settings = read_settings()
    resumed = Resumed(scope_of(settings, name, is_all=is_all), user(), time.time_ns() // 1_000_000)
    tell_monitor_or(
        lambda session: pauses.resume(session, resumed, settings.endpoints),
        settings,
        "/v1/resumes",
        body_of(resumed.scope),
    )
    typer.echo(f"Resumed {resumed.scope}")


def tell_monitor_or(
    change: Callable[[Session], object], settings: Settings, path: str, body: dict[str, Any]
) -> None:
    """Let the running monitor do it, else do it in the ledger. Raises Refusal."""
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
    except (LookupError, DatabaseRefused) as error:
        raise Refusal(str(error), 1) from None


def scope_of(settings: Settings, name: str | None, *, is_all: bool) -> Scope:
    """What an argument names. Raises BadParameter and Refusal."""
    if (name is None) != is_all:
        raise typer.BadParameter("give an ENDPOINT or PROVIDER, or --all")
    is_provider = name is not None and any(t.provider == name for t in settings.targets)
    is_endpoint = name is not None and settings.endpoint(name) is not None
    if is_all or is_endpoint or not is_provider:
        scope = Scope(endpoint=name)
    else:
        scope = Scope(provider=name)
    try:
        pauses.demand_known(scope, settings.endpoints)
    except UnknownScope as error:
        raise Refusal(str(error)) from None
    return scope


def body_of(scope: Scope) -> dict[str, Any]:
    """A scope and who asks, as the monitor's API wants them."""
    named = {key: value for key, value in scope._asdict().items() if value is not None}
    return (named or {"all": True}) | {"by": user()}


def read_until(text: str, now_ms: int, zone: ZoneInfo, option: str = "--until") -> int:
    """The instant that an option names, after `now_ms`. Raises Refusal."""
    try:
        return read_until_ms(text, now_ms, zone)
    except ValueError as error:
        raise Refusal(f"{option} {text!r} {error}") from None


def user() -> str:
    """Who asks, by the name that the system has for him."""
    try:
        return pwd.getpwuid(os.getuid()).pw_name
    except KeyError:
        return f"user {os.getuid()}"


def iso(instant_ms: int) -> str:
    """An instant as ISO 8601, in UTC."""
    return datetime.fromtimestamp(instant_ms / 1000, UTC).isoformat()


def local(instant_ms: int, settings: Settings) -> str:
    """An instant on the clock of the home zone, which is named."""
    shown = moment(instant_ms, settings.zone).strftime("%Y-%m-%d %H:%M:%S")
    return f"{shown} ({settings.zone.key})"
