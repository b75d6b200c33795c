"""Models: every model that was ever watched."""

import re
from collections import defaultdict
from dataclasses import dataclass

from dash import Dash, Input, Output, State, html
from dash.development.base_component import Component

from dashboard import format as fmt
from dashboard import ids
from dashboard.choices import Choice
from dashboard.components import cells, parts
from dashboard.components.cells import Row
from dashboard.components.states import rank, state_cell
from dashboard.components.table import rows_json, table
from dashboard.figures.availability import merge
from dashboard.reads import Reads
from monitor.domain.availability import Availability
from monitor.domain.dimensions import Dimension
from monitor.domain.histogram import Metric, quantile_s
from monitor.domain.histogram import merge as merge_histograms
from monitor.storage.engine import Session
from monitor.storage.queries import endpoints, health, latency, usage
from monitor.storage.queries.endpoints import EndpointFacts
from monitor.storage.queries.health import Standing
from monitor.storage.queries.latency import Histogram
from monitor.storage.queries.owners import Audience, Owner
from monitor.storage.queries.totals import Totals

PATH = re.compile(r"/models/?")
_EMPTY = "No model has been watched yet. Add one to inferwatch.yaml, or run inferwatch init."
_COLUMNS: list[cells.Column] = [
    {"h": "Model", "grow": True},
    {"h": "Providers", "num": True},
    {"h": "State"},
    {"h": "Availability", "num": True},
    {"h": "TTFT p50", "num": True},
    {"h": "Team tokens", "num": True},
    {"h": "Team spend", "num": True},
]


def layout(reads: Reads, choice: Choice) -> Component:
    """All models, drawn."""
    return _frame(choice, reads.drawn(draw, choice))


def blank() -> Component:
    """The list without models."""
    return _frame(None, "[]")


def register(app: Dash, reads: Reads) -> None:
    """New data appears in place."""

    @app.callback(
        Output(ids.MODELS_TABLE, "data-rows"),
        Input(ids.TOKEN, "data"),
        State(ids.LOCATION, "search"),
        prevent_initial_call=True,
    )
    async def refresh(_token: str, search: str | None) -> str:
        return await reads.redrawn(draw, search)


def _frame(choice: Choice | None, rows: str) -> Component:
    window = "" if choice is None else choice.label()
    return parts.page(
        "Models · inferwatch",
        html.Div([html.H1("Models"), html.P(window)], className="iw-headline is-plain"),
        table(ids.MODELS_TABLE, "Models", _COLUMNS, rows, empty=_EMPTY, is_searchable=True),
    )


@dataclass(frozen=True, slots=True)
class Facts:
    """What the rows are drawn from, by endpoint number or by model."""

    standings: dict[int, Standing]
    available: dict[int, Availability]
    speeds: dict[int, Histogram]
    spent: dict[Owner, Totals]


def draw(session: Session, choice: Choice) -> str:
    """A row for each model."""
    window, zone = choice.window, choice.zone
    serving: defaultdict[str, list[EndpointFacts]] = defaultdict(list)
    for each in endpoints.every(session):
        serving[each.model].append(each)
    facts = Facts(
        standings=health.standings(session, choice.now_ms),
        available=health.availability(session, window, zone),
        speeds=latency.histograms(session, window, Metric.TTFT, zone),
        spent=usage.totals(session, window, zone, by=Dimension.MODEL, audience=Audience.TEAM),
    )
    return rows_json([_row(*pair, facts, choice) for pair in sorted(serving.items())])


def _row(model: str, own: list[EndpointFacts], facts: Facts, choice: Choice) -> Row:
    standings = facts.standings
    worst = min(own, key=lambda e: (e.retired_ms is not None, rank(standings.get(e.id))))
    judged = merge(facts.available[e.id] for e in own if e.id in facts.available)
    speed_s = quantile_s(merge_histograms(facts.speeds.get(e.id, {}) for e in own), 0.5)
    href = choice.href(f"/models/{model}")
    return {
        "k": model,
        "h": href,
        "c": [
            cells.text(model, below=own[0].family, href=href),
            cells.text(str(len({e.provider for e in own})), sort=len(own)),
            state_cell(worst, standings.get(worst.id), choice),
            _availability_cell(judged.percent_milli, judged.coverage_milli),
            cells.text(fmt.seconds(speed_s), sort=speed_s),
            *_usage_cells(facts.spent.get(model)),
        ],
    }


def _availability_cell(share: int | None, coverage: int | None) -> cells.Cell:
    if share is None:
        return cells.text("no data", tone="quiet")
    return cells.text(fmt.percent(share), below=f"{fmt.share(coverage)} watched", sort=share)


def _usage_cells(team: Totals | None) -> tuple[cells.Cell, cells.Cell]:
    if team is None:
        quiet = cells.text("no team calls", tone="quiet")
        return quiet, quiet
    calls, money = fmt.plural(team.n, "call"), team.spend_nano_usd
    tokens = cells.text(fmt.tokens(team.tokens), below=calls, sort=team.tokens)
    if money is None:
        return tokens, cells.text("unpriced" if team.n_unpriced else "no usage", tone="warned")
    unpriced = f"{team.n_unpriced:,} unpriced" if team.n_unpriced else None
    return tokens, cells.text(fmt.money(money), below=unpriced, sort=money / 1e9)
