"""Incident: one confirmed failure, what it rests on, what was done, and the calls behind it."""

import re
from typing import NamedTuple
from urllib.parse import unquote

from dash import Dash, Input, Output, State, html
from dash.development.base_component import Component

from dashboard import format as fmt
from dashboard import ids
from dashboard.choices import Choice
from dashboard.components import call_rows, parts, timeline
from dashboard.components.table import rows_json, table
from dashboard.pages import failing, incident_case, saying, story, told
from dashboard.pages.incident_case import Case
from dashboard.reads import Reads
from monitor.storage.engine import Session
from monitor.storage.queries import calls, failures, usage
from monitor.storage.queries.owners import ALL

PATH = re.compile(r"/incidents/(\d{1,18})")
_LIMIT = 30
_OF_COST = "as far as the ledger can tell"
_OUTPUTS = (
    Output(ids.INCIDENT_HEADLINE, "children"),
    Output(ids.INCIDENT_FACTS, "children"),
    Output(ids.INCIDENT_COST, "children"),
    Output(ids.INCIDENT_TIMELINE, "children"),
    Output(ids.INCIDENT_TRACKS, "children"),
    Output(ids.INCIDENT_CLASSES, "data-rows"),
    Output(ids.INCIDENT_CALLS, "data-rows"),
    Output(ids.INCIDENT_MORE, "children"),
)


class Drawn(NamedTuple):
    """What renews itself, in the order of the outputs; then what people said."""

    headline: parts.Children = None
    facts: parts.Children = None
    cost: parts.Children = None
    timeline: parts.Children = None
    tracks: parts.Children = None
    classes: str = "[]"
    calls: str = "[]"
    more: parts.Children = None
    said: saying.Said = saying.Said()
    draft: str = ""


def layout(reads: Reads, choice: Choice, number: str) -> Component:
    """One incident, drawn. Raises NotHere."""
    return _frame(number, choice, reads.drawn(draw, choice, int(number)))


def blank() -> Component:
    """An incident's page without anything in it."""
    return _frame("", None, Drawn())


def register(app: Dash, reads: Reads) -> None:
    """An open incident goes on in place, and takes what is said of it."""

    @app.callback(
        *_OUTPUTS,
        *saying.OUTPUTS,
        Input(ids.TOKEN, "data"),
        State(ids.LOCATION, "search"),
        State(ids.LOCATION, "pathname"),
        prevent_initial_call=True,
    )
    async def refresh(_token: str, search: str | None, path: str) -> object:
        drawn = await reads.redrawn(draw, search, int(unquote(path).rpartition("/")[2]))
        return (*drawn[: len(_OUTPUTS)], *drawn.said)

    saying.register(app, reads)


def _frame(number: str, choice: Choice | None, drawn: Drawn) -> Component:
    zone = "" if choice is None else fmt.zone_name(choice.zone)
    return parts.page(
        f"Incident {number} · inferwatch",
        html.Div(drawn.headline, id=ids.INCIDENT_HEADLINE),
        html.Div(
            [
                _panel("What happened", ids.INCIDENT_TIMELINE, drawn.timeline, zone),
                html.Div(
                    [
                        saying.section(drawn.said, drawn.draft),
                        _panel("What it was", ids.INCIDENT_FACTS, drawn.facts, None),
                        _panel("What it cost", ids.INCIDENT_COST, drawn.cost, _OF_COST),
                    ],
                    className="iw-column",
                ),
            ],
            className="iw-pair",
        ),
        _panel("What was held true", ids.INCIDENT_TRACKS, drawn.tracks, zone),
        *_calls(drawn),
    )


def _calls(drawn: Drawn) -> tuple[Component, ...]:
    classes = table(
        ids.INCIDENT_CLASSES,
        "Classes of failure",
        failing.CLASSES[:-1],
        drawn.classes,
        empty="No call of this time is kept, or none failed.",
    )
    listed = table(
        ids.INCIDENT_CALLS,
        "Calls meanwhile",
        call_rows.COLUMNS,
        drawn.calls,
        empty="No call of this time is kept any more.",
    )
    more = html.Div(drawn.more, id=ids.INCIDENT_MORE, className="iw-more")
    return (
        parts.section("Why calls failed", classes, note="all calls to what it befell meanwhile"),
        parts.section("Calls meanwhile", listed, more),
    )


def _panel(title: str, component_id: str, children: parts.Children, note: str | None) -> Component:
    panel = html.Div(children, id=component_id, className="iw-panel")
    return parts.section(title, panel, note=note)


def draw(session: Session, choice: Choice, number: int) -> Drawn:
    """Everything on the page. Raises NotHere."""
    case = incident_case.find(session, choice, number)
    counts = failures.counts(session, case.window, case.numbers)
    made = usage.totals(session, case.window, choice.zone, endpoint_ids=case.numbers)[ALL].n
    span = incident_case.calls_of(case)
    wanted = calls.CallFilter(endpoint_ids=case.numbers, window=case.window)
    listed = calls.page(session, wanted, limit=_LIMIT).lines
    classes = failing.classes(counts, made, choice, **span)
    post_mortem = case.history.post_mortem
    return Drawn(
        incident_case.headline(case, choice),
        incident_case.facts(session, case, choice),
        incident_case.cost(session, case, choice),
        _timeline(session, case, choice),
        incident_case.held(session, case, choice),
        rows_json([row | {"c": row["c"][:-1]} for row in classes]),
        rows_json([call_rows.call_row(line, choice) for line in listed]),
        _more(len(listed), made, choice.href("/calls", **span)),
        saying.draw(case.history, choice),
        "" if post_mortem is None else post_mortem.text,
    )


def _timeline(session: Session, case: Case, choice: Choice) -> Component:
    events = story.tell(session, case.incident, case.numbers, choice)
    return timeline.timeline([*events, *told.tell(case.history, choice)], choice)


def _more(shown: int, made: int, href: str) -> list[Component]:
    said = html.Span(f"{shown} shown of {fmt.plural(made, 'call')}")
    return [html.A("All calls of this time", href=href, className="iw-button"), said]
