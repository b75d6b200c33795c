"""Usage: how many tokens and calls the team had, by whose they were, and how much is known."""

import re
from typing import NamedTuple

from dash import Dash, Input, Output, State, html
from dash.development.base_component import Component

from dashboard import ids
from dashboard.choices import BadChoice, Choice
from dashboard.components import parts, picks
from dashboard.components.table import rows_json, table
from dashboard.figures.axes import Figure
from dashboard.grouping import GROUPINGS, filters, grouping, link, shown
from dashboard.pages import apps, consumption, shares, volume
from dashboard.pages.consumption import View
from dashboard.reads import Reads
from monitor.domain.dimensions import Dimension, OutOfReachError
from monitor.services.breakdown import Question, break_down, told_of
from monitor.storage.engine import Session
from monitor.storage.queries import usage

PATH = re.compile(r"/usage/?")
_EMPTY = "No team call in this window. Choose another window, or fewer filters."
_LINES = """from monitor.recorder import record

client = record(openai.OpenAI())"""
_OUTPUTS = (
    Output(ids.USAGE_CARDS, "children"),
    Output(ids.USAGE_CHART, "figure"),
    Output(ids.USAGE_LEGEND, "children"),
    Output(ids.USAGE_NOTE, "children"),
    Output(ids.USAGE_TABLE, "data-rows"),
    Output(ids.USAGE_TABLE_NOTE, "children"),
    Output(ids.USAGE_TRENDING, "data-rows"),
)


class Drawn(NamedTuple):
    """Everything on the page that changes, in the order of the outputs."""

    cards: parts.Children = None
    chart: Figure = {}  # noqa: RUF012 - only read
    legend: parts.Children = None
    note: str = ""
    rows: str = "[]"
    table_note: str = ""
    trending: str = "[]"


def layout(reads: Reads, choice: Choice) -> Component:
    """Usage, drawn. Raises BadChoice."""
    is_new = not reads.drawn(_has_team, choice)
    return _frame(choice, grouping(choice), reads.drawn(draw, choice), is_new=is_new)


def blank() -> Component:
    """The page without figures."""
    return _frame(None, Dimension.MODEL, Drawn())


def register(app: Dash, reads: Reads) -> None:
    """New calls appear in place; the chart keeps its zoom."""

    @app.callback(
        *_OUTPUTS,
        Input(ids.TOKEN, "data"),
        State(ids.LOCATION, "search"),
        prevent_initial_call=True,
    )
    async def refresh(_token: str, search: str | None) -> object:
        drawn = await reads.redrawn(draw, search)
        return tuple(parts.renew(part) if isinstance(part, dict) else part for part in drawn)


def _frame(
    choice: Choice | None, by: Dimension, drawn: Drawn, *, is_new: bool = False
) -> Component:
    view = View.TOKENS if choice is None else consumption.view_of(choice)
    title = consumption.title(view, by)
    listed = table(
        ids.USAGE_TABLE,
        f"Usage by {by}",
        shares.columns(by),
        drawn.rows,
        empty=_EMPTY,
        is_searchable=True,
    )
    return parts.page(
        "Usage · inferwatch",
        html.Div(
            [html.H1("Usage"), html.P("" if choice is None else choice.label())],
            className="iw-headline is-plain",
        ),
        *([_begin()] if is_new else []),
        html.Div(drawn.cards, id=ids.USAGE_CARDS, className="iw-cards"),
        *_picks(choice),
        parts.section(
            title,
            html.Div(drawn.legend, id=ids.USAGE_LEGEND),
            parts.graph(ids.USAGE_CHART, title, drawn.chart),
            note=html.Span(drawn.note, id=ids.USAGE_NOTE),
        ),
        parts.section(
            f"By {by}", listed, note=html.Span(drawn.table_note, id=ids.USAGE_TABLE_NOTE)
        ),
        apps.trending_section(ids.USAGE_TRENDING, drawn.trending),
    )


def _begin() -> Component:
    said = (
        "All figures here are of your programs' calls, and none has come yet. Two lines in a "
        "program make it tell (docs/recorder.md); probes of the monitor are counted apart."
    )
    lines = parts.code("Python, with a token of `inferwatch keys create`", _LINES)
    return html.Div([parts.notice("No team usage yet", said), lines], className="iw-begin")


def _picks(choice: Choice | None) -> list[Component]:
    rows = [
        picks.pick("by", {by: by.capitalize() for by in GROUPINGS}, Dimension.MODEL, "By"),
        picks.pick("view", consumption.VIEWS, View.TOKENS, "Show"),
        picks.pick("probes", {"": "Team", "1": "Team and probes"}, "", "Whose"),
    ]
    picked: list[Component] = [html.Div(rows, className="iw-picks")]
    if choice is None:
        return picked
    given = [
        (str(key), shown(key, value), link(choice, "/usage", **{key: None}))
        for key, value in filters(choice).given()
    ]
    return [*picked, picks.chips(given)] if given else picked


def draw(session: Session, choice: Choice) -> Drawn:
    """Everything on the page that changes. Raises BadChoice."""
    by, chosen = grouping(choice), filters(choice)
    asked = Question(choice.window, choice.zone, by, chosen, choice.kind)
    try:
        found = break_down(session, asked)
        chart = consumption.draw(session, choice, asked, found.found)
    except OutOfReachError as error:
        raise BadChoice(str(error)) from None
    return Drawn(
        volume.cards(found, choice),
        chart.figure,
        parts.legend(chart.legend),
        " · ".join(filter(None, (chart.note, told_of(by, found.found, found.whole)))),
        rows_json(shares.rows(session, choice, asked, found)),
        shares.note(found, choice, asked.by),
        apps.trending(session, choice),
    )


def _has_team(session: Session, _choice: Choice) -> bool:
    return usage.has_team_calls(session)
