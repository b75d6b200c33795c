"""Alert channels: how each fares, and what a reader may ask the monitor to do with it."""

from collections.abc import Sequence

from dash import Dash, Input, Output, dcc, html
from dash.development.base_component import Component

from dashboard import format as fmt
from dashboard import ids
from dashboard.asking import ask
from dashboard.choices import Choice
from dashboard.components import cells, parts
from dashboard.components.cells import Cell, Column, Row
from dashboard.components.table import table
from dashboard.reads import Reads
from monitor.storage.queries.alerts import Standing

_COLUMNS: list[Column] = [
    {"h": "Channel", "grow": True},
    {"h": "State"},
    {"h": "Last success"},
    {"h": "Last error"},
    {"h": "Limit"},
    {"h": "Delivered", "num": True},
    {"h": "Dead letters", "num": True},
    {"h": "Ask for"},
]


def section(rows: str) -> Component:
    """Every channel, and what came of what was asked for."""
    return parts.section(
        "Channels",
        table(
            ids.ALERTS_CHANNELS,
            "Channels",
            _COLUMNS,
            rows,
            empty="Nobody is told of anything: add a channel under alerts: in the settings.",
        ),
        html.Div(
            [
                html.Span("The monitor is asked …", id=ids.ALERTS_ASKING, hidden=True),
                html.Span(id=ids.ALERTS_SAID, role="status"),
            ],
            className="iw-more",
        ),
        dcc.Store(id=ids.ALERTS_ASKED),
        note="or inferwatch alerts test NAME",
    )


def register(app: Dash, reads: Reads) -> None:
    """A button of a row (assets/table.js) says what it wants; the monitor is asked for it."""

    @app.callback(
        Output(ids.ALERTS_SAID, "children"),
        Input(ids.ALERTS_ASKED, "data"),
        running=[(Output(ids.ALERTS_ASKING, "hidden"), False, True)],
        prevent_initial_call=True,
    )
    async def tell(asked: object) -> object:
        return await ask(reads.monitor_port, asked)


def off(channels: Sequence[Standing]) -> list[Standing]:
    """Those that were switched off."""
    return [each for each in channels if each.off_ms is not None]


def is_failing(channel: Standing) -> bool:
    """Whether its newest try failed."""
    return channel.failed_ms is not None and channel.failed_ms > (channel.delivered_ms or 0)


def row(channel: Standing, choice: Choice) -> Row:
    """One channel."""
    is_bad = channel.off_ms is not None or is_failing(channel)
    return {
        "k": channel.name,
        "tone": "failing" if is_bad else "",
        "c": [
            cells.text(channel.name, below=channel.shown),
            _state(channel, choice),
            cells.text(_clock(channel.delivered_ms, choice), sort=channel.delivered_ms or 0),
            cells.text(
                _clock(channel.failed_ms, choice),
                below=channel.off_reason or channel.error,
                sort=channel.failed_ms or 0,
            ),
            cells.text(channel.pace or "none", below=_fallback(channel)),
            cells.text(
                fmt.count(channel.delivered), below=_waiting(channel), sort=channel.delivered
            ),
            cells.text(fmt.count(channel.dead), sort=channel.dead),
            _buttons(channel),
        ],
    }


def _state(channel: Standing, choice: Choice) -> Cell:
    if channel.off_ms is not None:
        since = _clock(channel.off_ms, choice)
        below = f"since {since}: it always refused"
        return cells.state("down", "Off", below=below, sort=0)
    if is_failing(channel):
        return cells.state("degraded", "Refuses", below="its newest try failed", sort=1)
    if channel.delivered_ms is None:
        return cells.state("unknown", "Not used yet", below="send it a test", sort=2)
    return cells.state("up", "Works", sort=3)


def _fallback(channel: Standing) -> str:
    return "no fallback" if channel.fallback is None else f"fallback: {channel.fallback}"


def _waiting(channel: Standing) -> str:
    return f"{fmt.count(channel.waiting)} on their way" if channel.waiting else ""


def _buttons(channel: Standing) -> Cell:
    test = cells.Ask("Test", "test", channel.name)
    enable = cells.Ask("Switch on", "enable", channel.name)
    return cells.asks(test, enable) if channel.off_ms is not None else cells.asks(test)


def _clock(at_ms: int | None, choice: Choice) -> str:
    return "never" if at_ms is None else fmt.clock(at_ms, choice.zone, choice.now_ms)
