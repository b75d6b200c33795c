"""Budgets: how far each has come in its period, when it will be used up, and what was told."""

import re
from typing import NamedTuple

from dash import Dash, Input, Output, State, html
from dash.development.base_component import Component

from dashboard import format as fmt
from dashboard import ids
from dashboard.choices import Choice
from dashboard.components import cells, firings, parts
from dashboard.components.burn import burn
from dashboard.components.cells import Cell, Row
from dashboard.components.table import rows_json, table
from dashboard.reads import Reads
from monitor.domain.budgets import InForce, Spent
from monitor.domain.windows import day_of
from monitor.services import budgets
from monitor.services.budgets import Standing
from monitor.services.forecasts import Outlook
from monitor.storage.engine import Session
from monitor.storage.queries import budgets as rows

PATH = re.compile(r"/budgets/?")
_SHOWN = 50
_COLUMNS: list[cells.Column] = [
    {"h": "Budget", "grow": True},
    {"h": "Burn"},
    {"h": "Spent", "num": True},
    {"h": "Amount", "num": True},
    {"h": "Projected", "num": True},
    {"h": "Used up"},
    {"h": "Calls", "num": True},
]
_EXAMPLE = """\
budgets:
  search:              # any name
    team: search       # or project, app, key, provider, model; none: everything
    amount_usd: 250
    period: month      # day, week, month, quarter, year
    thresholds: [50, 80, 100, projected]
"""
_OUTPUTS = (
    Output(ids.BUDGETS_HEADLINE, "children"),
    Output(ids.BUDGETS_TABLE, "data-rows"),
    Output(ids.BUDGETS_FIRED, "data-rows"),
)


class Drawn(NamedTuple):
    """Everything on the page that changes, in the order of the outputs."""

    headline: parts.Children = None
    rows: str = "[]"
    fired: str = "[]"


def layout(reads: Reads, choice: Choice) -> Component:
    """All budgets, drawn."""
    return _frame(reads.drawn(draw, choice))


def blank() -> Component:
    """The page without budgets."""
    return _frame(Drawn())


def register(app: Dash, reads: Reads) -> None:
    """What is spent and told appears in place."""

    @app.callback(
        *_OUTPUTS,
        Input(ids.TOKEN, "data"),
        State(ids.LOCATION, "search"),
        prevent_initial_call=True,
    )
    async def refresh(_token: str, search: str | None) -> object:
        return tuple(await reads.redrawn(draw, search))


def _frame(drawn: Drawn) -> Component:
    return parts.page(
        "Budgets · inferwatch",
        html.Div(drawn.headline, id=ids.BUDGETS_HEADLINE, className="iw-budgets"),
        parts.section(
            "Budgets",
            table(
                ids.BUDGETS_TABLE,
                "Budgets",
                _COLUMNS,
                drawn.rows,
                empty="No budget is in the settings.",
            ),
            note="their current periods so far",
        ),
        parts.section(
            "Thresholds that were met",
            table(
                ids.BUDGETS_FIRED,
                "Thresholds met",
                firings.COLUMNS,
                drawn.fired,
                empty="No threshold was met yet.",
            ),
            note=f"the newest {_SHOWN}, each once a period",
        ),
    )


def draw(session: Session, choice: Choice) -> Drawn:
    """Everything on the page that changes."""
    standings, fired = budgets.standing(session, choice.now_ms), rows.fired(session, _SHOWN)
    return Drawn(
        _headline(standings),
        rows_json([_row(each, choice) for each in standings]),
        rows_json([firings.row(each, choice) for each in fired]),
    )


def _headline(standings: list[Standing]) -> Component:
    if not standings:
        sentence = "Add one to inferwatch.yaml; it is in force seconds later, and stops nothing:"
        return html.Div(
            [parts.notice("No budgets yet", sentence), parts.code("inferwatch.yaml", _EXAMPLE)],
            className="iw-first",
        )
    over = [each for each in standings if each.spent.nano_usd >= each.held.amount_nano_usd]
    soon = [each for each in standings if each.breach_ms is not None and each not in over]
    tone = "down" if over else "warn" if soon else "up"
    whole = fmt.plural(len(standings), "budget")
    said = [f"{len(over)} of {whole} used up"] if over else []
    said += [f"{len(soon)} of {whole} will be used up before the period ends"] if soon else []
    within = "its amount" if len(standings) == 1 else "their amounts"
    sentence = ", ".join(said) or f"{whole} within {within}"
    basis = "A call counts in the period that it started in; one of unknown cost adds nothing."
    return html.Div([html.H1(sentence), html.P(basis)], className=f"iw-headline is-{tone}")


