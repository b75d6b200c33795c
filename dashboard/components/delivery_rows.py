"""Delivery rows: messages to channels as every table of them shows them."""

from dashboard import format as fmt
from dashboard.choices import Choice
from dashboard.components import cells
from dashboard.components.cells import Cell, Column, Row
from monitor.domain.alerts import AlertKind, Telling
from monitor.domain.deliveries import DeliveryState
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
    Telling.TEST: "test of the channel",
}
_KINDS = {
    AlertKind.AVAILABILITY: "endpoint down",
    AlertKind.ACCOUNT: "account refused",
    AlertKind.MONITOR: "our own network",
    AlertKind.BUDGET: "budget",
}


def said(line: Line) -> str:
    """What a message tells, in a word or three."""
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
    if line.budget is not None:
        return line.budget
    if line.incidents > 1:
        return f"{line.provider}: {fmt.plural(line.incidents, 'endpoint')}"
    return line.endpoint or "our own network"


def _state(line: Line, choice: Choice) -> Cell:
    match DeliveryState(line.state):
        case DeliveryState.DELIVERED:
            at = fmt.clock(line.delivered_ms, choice.zone, choice.now_ms)
            return cells.state("good", "Delivered", below=at, sort=2)
        case DeliveryState.DEAD:
            return cells.state("bad", "Dead letter", below=line.error or "", sort=0)
        case DeliveryState.MERGED:
            return cells.state("excluded", "In a newer one", below="told with what came", sort=3)
        case DeliveryState.WAITING:
            due = fmt.clock(line.due_ms, choice.zone, choice.now_ms)
            below = f"due {due}" if line.error is None else f"{line.error}; again {due}"
            return cells.state("unknown", "On its way", below=below, sort=1)


def _took(line: Line) -> Cell:
    if line.delivered_ms is None:
        return cells.text(fmt.DASH, sort=-1, title="not delivered", tone="quiet")
    took_ms = line.delivered_ms - line.created_ms
    return cells.text(fmt.lasting(took_ms), sort=took_ms)
