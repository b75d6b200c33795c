"""Saying: what a reader says of an incident, from its page: who is at it, notes, post-mortem."""

from collections.abc import Callable
from hashlib import blake2b
from secrets import token_hex
from typing import NamedTuple
from urllib.parse import unquote

import dash_mantine_components as dmc
from dash import Dash, Input, Output, State, ctx, html, no_update
from dash.development.base_component import Component

from dashboard import format as fmt
from dashboard import ids
from dashboard.choices import Choice
from dashboard.components import parts
from dashboard.reads import Reads
from monitor.domain.acknowledgements import Acknowledgement
from monitor.domain.notes import (
    Note,
    NoteKind,
    Unsayable,
    read_name,
    read_text,
    read_words,
)
from monitor.services import acknowledgements, notes
from monitor.services.acknowledgements import IncidentOver, UnknownIncident
from monitor.services.histories import History
from monitor.services.notes import KeyTaken, StillOpen
from monitor.storage.engine import DatabaseRefused, Session

_VIA = "page"
_SHOWN = 30
_KEY_BYTES = 16


class Said(NamedTuple):
    """What people said so far, and what may still be said, in the order of `OUTPUTS`."""

    acknowledged: parts.Children = None
    notes: parts.Children = None
    post_mortem: parts.Children = None
    needs_nobody: bool = True
    is_not_over: bool = True


OUTPUTS = (
    Output(ids.INCIDENT_ACKNOWLEDGED, "children"),
    Output(ids.INCIDENT_NOTES, "children"),
    Output(ids.INCIDENT_POST_MORTEM, "children"),
    Output(ids.SAY_ACKNOWLEDGE, "hidden"),
    Output(ids.SAY_REVIEWING, "hidden"),
)


def draw(history: History, choice: Choice) -> Said:
    """What stands, and which of the forms are of use."""
    post_mortem = history.post_mortem
    is_over = history.stage.is_over
    return Said(
        _acknowledged(history, choice),
        _notes(history, choice),
        None if post_mortem is None else _written(post_mortem, choice),
        needs_nobody=is_over or history.acknowledgement is not None,
        is_not_over=not is_over,
    )


def section(said: Said, draft: str) -> Component:
    """What was said, and the forms; `draft` is the post-mortem that stands, to be worked on."""
    return parts.section(
        "What people said",
        html.Div(
            [
                html.Div(said.acknowledged, id=ids.INCIDENT_ACKNOWLEDGED),
                html.Div(said.notes, id=ids.INCIDENT_NOTES),
                _form(said),
                _reviewing(said, draft),
            ],
            className="iw-panel iw-saying",
        ),
    )


def _form(said: Said) -> Component:
    name = dmc.TextInput(
        id=ids.SAY_NAME,
        label="Your name",
        persistence=True,
        persistence_type="local",
        size="xs",
    )
    text = dmc.Textarea(
        id=ids.SAY_TEXT,
        label="What you say to it",
        autosize=True,
        minRows=2,
        maxRows=12,
        size="xs",
    )
    buttons = [
        _button("Acknowledge: I am at it", ids.SAY_ACKNOWLEDGE, is_hidden=said.needs_nobody),
        _button("Add a note", ids.SAY_NOTE),
        html.Div(id=ids.SAY_SAID, role="status"),
    ]
    return html.Div([name, text, html.Div(buttons, className="iw-more")], className="iw-say")


def _reviewing(said: Said, draft: str) -> Component:
    text = dmc.Textarea(
        id=ids.SAY_REVIEW_TEXT,
        label="What happened, why, what is done about it",
        value=draft,
        autosize=True,
        minRows=4,
        maxRows=30,
        size="xs",
    )
    return html.Div(
        [
            html.H3("Post-mortem"),
            html.Div(said.post_mortem, id=ids.INCIDENT_POST_MORTEM),
            html.Div([text, _button("Write the post-mortem", ids.SAY_REVIEW)], className="iw-say"),
        ],
        id=ids.SAY_REVIEWING,
        hidden=said.is_not_over,
    )


def _button(text: str, component_id: str, *, is_hidden: bool = False) -> Component:
    return html.Button(
        text, id=component_id, type="button", hidden=is_hidden, className="iw-button", n_clicks=0
    )


