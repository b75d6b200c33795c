"""Spend: what a team's calls cost, for whom, and why it changed. Probes stand apart."""

import re
from typing import NamedTuple

from dash import Dash, Input, Output, State, html
from dash.development.base_component import Component

from dashboard import ids
from dashboard.choices import BadChoice, Choice
from dashboard.components import parts
from dashboard.components.table import rows_json, table
from dashboard.figures import movers as effects
from dashboard.figures.axes import Figure
from dashboard.grouping import filters, grouping
from dashboard.pages import (
    spend_cards,
    spend_course,
    spend_days,
    spend_notes,
    spend_picks,
    spend_rows,
)
from dashboard.reads import Reads
from monitor.domain.dimensions import Dimension, OutOfReachError
from monitor.services import courses, spend
from monitor.services.spend import Question
from monitor.storage import budgets, probe_caps
from monitor.storage.engine import Session

PATH = re.compile(r"/spend/?")
_OUTPUTS = (
    Output(ids.SPEND_NOTICE, "children"),
    Output(ids.SPEND_CARDS, "children"),
    Output(ids.SPEND_DAYS, "figure"),
    Output(ids.SPEND_DAYS_LEGEND, "children"),
    Output(ids.SPEND_COURSE, "figure"),
    Output(ids.SPEND_COURSE_LEGEND, "children"),
    Output(ids.SPEND_COURSE_NOTE, "children"),
    Output(ids.SPEND_OWNERS, "data-rows"),
    Output(ids.SPEND_OWNERS_NOTE, "children"),
    Output(ids.SPEND_EFFECTS, "figure"),
    Output(ids.SPEND_MOVED, "data-rows"),
    Output(ids.SPEND_MOVED_NOTE, "children"),
    Output(ids.SPEND_FAILED, "data-rows"),
    Output(ids.SPEND_FAILED_NOTE, "children"),
    Output(ids.SPEND_UNPRICED, "data-rows"),
    Output(ids.SPEND_TRUST, "children"),
)


class Drawn(NamedTuple):
    """Everything on the page that changes, in the order of the outputs."""

    notice: parts.Children = None
    cards: parts.Children = None
    days: Figure = {}  # noqa: RUF012 - only read
    days_legend: parts.Children = None
    course: Figure = {}  # noqa: RUF012
    course_legend: parts.Children = None
    course_note: str = ""
    owners: str = "[]"
    owners_note: str = ""
    effects: Figure = {}  # noqa: RUF012
    moved: str = "[]"
    moved_note: str = ""
    failed: str = "[]"
    failed_note: str = ""
    unpriced: str = "[]"
    trust: parts.Children = None


def layout(reads: Reads, choice: Choice) -> Component:
    """Spend, drawn. Raises BadChoice."""
    by, chosen = grouping(choice), filters(choice)
    return _frame(
        choice, reads.drawn(draw, choice), by, spend_picks.chosen(choice, "/spend", chosen)
    )


def blank() -> Component:
    """The page without figures."""
    return _frame(None, Drawn(), Dimension.MODEL, [])


def register(app: Dash, reads: Reads) -> None:
    """New calls appear in place; charts keep their zoom."""

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
    choice: Choice | None, drawn: Drawn, by: Dimension, chosen: list[Component]
) -> Component:
    window = "" if choice is None else choice.label()
    what_if = [] if choice is None else [spend_picks.what_if(choice)]
    picks = [spend_picks.groupings(Dimension.MODEL), *chosen, *what_if]
    bar = html.Div(picks, className="iw-more")
    return parts.page(
        "Spend · inferwatch",
        html.Div([html.H1("Spend"), html.P(window)], className="iw-headline is-plain"),
        bar,
        html.Div(drawn.notice, id=ids.SPEND_NOTICE),
        html.Div(drawn.cards, id=ids.SPEND_CARDS, className="iw-cards is-six"),
        html.Div([_days(choice, drawn, by), _course(drawn)], className="iw-pair"),
        _owners(drawn, by),
        _moved(drawn, by),
        html.Div([_failed(drawn), _unpriced(choice, drawn)], className="iw-pair"),
        parts.section(
            "How the cost is known",
            html.Div(drawn.trust, id=ids.SPEND_TRUST, className="iw-panel"),
            note=window,
        ),
    )


