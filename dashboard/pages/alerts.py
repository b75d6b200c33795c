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
from dashboard.components.hold_rows import silence_rows, upkeep_rows
from dashboard.components.table import rows_json, table
from dashboard.pages import (
    alert_channels,
    alert_holds,
    alert_latency,
    alert_rules,
    alert_trials,
)
from dashboard.reads import Reads
from monitor.storage.engine import Session
from monitor.storage.queries import alerts
from monitor.storage.queries.alerts import Line, Standing

PATH = re.compile(r"/alerts/?")
_SHOWN = 200
_RESENDS: Column = {"h": "Ask for"}
_OUTPUTS = (
    Output(ids.ALERTS_HEADLINE, "children"),
    Output(ids.ALERTS_CHANNELS, "data-rows"),
    Output(ids.ALERTS_DEAD, "data-rows"),
    Output(ids.ALERTS_LOG, "data-rows"),
    Output(ids.ALERTS_SILENCES, "data-rows"),
    Output(ids.ALERTS_UPKEEP, "data-rows"),
    Output(ids.HOLD_WHAT, "data"),
    Output(ids.ALERT_RULES, "data-rows"),
    Output(ids.ALERTS_LATENCY_LEGEND, "children"),
    Output(ids.ALERTS_LATENCY, "figure"),
    Output(ids.ALERTS_LATENCY_ROWS, "data-rows"),
)


class Drawn(NamedTuple):
    """Everything on the page, in the order of the outputs."""

    headline: parts.Children = None
    channels: str = "[]"
    dead: str = "[]"
    log: str = "[]"
    silences: str = "[]"
    upkeep: str = "[]"
    holdable: tuple[dict[str, str], ...] = ()
    rules: str = "[]"
    latency: alert_latency.Drawn = alert_latency.Drawn()


def layout(reads: Reads, choice: Choice) -> Component:
    """Channels and messages, drawn."""
    trying = alert_trials.trying(reads.drawn(alert_trials.chosen, choice), choice)
    return _frame(reads.drawn(draw, choice), trying, choice.label())


def blank() -> Component:
    """The page without channels and messages."""
    return _frame(Drawn(), alert_trials.trying(None, None))


def register(app: Dash, reads: Reads) -> None:
    """What is told appears in place."""

    @app.callback(
        *_OUTPUTS,
        Input(ids.TOKEN, "data"),
        State(ids.LOCATION, "search"),
        prevent_initial_call=True,
    )
    async def refresh(_token: str, search: str | None) -> object:
        drawn = await reads.redrawn(draw, search)
        *told, latency = drawn
        return (*told, latency.legend, parts.renew(latency.figure), latency.rows)

    alert_channels.register(app, reads)
    alert_holds.register(app, reads)
    alert_trials.register(app, reads)


def _frame(drawn: Drawn, trying: Component, window: str = "") -> Component:
    return parts.page(
        "Alerts · inferwatch",
        html.Div(drawn.headline, id=ids.ALERTS_HEADLINE),
        alert_channels.section(drawn.channels),
        *alert_holds.section(drawn.silences, drawn.upkeep, drawn.holdable),
        alert_rules.section(drawn.rules),
        trying,
        alert_latency.section(drawn.latency, window),
        parts.section(
            "Dead letters",
            table(
                ids.ALERTS_DEAD,
                "Dead letters",
                [*COLUMNS, _RESENDS],
                drawn.dead,
                empty="Every message was delivered, or is on its way.",
            ),
            note="or inferwatch alerts resend NUMBER",
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
        rows_json([alert_channels.row(each, choice) for each in channels]),
        rows_json([_dead_row(line, choice) for line in dead]),
        rows_json([delivery_row(line, choice) for line in alerts.log(session, _SHOWN)]),
        silence_rows(session, choice),
        upkeep_rows(session, choice),
        alert_holds.options(session),
        alert_rules.draw(session, choice),
        alert_latency.draw(session, choice),
    )


def _headline(channels: Sequence[Standing], dead: Sequence[Line]) -> Component:
    named = fmt.plural(len(channels), "channel")
    if not channels:
        said, more, tone = "Nobody is told", "No channel is in the settings.", "unknown"
    elif dead:
        said = f"{fmt.plural(len(dead), 'message')} could not be delivered"
        more, tone = f"{named}; each dead letter says why.", "down"
    elif off := alert_channels.off(channels):
        said = f"Channel {off[0].name} is off" if len(off) == 1 else f"{len(off)} channels are off"
        more, tone = "Nothing is sent there but tests; its row says why.", "down"
    elif any(alert_channels.is_failing(each) for each in channels):
        said, tone = "A channel refuses what it is sent", "degraded"
        more = f"{named}; its messages are tried again."
    else:
        waiting = sum(each.waiting for each in channels)
        said, tone = "Every alert was delivered", "up"
        more = f"{named}; {fmt.plural(waiting, 'message')} on their way." if waiting else named
    return html.Div([html.H1(said), html.P(more)], className=f"iw-headline is-{tone}")


def _dead_row(line: Line, choice: Choice) -> Row:
    row = delivery_row(line, choice)
    return {**row, "c": [*row["c"], cells.asks(cells.Ask("Send again", "resend", str(line.id)))]}
