"""How soon alerts arrive: a chart and a table by channel, over the chosen window."""

from collections.abc import Mapping, Sequence
from typing import NamedTuple

from dash import html
from dash.development.base_component import Component

from dashboard import format as fmt
from dashboard import ids
from dashboard.choices import Choice
from dashboard.components import cells, parts
from dashboard.components.cells import Column, Row
from dashboard.components.table import rows_json, table
from dashboard.figures import deliveries as charts
from dashboard.figures.axes import Figure
from dashboard.figures.deliveries import Course
from dashboard.theme import SERIES
from monitor.domain.promptness import Took, sum_up
from monitor.domain.steps import cut
from monitor.storage.engine import Session
from monitor.storage.queries import deliveries

_COLUMNS: list[Column] = [
    {"h": "Channel", "grow": True},
    {"h": "Messages", "num": True},
    {"h": "p50", "num": True},
    {"h": "p95", "num": True},
    {"h": "Slowest", "num": True},
    {"h": "Held by design", "num": True},
]


class Drawn(NamedTuple):
    """What changes, in the order of the page's outputs."""

    legend: parts.Children = None
    figure: Figure = {}  # noqa: RUF012 -- only read
    rows: str = "[]"


def section(drawn: Drawn, window: str) -> Component:
    """The chart, and the figures beside it."""
    chart = parts.section(
        "How soon alerts arrive",
        html.Div(drawn.legend, id=ids.ALERTS_LATENCY_LEGEND),
        parts.graph(ids.ALERTS_LATENCY, "How soon alerts arrive", drawn.figure),
        note=f"p50, and p95 dotted, after confirmation; what was held by design apart · {window}",
        name="iw-chart",
    )
    figures = table(
        ids.ALERTS_LATENCY_ROWS,
        "How soon alerts arrive",
        _COLUMNS,
        drawn.rows,
        empty="No alert was delivered in this window.",
    )
    return html.Div([chart, figures])


def draw(session: Session, choice: Choice) -> Drawn:
    """What arrived in the window, by channel; those with most messages have a line."""
    by_channel: dict[str, list[Took]] = {}
    for each in deliveries.arrived(session, choice.window):
        by_channel.setdefault(each.channel, []).append(each)
    ordered = dict(sorted(by_channel.items(), key=lambda pair: (-len(pair[1]), pair[0])))
    colours = dict(zip(ordered, SERIES, strict=False))
    courses = {name: (colour, _course(ordered[name], choice)) for name, colour in colours.items()}
    return Drawn(
        parts.legend([(colour, name) for name, colour in colours.items()]),
        charts.promptness(courses, choice.window, choice.zone),
        rows_json(_rows(ordered)),
    )


def _course(arrived: Sequence[Took], choice: Choice) -> Course:
    steps = cut(choice.window, choice.coarse_step_ms, choice.zone)
    within: list[list[Took]] = [[] for _ in steps.starts]
    for each in arrived:
        within[steps.place_of(each.at_ms)].append(each)
    return [(at_ms, sum_up(found)) for at_ms, found in zip(steps.starts, within, strict=True)]


def _rows(by_channel: Mapping[str, Sequence[Took]]) -> list[Row]:
    return [
        {
            "k": name,
            "c": [
                cells.text(name),
                cells.text(fmt.count(it.n), sort=it.n),
                *(
                    cells.text(fmt.seconds(ms / 1000), sort=ms)
                    for ms in (it.p50_ms, it.p95_ms, it.worst_ms)
                ),
                cells.text(_held(it.held_ms), sort=it.held_ms),
            ],
        }
        for name, arrived in by_channel.items()
        if (it := sum_up(arrived)) is not None
    ]


def _held(held_ms: int) -> str:
    return f"up to {fmt.lasting(held_ms)}" if held_ms else "never"
