"""Delivery rows: messages to channels as every table of them shows them."""

from typing import NamedTuple

from dashboard import format as fmt
from dashboard.choices import Choice
from dashboard.components import cells
from dashboard.components.cells import Cell, Column, Row
from monitor.domain.alerts import AlertKind, Telling
from monitor.domain.deliveries import DeliveryState
from monitor.domain.silences import HoldKind
from monitor.storage.queries.alerts import Line

COLUMNS: list[Column] = [
    {"h": "Confirmed"},
    {"h": "What", "grow": True},
    {"h": "Channel"},
    {"h": "State"},
    {"h": "Took", "num": True},
    {"h": "Tries", "num": True},
]
_SAID = {
    Telling.OPENED: "failing",
    Telling.GREW: "more endpoints",
    Telling.FLAPPING: "flapping",
    Telling.CLOSED: "over",
    Telling.FIRED: "threshold met",
    Telling.CROWD: "over the limit, as one",
    Telling.SUMMARY: "came and went while silenced",
    Telling.DIGEST: "digest",
    Telling.REMINDER: "lasts, not acknowledged",
    Telling.ESCALATED: "escalated",
    Telling.TEST: "test of the channel",
}
_KINDS = {
    AlertKind.AVAILABILITY: "endpoint down",
    AlertKind.ACCOUNT: "account refused",
    AlertKind.MONITOR: "our own network",
    AlertKind.BUDGET: "budget",
    AlertKind.DEGRADED: "endpoint degraded",
    AlertKind.ERRORS: "many errors",
    AlertKind.RATE_LIMITS: "rate limits",
    AlertKind.BURN: "error budget",
    AlertKind.SPEND: "unusual spend",
    AlertKind.CATALOGUE: "prices and models",
    AlertKind.SELF: "the monitor itself",
    AlertKind.DIGEST: "more than one",
}
_HOLDS = {
    HoldKind.MAINTENANCE: "by maintenance",
    HoldKind.SILENCE: "by a silence",
    HoldKind.RECOVERY: "by a silence, until it is over",
}


class _Shown(NamedTuple):
    tone: str
    word: str
    sort: int
    below: str = ""


_SHOWN = {
    DeliveryState.DEAD: _Shown("bad", "Dead letter", 0),
    DeliveryState.WAITING: _Shown("unknown", "On its way", 1),
    DeliveryState.HELD: _Shown("unknown", "Held", 1),
    DeliveryState.GATHERED: _Shown("unknown", "In the next digest", 1),
    DeliveryState.DELIVERED: _Shown("good", "Delivered", 2),
    DeliveryState.MERGED: _Shown("excluded", "In a newer one", 3, "told with what came"),
    DeliveryState.SUMMED: _Shown("excluded", "In a summary", 3, "told with others"),
    DeliveryState.PASSED: _Shown("excluded", "Passed on", 3),
    DeliveryState.UNTOLD: _Shown("excluded", "Not told", 3, "over while it was held"),
}


def said(line: Line) -> str:
    """What a message tells, in a word or three."""
    if line.telling == Telling.FIRED and line.kind != AlertKind.BUDGET:
        return "noticed"
    return _SAID[Telling(line.telling)]


def delivery_row(line: Line, choice: Choice) -> Row:
    """One message."""
    at = fmt.clock(line.created_ms, choice.zone, choice.now_ms)
    kind = None if line.kind is None else _KINDS[AlertKind(line.kind)]
    below = said(line) if kind is None else f"{said(line)} · {kind}"
    href = _href(line, choice)
    row: Row = {
        "k": str(line.id),
        "tone": "failing" if line.state == DeliveryState.DEAD else "",
        "c": [
            cells.text(at, href=href, sort=line.created_ms, below=f"number {line.id}"),
            cells.text(_whose(line), below=below),
            cells.text(line.channel),
            _state(line, choice),
            _took(line),
            cells.text(str(line.attempts), sort=line.attempts),
        ],
    }
    return row if href is None else {**row, "h": href}


def _href(line: Line, choice: Choice) -> str | None:
    return None if line.incident_id is None else choice.href(f"/incidents/{line.incident_id}")


def _whose(line: Line) -> str:
    if line.kind is None:
        return "nothing is wrong"
    if line.noticed is not None:
        return line.noticed
    if line.incidents > 1:
        return f"{line.provider}: {fmt.plural(line.incidents, 'endpoint')}"
    return line.endpoint or line.provider or "our own network"


def _state(line: Line, choice: Choice) -> Cell:
    state = DeliveryState(line.state)
    shown = _SHOWN[state]
    return cells.state(shown.tone, shown.word, below=_more(line, state, choice), sort=shown.sort)


def _more(line: Line, state: DeliveryState, choice: Choice) -> str:
    due = fmt.clock(line.due_ms, choice.zone, choice.now_ms)
    match state:
        case DeliveryState.DELIVERED:
            return fmt.clock(line.delivered_ms, choice.zone, choice.now_ms)
        case DeliveryState.DEAD:
            return line.error or ""
        case DeliveryState.PASSED:
            return f"for the fallback channel: {line.error}"
        case DeliveryState.WAITING:
            return f"due {due}" if line.error is None else f"{line.error}; again {due}"
        case DeliveryState.HELD:
            return _HOLDS[HoldKind(line.hold or HoldKind.SILENCE)]
        case _:
            return f"for {due}" if state is DeliveryState.GATHERED else _SHOWN[state].below


def _took(line: Line) -> Cell:
    if line.delivered_ms is None:
        return cells.text(fmt.DASH, sort=-1, title="not delivered", tone="quiet")
    took_ms = line.delivered_ms - line.created_ms
    return cells.text(fmt.lasting(took_ms), sort=took_ms)