def _acknowledged(history: History, choice: Choice) -> parts.Children:
    acknowledged = history.acknowledgement
    if acknowledged is None:
        over = "Nobody acknowledged it while it lasted."
        return over if history.stage.is_over else "Nobody has said yet that he is at it."
    at = fmt.clock(acknowledged.at_ms, choice.zone, choice.now_ms)
    words = f": {acknowledged.words}" if acknowledged.words else ""
    elsewhere = "" if acknowledged.incident_id == history.incident.id else " for all of its cause"
    said = "was at it from" if history.stage.is_over else "is at it since"
    return f"{acknowledged.by} {said} {at}{elsewhere} ({acknowledged.via}){words}"


def _notes(history: History, choice: Choice) -> list[Component]:
    left = len(history.notes) - _SHOWN
    shown = [_written(each, choice) for each in history.notes[max(0, left) :]]
    if left <= 0:
        return shown
    rest = f"{fmt.plural(left, 'older note')}: inferwatch incidents show {history.incident.id}"
    return [html.P(rest), *shown]


def _written(note: Note, choice: Choice) -> Component:
    at = fmt.clock(note.at_ms, choice.zone, choice.now_ms)
    return html.Div([html.P(f"{note.by}, {at}"), html.Pre(note.text)], className="iw-written")


def register(app: Dash, reads: Reads) -> None:
    """A button writes what stands in the fields, and says what came of it."""

    @app.callback(
        Output(ids.SAY_SAID, "children"),
        Output(ids.SAY_TEXT, "value"),
        Input(ids.SAY_ACKNOWLEDGE, "n_clicks"),
        Input(ids.SAY_NOTE, "n_clicks"),
        Input(ids.SAY_REVIEW, "n_clicks"),
        State(ids.SAY_NAME, "value"),
        State(ids.SAY_TEXT, "value"),
        State(ids.SAY_REVIEW_TEXT, "value"),
        State(ids.LOCATION, "pathname"),
        prevent_initial_call=True,
    )
    async def say(*given: object) -> object:
        who, text, review, path = (str(each or "") for each in given[3:])
        number = int(unquote(path).rpartition("/")[2])
        write = _SAY[ctx.triggered_id]
        now_ms = reads.choice(None).now_ms
        said = review if write is _review else text
        told, emptied = await _tell(
            reads, lambda session: write(session, number, now_ms, who, said)
        )
        return told, no_update if write is _review else emptied


async def _tell(reads: Reads, write: Callable[[Session], str]) -> tuple[str, object]:
    """What came of it; the field is emptied where it was written."""
    try:
        return await reads.written(write), ""
    except (Unsayable, UnknownIncident, IncidentOver, StillOpen, KeyTaken) as error:
        return str(error), no_update
    except DatabaseRefused as error:
        return f"{error}; nothing is written, try again", no_update


def _acknowledge(session: Session, number: int, now_ms: int, who: str, said: str) -> str:
    by, words = read_name(who), read_words(said)
    wanted = Acknowledgement(number, now_ms, by, words, _VIA)
    done = acknowledgements.acknowledge(session, wanted)
    return "You are at it." if done.is_new else f"{done.holding.by} was first."


def _note(session: Session, number: int, now_ms: int, who: str, said: str) -> str:
    by, text = read_name(who), read_text(NoteKind.NOTE, said)
    # Clicked twice, the same words of the same person are one note.
    key = blake2b(f"{number}\0{by}\0{text}".encode(), digest_size=_KEY_BYTES).hexdigest()
    is_new = notes.write(session, Note(number, NoteKind.NOTE, now_ms, by, text, key))
    return "It is noted." if is_new else "It was noted already."


def _review(session: Session, number: int, now_ms: int, who: str, said: str) -> str:
    by, text = read_name(who), read_text(NoteKind.POST_MORTEM, said)
    notes.write(session, Note(number, NoteKind.POST_MORTEM, now_ms, by, text, token_hex(16)))
    return "The post-mortem is written."


_SAY = {
    ids.SAY_ACKNOWLEDGE: _acknowledge,
    ids.SAY_NOTE: _note,
    ids.SAY_REVIEW: _review,
}
