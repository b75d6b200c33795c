"""Hold rows: silences and windows of maintenance as tables show them."""

from dashboard import format as fmt
from dashboard.choices import Choice
from dashboard.components import cells
from dashboard.components.cells import Cell, Column, Row
from dashboard.components.table import rows_json
from monitor.domain.recurrence import HORIZON_MS
from monitor.domain.silences import Silence
from monitor.domain.windows import DAY_MS, Window
from monitor.services import maintenance
from monitor.storage import silences as rows
from monitor.storage.engine import Session
from monitor.storage.queries import endpoints
from monitor.storage.queries import maintenance as windows
from monitor.storage.queries.maintenance import Declared

_SHOWN = 30
SILENCES: list[Column] = [
    {"h": "What", "grow": True},
    {"h": "State"},
    {"h": "Until"},
    {"h": "By"},
    {"h": "Ask for"},
]
WINDOWS: list[Column] = [
    {"h": "Of", "grow": True},
    {"h": "State"},
    {"h": "From"},
    {"h": "Until"},
    {"h": "Declared"},
    {"h": "Ask for"},
]


def silence_rows(session: Session, choice: Choice) -> str:
    """Those that hold, and the newest of those that are over."""
    found = rows.newest(session, _SHOWN)
    return rows_json([_silence_row(number, each, choice) for number, each in found.items()])


def _silence_row(number: int, silence: Silence, choice: Choice) -> Row:
    holds = silence.holds(choice.now_ms)
    over = cells.state("excluded", "Over", sort=1)
    state = cells.state("maintenance", "Holds", sort=0) if holds else over
    until = "it is over" if silence.until_ms is None else clock(silence.until_ms, choice)
    ended = None if silence.ended_ms is None else f"ended {clock(silence.ended_ms, choice)}"
    button = cells.asks(cells.Ask("End", "unsilence", str(number))) if holds else cells.text("")
    return {
        "k": str(number),
        "c": [
            cells.text(str(silence.scope), below=silence.reason or None),
            state,
            cells.text(until, below=ended, sort=silence.until_ms or 0),
            cells.text(silence.by, below=clock(silence.made_ms, choice), sort=silence.made_ms),
            button,
        ],
    }


def upkeep_rows(session: Session, choice: Choice) -> str:
    """Windows that run and that come, and those of the last day."""
    span = Window(choice.now_ms - DAY_MS, choice.now_ms + HORIZON_MS)
    slugs = {each.id: each.slug for each in endpoints.every(session)}
    found = windows.between(session, span)[::-1]
    return rows_json([_window_row(each, slugs, choice) for each in found[:_SHOWN]])


def _window_row(window: Declared, slugs: dict[int, str], choice: Choice) -> Row:
    endpoint = slugs.get(window.endpoint_id or 0)
    whose = endpoint or (f"provider {window.provider}" if window.provider else "everything")
    return {
        "k": str(window.id),
        "c": [
            cells.text(whose, below=window.reason or None),
            _state(window, choice),
            cells.text(clock(window.from_ms, choice), sort=window.from_ms),
            cells.text(clock(window.to_ms, choice), sort=window.to_ms),
            _declared(window),
            _end(window, choice),
        ],
    }


def _state(window: Declared, choice: Choice) -> Cell:
    if window.to_ms <= choice.now_ms:
        return cells.state("excluded", "Over", sort=2)
    if window.from_ms <= choice.now_ms:
        return cells.state("maintenance", "Runs", sort=0)
    return cells.state("unknown", "To come", sort=1)


def _declared(window: Declared) -> Cell:
    if window.source != maintenance.SETTINGS:
        return cells.text(window.by or window.source)
    where = "in the settings" if window.line is None else f"in the settings, line {window.line}"
    return cells.text("settings", below=where)


def _end(window: Declared, choice: Choice) -> Cell:
    is_over = window.to_ms <= choice.now_ms
    if is_over or window.source != maintenance.PEOPLE:
        return cells.text("")
    return cells.asks(cells.Ask("End", "upkept", str(window.id)))


def clock(at_ms: int, choice: Choice) -> str:
    """An instant on the clock of the page."""
    return fmt.clock(at_ms, choice.zone, choice.now_ms)
