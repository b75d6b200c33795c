"""Overview: is it up, how fast, how many tokens, how much money. One screen for all endpoints."""

import re
from dataclasses import dataclass

from dash import Dash, Input, Output, State, html
from dash.development.base_component import Component

from dashboard import format as fmt
from dashboard import ids
from dashboard.choices import Choice
from dashboard.components import cells, parts
from dashboard.components.cells import Row
from dashboard.components.outcomes import name
from dashboard.components.states import is_down, rank, state_cell
from dashboard.components.table import rows_json, table
from dashboard.figures import availability as bars
from dashboard.figures import latency as lines
from dashboard.figures.availability import merge
from dashboard.pages import summary
from dashboard.reads import Reads
from monitor.domain.availability import Availability
from monitor.domain.dimensions import Dimension
from monitor.domain.histogram import Metric, quantile_s
from monitor.domain.histogram import merge as merge_histograms
from monitor.storage.engine import Session
from monitor.storage.queries import calls, endpoints, health, incidents, latency, usage
from monitor.storage.queries.call_lines import CallLine
from monitor.storage.queries.endpoints import EndpointFacts
from monitor.storage.queries.owners import Audience, Owner
from monitor.storage.queries.totals import Totals, add_up

PATH = re.compile(r"/")
_DAYS = 90
_COLUMNS: list[cells.Column] = [
    {"h": "Endpoint", "grow": True},
    {"h": "State"},
    {"h": f"Last {_DAYS} days", "grow": True},
    {"h": "Availability", "num": True},
    {"h": "TTFT p50"},
    {"h": "Team spend today", "num": True},
    {"h": "Last failure", "wide": True},
]
_EMPTY = "No endpoint is watched yet. Add one to inferwatch.yaml, or run inferwatch init."


@dataclass(frozen=True, slots=True)
class Facts:
    """Everything the overview is drawn from, by endpoint number."""

    watched: list[EndpointFacts]
    standings: dict[int, health.Standing]
    days: dict[int, list[health.DayAvailability]]
    available: dict[int, Availability]
    counted: dict[Owner, Totals]
    speeds: dict[int, latency.Histogram]
    lines: dict[int, list[latency.Point]]
    spent: dict[Owner, Totals]
    failed: dict[int, CallLine]
    open: list[incidents.Incident]


def layout(reads: Reads, choice: Choice) -> Component:
    """The overview, drawn."""
    return _frame(*reads.drawn(draw, choice))


def blank() -> Component:
    """The overview without figures."""
    return _frame(None, None, None, "[]")


def register(app: Dash, reads: Reads) -> None:
    """New data appears in place."""

    @app.callback(
        Output(ids.OVERVIEW_HEADLINE, "children"),
        Output(ids.OVERVIEW_INCIDENTS, "children"),
        Output(ids.OVERVIEW_CARDS, "children"),
        Output(ids.OVERVIEW_TABLE, "data-rows"),
        Input(ids.TOKEN, "data"),
        State(ids.LOCATION, "search"),
        prevent_initial_call=True,
    )
    async def refresh(_token: str, search: str | None) -> object:
        return await reads.redrawn(draw, search)


def _frame(
    headline: parts.Children, opened: parts.Children, cards: parts.Children, rows: str
) -> Component:
    listed = table(
        ids.OVERVIEW_TABLE, "Endpoints", _COLUMNS, rows, empty=_EMPTY, is_searchable=True
    )
    return parts.page(
        "Overview · inferwatch",
        html.Div(headline, id=ids.OVERVIEW_HEADLINE),
        html.Div(opened, id=ids.OVERVIEW_INCIDENTS, className="iw-incidents"),
        html.Div(cards, id=ids.OVERVIEW_CARDS, className="iw-cards"),
        listed,
    )


def draw(
    session: Session, choice: Choice
) -> tuple[Component, Component | None, list[Component], str]:
    """Headline, incidents, cards, and the rows of the list."""
    facts = _read(session, choice)
    return (
        summary.headline(facts.watched, facts.standings, choice),
        summary.open_incidents(session, facts.open, choice),
        summary.cards(session, choice, _measured(facts)),
        rows_json(_rows(facts, choice)),
    )


