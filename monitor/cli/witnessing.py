"""Witnessing: incidents as the ledger has them, spelt for a terminal."""

import json
from collections.abc import Iterator
from dataclasses import asdict
from typing import Any, NamedTuple
from zoneinfo import ZoneInfo

from monitor.cli.alerting import lay_out
from monitor.cli.pricing import clock_ms, local
from monitor.cli.reading import open_ledger
from monitor.cli.refusal import Refusal
from monitor.cli.starting import read_settings
from monitor.domain.damage_words import lines as spell
from monitor.domain.damages import describe
from monitor.domain.incidents import Stage
from monitor.domain.outcomes import RULINGS
from monitor.domain.phrases import lasting
from monitor.domain.windows import DAY_MS, Window
from monitor.services import damages, histories
from monitor.services.acknowledgements import UnknownIncident
from monitor.services.histories import OUR_NETWORK, History
from monitor.storage.queries import endpoints, incidents
from monitor.storage.queries.incidents import Incident

_HEADS = ("NUMBER", "STARTED", "ENDPOINT", "WHAT", "SEVERITY", "STAGE", "LASTED")


class _Entry(NamedTuple):
    incident: Incident
    subject: str
    stage: Stage


def list_(days: int, limit: int, *, as_json: bool) -> str:
    """The newest incidents as text or JSON. Raises Refusal and SettingsError."""
    settings, now_ms = read_settings(), clock_ms()
    window = Window(now_ms - days * DAY_MS, now_ms + 1)
    with open_ledger(settings.database_url) as database, database.reading() as session:
        known = {each.id: each.slug for each in endpoints.every(session)}
        found = incidents.recent(session, window, None, limit)
        standings = histories.standings(session, found)
    entries = [_Entry(each, _whose(each, known), standings[each.id].stage) for each in found]
    if as_json:
        return json.dumps([_describe(each) for each in entries], indent=2)
    if not entries:
        return f"No incident in the last {days} days."
    return "\n".join(lay_out(_HEADS, [_cells(each, settings.zone, now_ms) for each in entries]))


def _whose(incident: Incident, known: dict[int, str]) -> str:
    number = incident.endpoint_id
    if number is None:
        return incident.subject or OUR_NETWORK
    return known.get(number, "an endpoint that is gone")


def _describe(entry: _Entry) -> dict[str, Any]:
    severity = histories.severity(entry.incident)
    return asdict(entry.incident) | {
        "endpoint": entry.subject,
        "severity": severity,
        "stage": entry.stage,
    }


def _cells(entry: _Entry, zone: ZoneInfo, now_ms: int) -> tuple[str, ...]:
    incident = entry.incident
    lasted_ms = (incident.ended_ms or now_ms) - incident.started_ms
    return (
        str(incident.id),
        local(incident.started_ms, zone),
        entry.subject,
        incident.cause,
        histories.severity(incident).value,
        entry.stage.value,
        lasting(lasted_ms) + (" so far" if incident.is_open else ""),
    )


def show(number: int, *, as_json: bool) -> str:
    """All of one incident as text or JSON. Raises Refusal and SettingsError."""
    settings, now_ms = read_settings(), clock_ms()
    with open_ledger(settings.database_url) as database, database.reading() as session:
        try:
            history = histories.read(session, number)
            damage = damages.of_incident(session, history.incident, now_ms)
        except UnknownIncident as error:
            raise Refusal(str(error), 1) from None
    if as_json:
        cost = None if damage is None else describe(damage)
        return json.dumps(_describe_all(history) | {"cost": cost}, indent=2)
    lines = [] if damage is None else [f"{name}: {said}" for name, said in spell(damage)]
    head, *rest = _paragraphs(history, settings.zone, now_ms)
    return "\n".join([head, *lines, *rest])


def _describe_all(history: History) -> dict[str, Any]:
    entry = _Entry(history.incident, history.subject, history.stage)
    acknowledged = history.acknowledgement
    return _describe(entry) | {
        "together": [each.id for each in history.together],
        "acknowledgement": None if acknowledged is None else asdict(acknowledged),
        "written": [asdict(each) for each in history.written],
        "deliveries": [asdict(each) for each in history.deliveries],
    }


def _spell_cause(incident: Incident) -> str:
    outcome = incident.outcome
    blamed = "" if outcome is None else f" (blame: {RULINGS[outcome].blame.value})"
    return f"{incident.cause}{blamed}"


def _paragraphs(history: History, zone: ZoneInfo, now_ms: int) -> Iterator[str]:
    incident, acknowledged = history.incident, history.acknowledgement
    started, lasted_ms = local(incident.started_ms, zone), incident.ended_ms or now_ms
    ended = "" if incident.ended_ms is None else f" to {local(incident.ended_ms, zone)}"
    yield "\n".join(
        (
            f"Incident {incident.id}: {history.subject}, {_spell_cause(incident)}",
            f"{history.severity.value}, {history.stage.value}",
            f"{started}{ended} ({zone.key}), {lasting(lasted_ms - incident.started_ms)}",
        )
    )
    others = [
        each.slug or each.subject or OUR_NETWORK
        for each in history.together
        if each.id != incident.id
    ]
    if others:
        yield f"Told together with {', '.join(others)}"
    if acknowledged is not None:
        said = f": {acknowledged.words}" if acknowledged.words else ""
        at = local(acknowledged.at_ms, zone)
        yield f"Acknowledged {at} by {acknowledged.by} ({acknowledged.via}){said}"
    for line in history.deliveries:
        yield f"{local(line.created_ms, zone)} {line.channel}: {line.telling}, {line.state}"
    for note in history.written:
        yield f"\n{local(note.at_ms, zone)} {note.by} ({note.kind.value.replace('_', '-')})"
        yield note.text
