"""Alert trials: what a rule of alerts would have told with other values, before they are saved."""

import asyncio
import time
from collections import OrderedDict
from collections.abc import Iterator, Mapping
from dataclasses import replace
from functools import partial
from typing import NamedTuple

from dash import Dash, Input, Output, dcc, html
from dash.development.base_component import Component

from dashboard import format as fmt
from dashboard import ids
from dashboard.choices import Choice
from dashboard.components import cells, parts
from dashboard.components.cells import Cell, Column, Row
from dashboard.components.table import rows_json, table
from dashboard.pages.alert_rules import DAYS
from dashboard.reads import Reads
from monitor.domain.findings import cause, figures
from monitor.domain.health import Rule
from monitor.domain.rules import RuleName
from monitor.domain.windows import DAY_MS, Window
from monitor.services.rule_replay import REPLAYABLE, Would
from monitor.services.rule_trials import Compared, compare
from monitor.settings.trials import Trial, revise, spell
from monitor.storage import rules as rows
from monitor.storage.engine import Database, DatabaseRefused, Session
from monitor.storage.queries.incidents import Incident

#: A replay that takes longer is for the command line.
_PATIENCE_S = 60.0
_KEPT, _FRESH_MS, _SHOWN = 16, 300_000, 40
_SET = "set."
_WOULD: list[Column] = [
    {"h": "Opened"},
    {"h": "Endpoint", "grow": True},
    {"h": "What"},
    {"h": "Lasted", "num": True},
    {"h": "Really"},
]
_OPENED, _NOT_OPENED = cells.state("bad", "opened"), cells.state("excluded", "not opened", sort=1)


class _TooLong(RuntimeError):
    """A replay is broken off."""


class Chosen(NamedTuple):
    """The rule that is tried, with the values that were given, or why it cannot be."""

    trial: Trial
    given: Mapping[str, str]
    problem: str = ""


def chosen(session: Session, choice: Choice) -> Chosen | None:
    """What the address asks to try: `rule=errors`, and `set.percent=20` for each other value."""
    name = choice.query.get("rule")
    if name not in REPLAYABLE:
        return None
    rule = rows.read(session)[RuleName(name)]
    trial = Trial(replace(rule, is_on=True), Rule())
    given = {
        key.removeprefix(_SET): value
        for key, value in choice.query.items()
        if key.startswith(_SET) and value
    }
    try:
        return Chosen(revise(trial, given), given)
    except ValueError as error:
        return Chosen(trial, given, str(error))


def trying(found: Chosen | None, choice: Choice | None) -> Component:
    """The form of the rule that is tried, and what came of it."""
    if found is None or choice is None:
        return html.Div(_results(None), hidden=True)
    name, asked = found.trial.rule.name, None if found.problem else choice.query
    return parts.section(
        f"Try {name}",
        _form(found, choice),
        *([parts.notice("That cannot be tried", found.problem)] if found.problem else []),
        *_results(asked),
        note=f"the last {DAYS} days; or inferwatch replay --rule {name}",
    )


def _results(asked: Mapping[str, str] | None) -> list[Component]:
    return [
        html.Div(
            [
                html.Span("Replaying …", id=ids.ALERT_RULES_TRYING, hidden=True),
                html.Span(id=ids.ALERT_RULES_SAID, role="status"),
            ],
            className="iw-more",
        ),
        table(
            ids.ALERT_RULES_WOULD,
            "What would have opened",
            _WOULD,
            empty="Nothing would have opened, as far as was looked.",
        ),
        dcc.Store(id=ids.ALERT_RULES_ASKED, data=None if asked is None else dict(asked)),
    ]


def _form(found: Chosen, choice: Choice) -> Component:
    kept = {key: choice.query[key] for key in ("zone",) if key in choice.query}
    hidden = kept | {"rule": found.trial.rule.name.value}
    values = spell(found.trial) | dict(found.given)
    return html.Form(
        [
            *(dcc.Input(type="hidden", name=key, value=value) for key, value in hidden.items()),
            *(_field(key, value) for key, value in values.items()),
            html.Button("Replay", type="submit", className="iw-button"),
        ],
        action="/alerts",
        method="get",
        className="iw-filters iw-trial",
    )


def _field(key: str, value: str) -> Component:
    return html.Label(
        [html.Span(key.replace("_", " ")), dcc.Input(name=f"{_SET}{key}", value=value, type="text")]
    )