def _read(session: Session, choice: Choice) -> Facts:
    window, zone = choice.window, choice.zone
    watched = endpoints.watched(session)
    numbers = [each.id for each in watched]
    failing = calls.CallFilter(endpoint_ids=numbers, window=window, only_failed=True)
    found = calls.page(session, failing).lines if numbers else []
    return Facts(
        watched=watched,
        standings=health.standings(session, choice.now_ms),
        days=health.days(
            session, choice.today - _DAYS + 1, choice.today, zone, endpoint_ids=numbers
        ),
        available=health.availability(session, window, zone, endpoint_ids=numbers),
        counted=usage.totals(session, window, zone, by=Dimension.ENDPOINT, endpoint_ids=numbers),
        speeds=latency.histograms(session, window, Metric.TTFT, zone, endpoint_ids=numbers),
        lines=latency.series(
            session, window, Metric.TTFT, choice.coarse_step_ms, zone, endpoint_ids=numbers
        ),
        spent=usage.totals(
            session, choice.day, zone, by=Dimension.ENDPOINT, audience=Audience.TEAM
        ),
        failed={line.endpoint_id: line for line in reversed(found)},
        open=incidents.open_incidents(session),
    )


def _measured(facts: Facts) -> summary.Measured:
    return summary.Measured(
        count=len(facts.watched),
        available=merge(facts.available.values()),
        calls=sum(each.n for each in facts.counted.values()),
        speeds=merge_histograms(facts.speeds.values()),
        team_today=add_up(facts.spent.values()),
    )


def _rows(facts: Facts, choice: Choice) -> list[Row]:
    worst: dict[str, int] = {}
    for each in facts.watched:
        place = rank(facts.standings.get(each.id))
        worst[each.provider] = min(place, worst.get(each.provider, place))
    ordered = sorted(
        facts.watched,
        key=lambda e: (worst[e.provider], e.provider, rank(facts.standings.get(e.id)), e.slug),
    )
    return [_row(each, facts, choice) for each in ordered]


def _row(each: EndpointFacts, facts: Facts, choice: Choice) -> Row:
    standing = facts.standings.get(each.id)
    href = choice.href(f"/models/{each.model}")
    return {
        "k": str(each.id),
        "h": href,
        "g": each.provider,
        "gh": choice.href(f"/providers/{each.provider}"),
        "tone": "failing" if is_down(standing) else "",
        "c": [
            cells.text(each.model_name, below=each.slug, href=href, sort=each.slug),
            state_cell(each, standing, choice),
            _bars_cell(each, facts, choice),
            _availability_cell(each, facts),
            _speed_cell(each, facts),
            _spend_cell(facts.spent.get(each.id)),
            _failure_cell(facts.failed.get(each.id), choice),
        ],
    }


def _bars_cell(each: EndpointFacts, facts: Facts, choice: Choice) -> cells.Cell:
    days = [(day.day, day.availability) for day in facts.days.get(each.id, [])]
    href = choice.href("/calls", endpoint=each.slug)
    return cells.bars(
        bars.encode_days(
            days, label=f"{each.slug}, last {_DAYS} days", href=href, zone=choice.zone.key
        )
    )


def _availability_cell(each: EndpointFacts, facts: Facts) -> cells.Cell:
    found, counted = facts.available.get(each.id), facts.counted.get(each.id, Totals())
    number = fmt.plural(counted.n, "call")
    if found is None or found.percent_milli is None:
        return cells.text("no data", below=number, tone="quiet")
    watched = f"{fmt.share(found.coverage_milli)} watched · {number}"
    return cells.text(fmt.percent(found.percent_milli), below=watched, sort=found.percent_milli)


def _speed_cell(each: EndpointFacts, facts: Facts) -> cells.Cell:
    histogram = facts.speeds.get(each.id, {})
    median_s, points = quantile_s(histogram, 0.5), facts.lines.get(each.id, [])
    number = sum(histogram.values())
    if median_s is None:
        return cells.text("no data", tone="quiet")
    below = f"p95 {fmt.seconds(quantile_s(histogram, 0.95))} · n {number:,}"
    label = f"Time to first token, {lines.describe(points)}"
    return cells.spark(
        lines.spark(points), label, shown=fmt.seconds(median_s), below=below, sort=median_s
    )


def _spend_cell(spent: Totals | None) -> cells.Cell:
    if spent is None:
        return cells.text("no team calls", tone="quiet")
    unpriced = f"{spent.n_unpriced:,} unpriced" if spent.n_unpriced else None
    money = spent.spend_nano_usd
    if money is None:
        return cells.text("unpriced" if spent.n_unpriced else "no usage", tone="warned")
    below = unpriced or fmt.plural(spent.n, "call")
    return cells.text(fmt.money(money), below=below, sort=money / 1e9)


def _failure_cell(line: CallLine | None, choice: Choice) -> cells.Cell:
    if line is None:
        return cells.text(fmt.DASH, title="none among the calls looked at", tone="quiet")
    at = fmt.clock(line.started_ms, choice.zone, choice.now_ms)
    return cells.text(name(line.outcome), below=at, href=choice.href(f"/calls/{line.id}"))