def _days(choice: Choice | None, drawn: Drawn, by: Dimension) -> Component:
    title = "Spend per day"
    note = "" if choice is None else f"by {by} · {spend_days.span(choice)}"
    return parts.section(
        title,
        html.Div(drawn.days_legend, id=ids.SPEND_DAYS_LEGEND),
        parts.graph(ids.SPEND_DAYS, title, drawn.days),
        note=note,
        name="iw-chart",
    )


def _course(drawn: Drawn) -> Component:
    title = "Adding up"
    return parts.section(
        title,
        html.Div(drawn.course_legend, id=ids.SPEND_COURSE_LEGEND),
        parts.graph(ids.SPEND_COURSE, "Spend adding up over the period", drawn.course),
        note=html.Span(drawn.course_note, id=ids.SPEND_COURSE_NOTE),
        name="iw-chart",
    )


def _owners(drawn: Drawn, by: Dimension) -> Component:
    listed = table(
        ids.SPEND_OWNERS,
        f"Spend by {by}",
        [{"h": by.value.capitalize(), "grow": True}, *spend_rows.OWNERS],
        drawn.owners,
        empty="No team call in this window, nor in the one before.",
        is_searchable=True,
    )
    note = html.Span(drawn.owners_note, id=ids.SPEND_OWNERS_NOTE)
    return parts.section(f"By {by}", listed, note=note)


def _moved(drawn: Drawn, by: Dimension) -> Component:
    title = "What changed"
    return parts.section(
        title,
        parts.legend([(colour, word) for word, colour in effects.EFFECTS.values()]),
        parts.graph(ids.SPEND_EFFECTS, title, drawn.effects),
        table(
            ids.SPEND_MOVED,
            title,
            [{"h": by.value.capitalize(), "grow": True}, *spend_rows.MOVED],
            drawn.moved,
            empty="There are no two periods with spend to compare.",
        ),
        note=html.Span(drawn.moved_note, id=ids.SPEND_MOVED_NOTE),
    )


def _failed(drawn: Drawn) -> Component:
    listed = table(
        ids.SPEND_FAILED,
        "Cost of failed calls",
        spend_rows.FAILED,
        drawn.failed,
        empty="No failed call of known cost.",
    )
    note = html.Span(drawn.failed_note, id=ids.SPEND_FAILED_NOTE)
    return parts.section("Cost of failed calls", listed, note=note)


def _unpriced(choice: Choice | None, drawn: Drawn) -> Component:
    listed = table(
        ids.SPEND_UNPRICED,
        "Calls without a price",
        spend_rows.UNPRICED,
        drawn.unpriced,
        empty="Every call with known usage has a price.",
    )
    note = None if choice is None else spend_notes.prices_link(choice)
    return parts.section("Calls without a price", listed, note=note or "")


def draw(session: Session, choice: Choice) -> Drawn:
    """Everything on the page that changes. Raises BadChoice."""
    by, chosen = grouping(choice), filters(choice)
    question = Question(choice.window, choice.zone, choice.now_ms, choice.kind, by, chosen)
    try:
        return _drawn(session, choice, question)
    except OutOfReachError as error:
        raise BadChoice(str(error)) from None


def _drawn(session: Session, choice: Choice, question: Question) -> Drawn:
    by, chosen = question.by, question.filters
    found = spend.spending(session, question)
    days = spend_days.series(session, choice, by, chosen, list(found.owners))
    caps = probe_caps.read(session)
    held = courses.fitting(budgets.hold(session, choice.now_ms), chosen)
    month = spend_course.month(session, choice, chosen)
    return Drawn(
        spend_notes.notice(found),
        spend_cards.cards(found, month, caps and caps.total, choice),
        spend_days.figure(days, choice),
        spend_days.legend(days),
        *spend_course.draw(session, choice, chosen, held, month),
        rows_json(spend_rows.owner_rows(found, by, choice)),
        spend_notes.owners(session, found, choice, question),
        effects.effects(spend_rows.shown_movers(found.moved, by)),
        rows_json(spend_rows.mover_rows(found.moved, found.moved_whole, by)),
        spend_notes.moved(found, choice),
        rows_json(spend_rows.failed_rows(found.failed, choice)),
        spend_notes.failed(found, choice),
        rows_json(spend_rows.unpriced_rows(found.unpriced, choice)),
        spend_notes.trust(found.total, found.drift),
    )
