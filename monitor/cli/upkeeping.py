"""Upkeeping: windows of maintenance by the running monitor, else in the ledger."""

import time
from dataclasses import asdict, dataclass
from typing import Any

import typer

from monitor.cli.pausing import body_of, iso, local, read_until, scope_of, tell_monitor_or, user
from monitor.cli.reading import open_ledger
from monitor.cli.starting import read_settings
from monitor.domain.recurrence import HORIZON_MS, name_window
from monitor.domain.secrets import redact
from monitor.domain.windows import Window
from monitor.services import maintenance
from monitor.settings.model import Settings
from monitor.storage.queries import maintenance as queries
from monitor.storage.queries.maintenance import Declared


@dataclass(frozen=True, slots=True)
class Windows:
    """The windows that run and come, the first to begin in front."""

    settings: Settings
    declared: list[Declared]

    def spell(self) -> str:
        """They as text, a line each."""
        return "\n".join(self._line(each) for each in self.declared) or "No maintenance is planned."

    def _line(self, each: Declared) -> str:
        start, end = local(each.from_ms, self.settings), local(each.to_ms, self.settings)
        owner = f"by {each.by}" if each.by else f"in the settings, line {each.line or '?'}"
        why = f": {each.reason}" if each.reason else ""
        return f"{each.id}  {each.name.rpartition(' ')[0]}, {start} to {end}, {owner}{why}"


def add(name: str | None, from_: str | None, until: str, reason: str, *, is_all: bool) -> str:
    """Declare a window, and say which. Raises Refusal and SettingsError."""
    if not until:
        raise typer.BadParameter("give --until")
    settings, now_ms = read_settings(), time.time_ns() // 1_000_000
    scope = scope_of(settings, name, is_all=is_all)
    from_ms = now_ms if from_ is None else read_until(from_, now_ms, settings.zone, "--from")
    until_ms = read_until(until, from_ms, settings.zone)
    made = name_window(Window(from_ms, until_ms), scope, redact(reason), user())
    body = {"from": iso(from_ms), "until": iso(until_ms), "reason": reason}
    tell_monitor_or(
        lambda session: maintenance.add(session, made, now_ms),
        settings,
        "/v1/maintenance",
        body_of(scope) | body,
    )
    return f"Maintenance of {scope} from {local(from_ms, settings)} to {local(until_ms, settings)}"


def end(number: int) -> str:
    """End a window, and say so. Raises Refusal and SettingsError."""
    now_ms = time.time_ns() // 1_000_000
    tell_monitor_or(
        lambda session: maintenance.end(session, number, now_ms),
        read_settings(),
        "/v1/maintenance/endings",
        {"id": number, "by": user()},
    )
    return f"Window {number} is over"


def read() -> Windows:
    """The windows of now and as far ahead as they are written down. Raises Refusal."""
    settings, now_ms = read_settings(), time.time_ns() // 1_000_000
    with open_ledger(settings.database_url) as database, database.reading() as session:
        found = queries.between(session, Window(now_ms, now_ms + HORIZON_MS))
    return Windows(settings, found[::-1])


def describe(found: Windows) -> list[dict[str, Any]]:
    """They as JSON; instants are ISO 8601 in UTC."""
    return [_describe(each) for each in found.declared]


def _describe(each: Declared) -> dict[str, Any]:
    values = asdict(each)
    for name in ("from", "to", "recorded"):
        values[f"{name}_at"] = iso(values.pop(f"{name}_ms"))
    return values
