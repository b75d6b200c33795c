"""Alert holds: silences and maintenance, what they hold, and how a reader makes and ends them."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import dash_mantine_components as dmc
from dash import Dash, Input, Output, State, ctx, html, no_update
from dash.development.base_component import Component

from dashboard import ids
from dashboard.choices import Choice
from dashboard.components import parts
from dashboard.components.hold_rows import SILENCES, WINDOWS, clock
from dashboard.components.table import table
from dashboard.reads import Reads
from monitor.domain.alerts import AlertKind
from monitor.domain.notes import Unsayable, read_name, read_words
from monitor.domain.pauses import Scope as Place
from monitor.domain.recurrence import name_window
from monitor.domain.silences import Scope, Silence
from monitor.domain.windows import Window
from monitor.services import maintenance, silences
from monitor.settings.times import read_until_ms
from monitor.storage import alerts, subjects
from monitor.storage.engine import DatabaseRefused, Session
from monitor.storage.queries import endpoints

_EVERYTHING = "all"


@dataclass(frozen=True, slots=True)
class Asked:
    """What stands in the form, as it was written."""

    what: str
    begin: str
    until: str
    why: str
    who: str
    choice: Choice

    @property
    def from_ms(self) -> int:
        """The instant of its begin. Raises Unsayable."""
        now_ms = self.choice.now_ms
        return self._read("From", self.begin, now_ms) if self.begin.strip() else now_ms

    def until_ms(self, from_ms: int) -> int:
        """The instant of its end. Raises Unsayable."""
        return self._read("Until", self.until, from_ms)

    def _read(self, name: str, text: str, from_ms: int) -> int:
        try:
            return read_until_ms(text, from_ms, self.choice.zone)
        except ValueError as error:
            raise Unsayable(f"{name}: {text!r} {error}.") from None


def section(silenced: str, upkeep: str, options: Sequence[dict[str, str]]) -> tuple[Component, ...]:
    """Silences and maintenance, and the form that makes them."""
    return (
        parts.section(
            "Silences",
            table(
                ids.ALERTS_SILENCES, "Silences", SILENCES, silenced, empty="Nothing was silenced."
            ),
            _form(options),
            note="what is held is told when it is over; or inferwatch alerts silence",
        ),
        parts.section(
            "Maintenance",
            table(
                ids.ALERTS_UPKEEP,
                "Maintenance",
                WINDOWS,
                upkeep,
                empty="No maintenance is planned for the next 35 days.",
            ),
            note="or inferwatch maintenance add; under maintenance: in the settings",
        ),
    )


def _form(options: Sequence[dict[str, str]]) -> Component:
    what = dmc.Select(
        id=ids.HOLD_WHAT,
        label="Hold the alerts of",
        data=list(options),
        value=_EVERYTHING,
        searchable=True,
        allowDeselect=False,
        size="xs",
    )
    fields = [
        what,
        _field(ids.HOLD_FROM, "From (maintenance; empty: now)"),
        _field(ids.HOLD_UNTIL, "Until: 2h, 18:30, 2026-12-01 22:00", "2h"),
        _field(ids.HOLD_WHY, "Why"),
        _field(ids.HOLD_NAME, "Your name", persistence=True, persistence_type="local"),
    ]
    buttons = [
        _button("Silence", ids.HOLD_SILENCE),
        _button("Silence what is open until it is over", ids.HOLD_RECOVERY),
        _button("Declare maintenance", ids.HOLD_UPKEEP),
        html.Div(id=ids.HOLD_SAID, role="status"),
    ]
    return html.Div(
        [html.Div(fields, className="iw-fields"), html.Div(buttons, className="iw-more")],
        className="iw-panel iw-say",
    )


def _field(component_id: str, label: str, value: str = "", **more: Any) -> Component:
    field: Component = dmc.TextInput(id=component_id, label=label, value=value, size="xs", **more)
    return field


def _button(text: str, component_id: str) -> Component:
    return html.Button(text, id=component_id, type="button", className="iw-button", n_clicks=0)


def options(session: Session) -> tuple[dict[str, str], ...]:
    """What may be held: everything, an open alert, an endpoint, a provider, a kind."""
    standing = alerts.standing(session)
    befallen = subjects.of_alerts(session, [each.id for each in standing])
    known = endpoints.every(session)
    found = [(_EVERYTHING, "everything")]
    for each in standing:
        named = {subject.endpoint or each.alert.root.provider for subject in befallen[each.id]}
        found.append((f"alert {each.id}", f"alert {each.id}: {', '.join(sorted(named))}"))
    names = [f"provider {name}" for name in sorted({each.provider for each in known})]
    names += [f"endpoint {each.slug}" for each in known]
    names += [f"kind {each}" for each in AlertKind if each is not AlertKind.DIGEST]
    found += [(name, name) for name in names]
    return tuple({"value": value, "label": label} for value, label in found)


def register(app: Dash, reads: Reads) -> None:
    """A button writes what stands in the form, and says what came of it."""

    @app.callback(
        Output(ids.HOLD_SAID, "children"),
        Output(ids.HOLD_WHY, "value"),
        Input(ids.HOLD_SILENCE, "n_clicks"),
        Input(ids.HOLD_RECOVERY, "n_clicks"),
        Input(ids.HOLD_UPKEEP, "n_clicks"),
        State(ids.HOLD_WHAT, "value"),
        State(ids.HOLD_FROM, "value"),
        State(ids.HOLD_UNTIL, "value"),
        State(ids.HOLD_WHY, "value"),
        State(ids.HOLD_NAME, "value"),
        prevent_initial_call=True,
    )
    async def hold(*given: object) -> object:
        what, begin, until, why, who = (str(each or "") for each in given[3:])
        asked = Asked(what, begin, until, why, who, reads.choice(None))
        write = WRITES[ctx.triggered_id]
        try:
            return await reads.written(lambda session: write(session, asked)), ""
        except (Unsayable, LookupError) as error:
            return str(error), no_update
        except DatabaseRefused as error:
            return f"{error}; nothing is held, try again", no_update


def _silence(session: Session, asked: Asked) -> str:
    return _hold(session, asked, asked.until_ms(asked.choice.now_ms))


def _silence_open(session: Session, asked: Asked) -> str:
    return _hold(session, asked, None)


def _hold(session: Session, asked: Asked, until_ms: int | None) -> str:
    by, why = read_name(asked.who), read_words(asked.why)
    scope = _read_scope(asked.what)
    silences.silence(session, Silence(scope, asked.choice.now_ms, until_ms, by, why))
    end = "what is open is over" if until_ms is None else clock(until_ms, asked.choice)
    return f"Silenced {scope} until {end}."


def _declare(session: Session, asked: Asked) -> str:
    by, why, from_ms = read_name(asked.who), read_words(asked.why), asked.from_ms
    scope, until_ms = _read_scope(asked.what), asked.until_ms(from_ms)
    if scope.alert is not None or scope.kind is not None:
        raise Unsayable("Maintenance is of an endpoint, of a provider or of everything.")
    window, place = Window(from_ms, until_ms), Place(scope.endpoint, scope.provider)
    maintenance.add(session, name_window(window, place, why, by), asked.choice.now_ms)
    return f"Maintenance of {place} until {clock(until_ms, asked.choice)}."


def _read_scope(what: str) -> Scope:
    name, _, value = what.partition(" ")
    try:
        return _SCOPES[name](value)
    except (KeyError, ValueError):
        raise Unsayable("Choose what is to be held.") from None


_SCOPES: dict[str, Callable[[str], Scope]] = {
    _EVERYTHING: lambda _: Scope(),
    "alert": lambda value: Scope(alert=int(value)),
    "endpoint": lambda value: Scope(endpoint=value),
    "provider": lambda value: Scope(provider=value),
    "kind": lambda value: Scope(kind=AlertKind(value)),
}
WRITES: dict[str, Callable[[Session, Asked], str]] = {
    ids.HOLD_SILENCE: _silence,
    ids.HOLD_RECOVERY: _silence_open,
    ids.HOLD_UPKEEP: _declare,
}
