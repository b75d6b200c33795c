"""Alerts: who is told, what was told, and what could not be."""

import re
from collections.abc import Sequence
from typing import NamedTuple

from dash import Dash, Input, Output, State, html
from dash.development.base_component import Component

from dashboard import format as fmt
from dashboard import ids
from dashboard.choices import Choice
from dashboard.components import cells, parts
from dashboard.components.cells import Column, Row
from dashboard.components.delivery_rows import COLUMNS, delivery_row
from dashboard.components.table import rows_json, table
from dashboard.reads import Reads
from monitor.storage.engine import Session
from monitor.storage.queries import alerts
from monitor.storage.queries.alerts import Line, Standing

PATH = re.compile(r"/alerts/?")
_SHOWN = 200
_CHANNELS: list[Column] = [
    {"h": "Channel", "grow": True},
    {"h": "State"},
    {"h": "Last success"},
    {"h": "Last error"},
    {"h": "Delivered", "num": True},
    {"h": "On their way", "num": True},
    {"h": "Dead letters", "num": True},
]
_OUTPUTS = (
    Output(ids.ALERTS_HEADLINE, "children"),
    Output(ids.ALERTS_CHANNELS, "data-rows"),
    Output(ids.ALERTS_DEAD, "data-rows"),
    Output(ids.ALERTS_LOG, "data-rows"),
)


class Drawn(NamedTuple):
    """Everything on the page, in the order of the outputs."""

    headline: parts.Children = None
    channels: str = "[]"
    dead: str = "[]"
    log: str = "[]"


def layout(reads: Reads, choice: Choice) -> Component:
    """Channels and messages, drawn."""
    return _frame(reads.drawn(draw, choice))


def blank() -> Component:
    """The page without channels and messages."""
    return _frame(Drawn())


def register(app: Dash, reads: Reads) -> None:
    """What is told appears in place."""

    @app.callback(
        *_OUTPUTS,
        Input(ids.TOKEN, "data"),
        State(ids.LOCATION, "search"),
        prevent_initial_call=True,
    )
    async def refresh(_token: str, search: str | None) -> object:
        return await reads.redrawn(draw, search)


def _frame(drawn: Drawn) -> Component:
    return parts.page(
        "Alerts · inferwatch",
        html.Div(drawn.headline, id=ids.ALERTS_HEADLINE),
        parts.section(
            "Channels",
            table(
                ids.ALERTS_CHANNELS,
                "Channels",
                _CHANNELS,
                drawn.channels,
                empty="Nobody is told of anything: add a channel under alerts: in the settings.",
            ),
            note="inferwatch alerts test NAME sends a test",
        ),
        parts.section(
            "Dead letters",
            table(
                ids.ALERTS_DEAD,
                "Dead letters",
                COLUMNS,
                drawn.dead,
                empty="Every message was delivered, or is on its way.",
            ),
            note="inferwatch alerts resend NUMBER sends one again",
        ),
        parts.section(
            "Deliveries",
            table(
                ids.ALERTS_LOG,
                "Deliveries",
                COLUMNS,
                drawn.log,
                empty="Nothing was told yet.",
                is_searchable=True,
            ),
            note=f"the newest {_SHOWN}, whichever window is chosen",
        ),
    )


def draw(session: Session, choice: Choice) -> Drawn:
    """Everything on the page."""
    channels, dead = alerts.channels(session), alerts.dead(session, _SHOWN)
    return Drawn(
        _headline(channels, dead),
        rows_json([_channel_row(each, choice) for each in channels]),
        rows_json([delivery_row(line, choice) for line in dead]),
        rows_json([delivery_row(line, choice) for line in alerts.log(session, _SHOWN)]),
    )


def _headline(channels: Sequence[Standing], dead: Sequence[Line]) -> Component:
    named = fmt.plural(len(channels), "channel")
    if not channels:
        said, more, tone = "Nobody is told", "No channel is in the settings.", "unknown"
    elif dead:
        said = f"{fmt.plural(len(dead), 'message')} could not be delivered"
        more, tone = f"{named}; each dead letter says why.", "down"
    elif any(_is_failing(each) for each in channels):
        said, tone = "A channel refuses what it is sent", "degraded"
        more = f"{named}; its messages are tried again."
    else:
        waiting = sum(each.waiting for each in channels)
        said, tone = "Every alert was delivered", "up"
        more = f"{named}; {fmt.plural(waiting, 'message')} on their way." if waiting else named
    return html.Div([html.H1(said), html.P(more)], className=f"iw-headline is-{tone}")


def _is_failing(channel: Standing) -> bool:
    """Whether its newest try failed."""
    return channel.failed_ms is not None and channel.failed_ms > (channel.delivered_ms or 0)


def _channel_row(channel: Standing, choice: Choice) -> Row:
    if _is_failing(channel):
        state = cells.state("down", "Refuses", below="its newest try failed", sort=0)
    elif channel.delivered_ms is None:
        state = cells.state("unknown", "Not used yet", below="send it a test", sort=1)
    else:
        state = cells.state("up", "Works", sort=2)
    return {
        "k": channel.name,
        "tone": "failing" if _is_failing(channel) else "",
        "c": [
            cells.text(channel.name, below=channel.shown),
            state,
            cells.text(_clock(channel.delivered_ms, choice), sort=channel.delivered_ms or 0),
            cells.text(
                _clock(channel.failed_ms, choice), below=channel.error, sort=channel.failed_ms or 0
            ),
            cells.text(fmt.count(channel.delivered), sort=channel.delivered),
            cells.text(fmt.count(channel.waiting), sort=channel.waiting),
            cells.text(fmt.count(channel.dead), sort=channel.dead),
        ],
    }


def _clock(at_ms: int | None, choice: Choice) -> str:
    return "never" if at_ms is None else fmt.clock(at_ms, choice.zone, choice.now_ms)