def register(app: Dash, reads: Reads) -> None:
    """A replay begins as its form is shown."""
    replays = Replays(reads)

    @app.callback(
        Output(ids.ALERT_RULES_SAID, "children"),
        Output(ids.ALERT_RULES_WOULD, "data-rows"),
        Input(ids.ALERT_RULES_ASKED, "data"),
        running=[(Output(ids.ALERT_RULES_TRYING, "hidden"), False, True)],
    )
    async def replay(asked: dict[str, str] | None) -> tuple[str, str]:
        return await replays.tell(asked)


class Replays:
    """One replay at a time, whoever asks; the same one is kept for a while."""

    def __init__(self, reads: Reads) -> None:
        self._reads, self._turn = reads, asyncio.Lock()
        self._known: OrderedDict[object, Compared] = OrderedDict()

    async def tell(self, asked: Mapping[str, str] | None) -> tuple[str, str]:
        """What came of what an address asks for: a sentence, and rows; of nothing, nothing."""
        if not asked:
            return "", "[]"
        choice = replace(self._reads.choice(""), query=asked)
        try:
            found = await self._reads.looked(lambda session: chosen(session, choice))
            if found is None or found.problem:
                return "", "[]"
            compared = await self._find(found.trial, choice.now_ms)
        except _TooLong:
            command = f"inferwatch replay --rule {asked['rule']}"
            return f"It takes longer than a minute; ask {command} instead.", "[]"
        except DatabaseRefused as error:
            return str(error), "[]"
        listed = sorted(_rows(found.trial.rule.name, compared, choice), key=_opened, reverse=True)
        return _say(compared, len(listed)), rows_json([row for _, row in listed[:_SHOWN]])

    async def _find(self, trial: Trial, now_ms: int) -> Compared:
        key = trial.rule, trial.health, now_ms // _FRESH_MS
        async with self._turn:
            if key not in self._known:
                work = partial(_try, trial=trial, now_ms=now_ms)
                self._known[key] = await self._reads.worked(work)
                while len(self._known) > _KEPT:
                    self._known.popitem(last=False)
            return self._known[key]


def _try(database: Database, trial: Trial, now_ms: int) -> Compared:
    until_s = time.monotonic() + _PATIENCE_S

    def watch(_done: int, _total: int) -> None:
        if time.monotonic() > until_s:
            raise _TooLong

    window = Window(now_ms - DAYS * DAY_MS, now_ms)
    return compare(database, trial.rule, trial.health, window, watch)


def _opened(line: tuple[int, Row]) -> int:
    return line[0]


def _say(found: Compared, listed: int) -> str:
    would = fmt.plural(found.count, "incident")
    shown = "" if listed <= _SHOWN else f", the newest {_SHOWN} are shown"
    really = f"{len(found.really):,} really opened, {found.same:,} of them in both"
    return f"It would have opened {would} in the last {DAYS} days; {really}{shown}."


def _rows(rule: RuleName, found: Compared, choice: Choice) -> Iterator[tuple[int, Row]]:
    """When each opened, and its row."""
    for would in found.would:
        yield (
            would.confirmed_ms,
            _line(
                would,
                found.slugs[would.endpoint_id],
                cells.text(
                    cause(rule, None, would.facts), below=figures(rule, would.facts) or None
                ),
                _NOT_OPENED if found.match(would) is None else _OPENED,
                choice,
            ),
        )
    for each in found.missed:
        yield (
            each.confirmed_ms,
            _line(
                each,
                found.slugs.get(each.endpoint_id or 0, "an endpoint that is gone"),
                cells.text(each.cause, href=choice.href(f"/incidents/{each.id}")),
                cells.state("good", "opened, would not", sort=2),
                choice,
            ),
        )


def _line(what: Would | Incident, name: str, said: Cell, really: Cell, choice: Choice) -> Row:
    lasted_ms = (what.ended_ms or choice.now_ms) - what.started_ms
    at = fmt.clock(what.confirmed_ms, choice.zone, choice.now_ms)
    more = None if what.ended_ms is not None else "so far"
    return {
        "k": f"{what.endpoint_id}/{what.confirmed_ms}",
        "c": [
            cells.text(at, sort=what.confirmed_ms),
            name,
            said,
            cells.text(fmt.lasting(lasted_ms), below=more, sort=lasted_ms),
            really,
        ],
    }
