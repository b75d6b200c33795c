"""`inferwatch status`: how every endpoint stands now, out of the ledger."""

import json
import time
from collections.abc import Iterator
from dataclasses import asdict
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Annotated, Any, NamedTuple

import typer

if TYPE_CHECKING:
    from zoneinfo import ZoneInfo

    from rich.table import Table

    from monitor.domain.pauses import Pause
    from monitor.services.status import EndpointStatus, OpenIncident, Upkeep
    from monitor.storage.notices import Notice

_MS_PER_S = 1000


def status(
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON, for scripts.")] = False,
) -> None:
    """Show how every endpoint stands now.

    State, availability, latency, spend, and open incidents. Reads the ledger, whether or not the
    monitor runs. Days are those of the settings' zone.
    """
    from monitor.cli.starting import read_settings

    settings = read_settings()
    found = _read(settings.database_url, settings.zone)
    if as_json:
        typer.echo(json.dumps(_describe(found), indent=2))
        return
    _show(found, settings.zone)


class Found(NamedTuple):
    """What is shown."""

    endpoints: "list[EndpointStatus]"
    incidents: "list[OpenIncident]"
    upkeep: "list[Upkeep]"
    notice: "Notice | None"
    quarantined: int
    untold_since_ms: int | None


def _read(database_url: str, zone: "ZoneInfo") -> Found:
    from monitor.cli.reading import open_ledger
    from monitor.services.status import open_incidents, statuses, upkeep
    from monitor.storage import notices, quarantine, rounds

    with open_ledger(database_url) as database, database.reading() as session:
        now_ms = time.time_ns() // 1_000_000
        return Found(
            statuses(session, now_ms, zone),
            open_incidents(session),
            upkeep(session, now_ms),
            notices.read(session),
            quarantine.count(session),
            rounds.silent_since_ms(session, now_ms),
        )


def _describe(found: Found) -> dict[str, Any]:
    return {
        "endpoints": [_describe_endpoint(endpoint) for endpoint in found.endpoints],
        "open_incidents": [_instants(asdict(incident)) for incident in found.incidents],
        "maintenance": [_instants(asdict(window)) for window in found.upkeep],
        "settings": None if found.notice is None else _instants(asdict(found.notice)),
        "quarantined": found.quarantined,
        "alerts_not_delivered_since": _iso(found.untold_since_ms),
    }


def _describe_endpoint(endpoint: "EndpointStatus") -> dict[str, Any]:
    fields, pause = _instants(asdict(endpoint)), endpoint.paused
    if pause is not None:
        told = {"since": _iso(pause.paused_ms), "until": _iso(pause.until_ms)}
        fields["paused"] = told | {"by": pause.by, "reason": pause.reason}
    return fields


def _instants(fields: dict[str, Any]) -> dict[str, Any]:
    """Instants as ISO 8601 in UTC, under names without their unit."""
    return {
        name.removesuffix("_ms") if name in _INSTANTS else name: (
            _iso(value) if name in _INSTANTS else value
        )
        for name, value in fields.items()
    }


_INSTANTS = frozenset(
    {"since_ms", "started_ms", "confirmed_ms", "unobserved_ms", "at_ms", "from_ms", "to_ms"}
)


def _iso(instant_ms: int | None) -> str | None:
    if instant_ms is None:
        return None
    moment = datetime.fromtimestamp(instant_ms / _MS_PER_S, UTC)
    return moment.isoformat(timespec="milliseconds").replace("+00:00", "Z")


def _show(found: Found, zone: "ZoneInfo") -> None:
    from monitor.cli.verdicts import make_console

    console = make_console()
    console.print(_table(found.endpoints, zone))
    for endpoint in found.endpoints:
        if endpoint.paused is not None:
            console.print(f"Paused: {endpoint.id}: {tell(endpoint.paused, zone)}", markup=False)
    for incident in found.incidents:
        started = _local(incident.started_ms, zone)
        whose = incident.endpoint or "our own network"
        console.print(f"Incident: {whose} ({incident.kind}): {incident.cause}, since {started}")
    if not found.incidents:
        console.print("No open incident.")
    if found.untold_since_ms is not None:
        since = _local(found.untold_since_ms, zone)
        console.print(f"Alerts: not delivered since {since}; start `inferwatch up` again")
    for window in found.upkeep:
        console.print(f"Maintenance: {_spell_upkeep(window, zone)}", markup=False)
    if found.quarantined:
        told = f"{found.quarantined:,} told calls or usages contradict; the page /monitor has why"
        console.print(f"Quarantine: {told}", markup=False)
    if found.notice is not None:
        for line in _spell_notice(found.notice, zone):
            console.print(line, markup=False)


def _spell_upkeep(window: "Upkeep", zone: "ZoneInfo") -> str:
    what = window.endpoint or window.provider or "everything"
    span = f"{_local(window.from_ms, zone)} to {_local(window.to_ms, zone)}"
    return f"{what}: {span}{f': {window.reason}' if window.reason else ''}"


def tell(pause: "Pause", zone: "ZoneInfo") -> str:
    """Since when, by whom, until when and why."""
    until = "" if pause.until_ms is None else f" until {_local(pause.until_ms, zone)}"
    why = f": {pause.reason}" if pause.reason else ""
    return f"since {_local(pause.paused_ms, zone)} by {pause.by}{until}{why}"


def _spell_notice(notice: "Notice", zone: "ZoneInfo") -> Iterator[str]:
    if notice.problems:
        yield f"Settings refused at {_local(notice.at_ms, zone)}; those before hold on:"
    yield from (f"  {problem}" for problem in notice.problems)
    yield from (f"Settings: {restart}" for restart in notice.restarts)


def _table(endpoints: list["EndpointStatus"], zone: "ZoneInfo") -> "Table":
    from rich.table import Table

    table = Table(caption=f"24 h: the last 24 hours; today and times: {zone.key}")
    for name in ("endpoint", "state", "since"):
        table.add_column(name)
    for name in ("up 24 h", "covered", "calls", "TTFT p95", "team today", "probes today"):
        table.add_column(name, justify="right")
    for endpoint in endpoints:
        table.add_row(*_row(endpoint, zone))
    return table


def _row(endpoint: "EndpointStatus", zone: "ZoneInfo") -> tuple[str, ...]:
    state = f"{endpoint.state.value}, checking" if endpoint.is_checking else endpoint.state.value
    state = state if endpoint.paused is None else f"{endpoint.state.value}, paused"
    ttft_s, team = endpoint.ttft_p95_s, endpoint.spend_today_nano_usd
    return (
        endpoint.id,
        state,
        _local(endpoint.since_ms, zone),
        _percent(endpoint.availability_24h),
        _percent(endpoint.coverage_24h),
        f"{endpoint.n_24h:,}",
        "–" if ttft_s is None else f"{ttft_s:.3f} s",
        _money(team),
        _money(endpoint.probe_spend_today_nano_usd),
    )


def _percent(value: float | None) -> str:
    return "–" if value is None else f"{value:.3f} %"


def _money(nano_usd: int | None) -> str:
    from monitor.domain.amounts import dollars

    return "–" if nano_usd is None else dollars(nano_usd)


def _local(instant_ms: int, zone: "ZoneInfo") -> str:
    from monitor.domain.windows import moment

    return moment(instant_ms, zone).strftime("%Y-%m-%d %H:%M:%S")
