"""Providers: everyone who answers, and whether they do."""

import re
from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import Any, TypeVar

from dash import Dash, Input, Output, State, html
from dash.development.base_component import Component

from dashboard import format as fmt
from dashboard import ids
from dashboard.choices import Choice
from dashboard.components import cells, parts
from dashboard.components.cells import Cell, Row
from dashboard.components.states import rank, state_cell
from dashboard.components.table import rows_json, table
from dashboard.figures.availability import merge
from dashboard.pages import served
from dashboard.reads import Reads
from monitor.domain.histogram import merge as merge_histograms
from monitor.domain.histogram import quantile_s
from monitor.storage.engine import Session
from monitor.storage.queries import endpoints, incidents
from monitor.storage.queries.endpoints import EndpointFacts
from monitor.storage.queries.incidents import Incident
from monitor.storage.queries.totals import Totals, add_up

PATH = re.compile(r"/providers/?")
_EMPTY = "No provider is watched yet. Add one to inferwatch.yaml, or run inferwatch init."
_COLUMNS: list[cells.Column] = [
    {"h": "Provider", "grow": True},
    {"h": "Worst state"},
    {"h": "Availability", "num": True},
    {"h": "Usable by us", "num": True},
    {"h": "TTFT p50", "num": True},
    {"h": "Failed calls", "num": True},
    {"h": "Open incidents", "num": True},
    {"h": "Last failure"},
]
T = TypeVar("T")


def layout(reads: Reads, choice: Choice) -> Component:
    """All providers, drawn."""
    return _frame(choice.label(), reads.drawn(draw, choice))


def blank() -> Component:
    """The list without providers."""
    return _frame("", "[]")


def register(app: Dash, reads: Reads) -> None:
    """New data appears in place."""

    @app.callback(
        Output(ids.PROVIDERS_TABLE, "data-rows"),
        Input(ids.TOKEN, "data"),
        State(ids.LOCATION, "search"),
        prevent_initial_call=True,
    )
    async def refresh(_token: str, search: str | None) -> object:
        return await reads.redrawn(draw, search)


def _frame(window: str, rows: str) -> Component:
    return parts.page(
        "Providers · inferwatch",
        html.Div([html.H1("Providers"), html.P(window)], className="iw-headline is-plain"),
        table(ids.PROVIDERS_TABLE, "Providers", _COLUMNS, rows, empty=_EMPTY, is_searchable=True),
    )


def draw(session: Session, choice: Choice) -> str:
    """One row for each provider, by name."""
    by_provider: dict[str, list[EndpointFacts]] = {}
    for each in endpoints.every(session):
        by_provider.setdefault(each.provider, []).append(each)
    numbers = [each.id for serving in by_provider.values() for each in serving]
    facts = served.read(session, choice, numbers)
    opened = incidents.open_incidents(session)
    return rows_json(
        [
            _row(provider, serving, facts, opened, choice)
            for provider, serving in sorted(by_provider.items())
        ]
    )


def _row(
    provider: str,
    serving: Sequence[EndpointFacts],
    facts: served.Facts,
    opened: Sequence[Incident],
    choice: Choice,
) -> Row:
    numbers = [each.id for each in serving]
    href = choice.href(f"/providers/{provider}")
    watched = [each for each in serving if each.retired_ms is None]
    made = [*_of(facts.probes, numbers), *_of(facts.team, numbers)]
    failed = [facts.failed[number] for number in numbers if number in facts.failed]
    return {
        "k": provider,
        "h": href,
        "c": [
            cells.text(provider, below=_count(watched, serving), href=href),
            _worst_cell(watched or serving, facts, choice),
            served.availability_cell(merge(_of(facts.available, numbers))),
            served.availability_cell(merge(_of(facts.usable, numbers))),
            _speed_cell(numbers, facts),
            _failed_cell(add_up(made), provider, choice),
            _open_cell(numbers, opened, provider, choice),
            served.failure_cell(max(failed, key=lambda f: f.started_ms, default=None), choice),
        ],
    }


def _of(found: Mapping[Any, T], numbers: Iterable[int]) -> list[T]:
    return [found[number] for number in numbers if number in found]


def _count(watched: Sequence[EndpointFacts], serving: Sequence[EndpointFacts]) -> str:
    retired = len(serving) - len(watched)
    said = fmt.plural(len(watched), "endpoint")
    return f"{said}, {retired} retired" if retired else said


def _worst_cell(serving: Sequence[EndpointFacts], facts: served.Facts, choice: Choice) -> Cell:
    worst = min(serving, key=lambda each: rank(facts.standings.get(each.id)))
    return state_cell(worst, facts.standings.get(worst.id), choice)


def _speed_cell(numbers: Sequence[int], facts: served.Facts) -> Cell:
    speeds = merge_histograms(_of(facts.speeds, numbers))
    median_s = quantile_s(speeds, 0.5)
    if median_s is None:
        return cells.text("no data", tone="quiet")
    p95 = fmt.seconds(quantile_s(speeds, 0.95))
    below = f"p95{fmt.NBSP}{p95} · n{fmt.NBSP}{sum(speeds.values()):,}"
    return cells.text(fmt.seconds(median_s), below=below, sort=median_s)


def _failed_cell(counted: Totals, provider: str, choice: Choice) -> Cell:
    if not counted.n:
        return cells.text("no calls", tone="quiet")
    failed = counted.n - counted.n_good
    href = choice.href("/calls", provider=provider, outcome="failed") if failed else None
    share = fmt.share(100_000 * failed // counted.n)
    below = f"{share} of {counted.n:,}" if failed else f"of {counted.n:,}"
    return cells.text(f"{failed:,}", below=below, href=href, sort=failed)


def _open_cell(
    numbers: Collection[int], opened: Sequence[Incident], provider: str, choice: Choice
) -> Cell:
    n = sum(1 for each in opened if each.endpoint_id in numbers)
    if not n:
        return cells.text("none", tone="quiet", sort=0)
    href = choice.href("/incidents", provider=provider, state="open")
    return cells.text(f"{n:,}", href=href, sort=n, tone="bad")