def _row(standing: Standing, choice: Choice) -> Row:
    held, budget = standing.held, standing.held.budget
    probes = ", with our probes" if budget.has_probes else ""
    below = f"{budget.scope}{probes} · {firings.period(held.window, budget.cycle.zone)}"
    return {
        "k": budget.name,
        "c": [
            cells.text(budget.name, below=below),
            _burn(standing),
            _money(standing.spent),
            _amount(held, choice),
            _projected(standing),
            _used_up(standing, choice),
            _coverage(standing.spent),
        ],
    }


def _burn(standing: Standing) -> Cell:
    held, known = standing.held, standing.spent.shown_nano_usd
    marks = [each.percent for each in held.budget.thresholds if not each.is_projected]
    spent = None if known is None else _share(known, held)
    projected = standing.projected_nano_usd
    expected = None if projected is None else _share(projected, held)
    if spent is None:
        return burn(None, None, marks, shown="not known", below="no call of it has a known cost")
    below = "" if expected is None else f"projected {fmt.share(expected)}"
    return burn(spent, expected, marks, shown=fmt.share(spent), below=below)


def _share(nano_usd: int, held: InForce) -> int:
    return 100_000 * nano_usd // held.amount_nano_usd


def _money(spent: Spent) -> Cell:
    known = spent.shown_nano_usd
    if known is None:
        return cells.text("not known", tone="warned")
    return cells.text(fmt.money(known), sort=known / 1e9)


def _projected(standing: Standing) -> Cell:
    projected, pace = standing.projected_nano_usd, standing.pace
    if standing.outlook is not None:
        low, middle, high = standing.outlook.forecast.total
        held, n = standing.outlook.record
        before = f"; held {held} of {n} times" if n else ""
        below = f"{fmt.money(low)} to {fmt.money(high)} at 80 %{before}"
        return cells.text(fmt.money(middle), below=below, sort=middle / 1e9)
    if projected is None or pace is None:
        return cells.text(fmt.DASH, below="no whole day yet", tone="quiet")
    per_day = pace.nano_usd * 86_400_000 // pace.length_ms
    days = round(pace.length_ms / 86_400_000)
    below = f"{fmt.money(per_day)} a day over {fmt.plural(days, 'day')}"
    return cells.text(fmt.money(projected), below=below, sort=projected / 1e9)


def _used_up(standing: Standing, choice: Choice) -> Cell:
    held, at_ms, outlook = standing.held, standing.breach_ms, standing.outlook
    if standing.spent.nano_usd >= held.amount_nano_usd:
        return cells.text("used up", tone="bad", sort=0)
    if outlook is not None:
        return _likely(outlook, held, at_ms, choice)
    if at_ms is None:
        is_known = standing.projected_nano_usd is not None
        return cells.text("not in this period" if is_known else fmt.DASH, tone="quiet")
    shown = fmt.clock(at_ms, choice.zone, choice.now_ms)
    return cells.text(shown, below="at this pace", tone="warned", sort=at_ms)


def _likely(outlook: Outlook, held: InForce, at_ms: int | None, choice: Choice) -> Cell:
    breach = outlook.forecast.breach(held.amount_nano_usd)
    chance = f"{breach.permille / 10:.0f} % likely"
    if at_ms is None:
        return cells.text("not in this period", below=f"used up: {chance}", tone="quiet")
    day = fmt.days(*(day_of(at_ms, choice.zone),) * 2)
    return cells.text(day, below=chance, tone="warned", sort=at_ms)


def _coverage(spent: Spent) -> Cell:
    unpriced = f"{spent.unpriced:,} unpriced" if spent.unpriced else ""
    no_usage = f"{spent.no_usage:,} without usage" if spent.no_usage else ""
    below = ", ".join(each for each in (unpriced, no_usage) if each)
    if not spent.calls:
        return cells.text("none yet", tone="quiet", sort=0)
    return cells.text(
        fmt.count(spent.calls), below=below or "the cost of all is known", sort=spent.calls
    )


def _amount(held: InForce, choice: Choice) -> Cell:
    made, amount = held.override, held.amount_nano_usd
    if made is None:
        return cells.text(fmt.money(amount), sort=amount / 1e9)
    until = fmt.clock(made.until_ms, choice.zone, choice.now_ms)
    usual = fmt.money(held.budget.amount_nano_usd)
    why = f"{made.by}: {made.reason}" if made.reason else f"by {made.by}"
    return cells.text(
        fmt.money(amount), below=f"until {until}, then {usual} · {why}", sort=amount / 1e9
    )
