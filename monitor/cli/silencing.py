"""Silencing: by the running monitor, else in the ledger, where it is found at the next start."""

import time
from dataclasses import dataclass
from typing import Any

import typer

from monitor.cli.pausing import iso, local, read_until, tell_monitor_or, user
from monitor.cli.reading import open_ledger
from monitor.cli.refusal import Refusal
from monitor.cli.starting import read_settings
from monitor.domain.alerts import AlertKind
from monitor.domain.secrets import redact
from monitor.domain.silences import Scope, Silence
from monitor.services import silences
from monitor.services.silences import UnknownScope
from monitor.settings.model import Settings
from monitor.storage import silences as rows


@dataclass(frozen=True, slots=True)
class Held:
    """The silences that hold, by number."""

    settings: Settings
    silences: dict[int, Silence]

    def spell(self) -> str:
        """They as text, a line each."""
        lines = [self._line(number, each) for number, each in self.silences.items()]
        return "\n".join(lines) or "Nothing is silenced."

    def _line(self, number: int, silence: Silence) -> str:
        end = "until it is over"
        if silence.until_ms is not None:
            end = f"until {local(silence.until_ms, self.settings)}"
        why = f": {silence.reason}" if silence.reason else ""
        return f"{number}  {silence.scope} {end}, by {silence.by}{why}"


def scope(
    alert: int | None,
    endpoint: str | None,
    provider: str | None,
    kind: AlertKind | None,
    *,
    is_all: bool,
) -> Scope:
    """What options name. Raises BadParameter where that is nothing, or more than one thing."""
    made = Scope(alert, endpoint, provider, kind)
    if sum(each is not None for each in made) + is_all != 1:
        raise typer.BadParameter("name an ALERT, --endpoint, --provider, --kind or --all")
    return made


def silence(scope: Scope, until: str | None, reason: str, *, until_recovered: bool) -> str:
    """Silence, and say until when. Raises Refusal and SettingsError."""
    if (until is None) != until_recovered:
        raise typer.BadParameter("give --until or --until-recovered")
    settings, now_ms = read_settings(), time.time_ns() // 1_000_000
    try:
        silences.demand_known(scope, settings.endpoints)
    except UnknownScope as error:
        raise Refusal(str(error)) from None
    until_ms = None if until is None else read_until(until, now_ms, settings.zone)
    made = Silence(scope, now_ms, until_ms, user(), redact(reason))
    tell_monitor_or(
        lambda session: silences.silence(session, made), settings, "/v1/silences", _body(made)
    )
    end = "what fails now is over" if until_ms is None else local(until_ms, settings)
    return f"Silenced {scope} until {end}"


def unsilence(number: int) -> str:
    """End a silence, and say so. Raises Refusal and SettingsError."""
    now_ms, by = time.time_ns() // 1_000_000, user()
    tell_monitor_or(
        lambda session: silences.unsilence(session, number, by, now_ms),
        read_settings(),
        "/v1/unsilences",
        {"id": number, "by": by},
    )
    return f"Silence {number} is over"


def read() -> Held:
    """The silences that hold. Raises Refusal and SettingsError."""
    settings = read_settings()
    with open_ledger(settings.database_url) as database, database.reading() as session:
        return Held(settings, rows.holding(session))


def describe(held: Held) -> list[dict[str, Any]]:
    """They as JSON; instants are ISO 8601 in UTC, without `until_at` it ends with its alert."""
    return [
        {
            "id": number,
            "scope": each.scope._asdict(),
            "made_at": iso(each.made_ms),
            "until_at": None if each.until_ms is None else iso(each.until_ms),
            "by": each.by,
            "reason": each.reason,
        }
        for number, each in held.silences.items()
    ]


def _body(silence: Silence) -> dict[str, Any]:
    named = {name: each for name, each in silence.scope._asdict().items() if each is not None}
    end: dict[str, Any] = {"until_recovered": True}
    if silence.until_ms is not None:
        end = {"until": iso(silence.until_ms)}
    return (named or {"all": True}) | end | {"by": silence.by, "reason": silence.reason}
