"""Provider: one provider as your own account meets it, over all of its endpoints."""

import re
from collections.abc import Sequence
from typing import NamedTuple
from urllib.parse import unquote

from dash import Dash, Input, Output, State, html
from dash.development.base_component import Component

from dashboard import ids, theme
from dashboard.choices import Choice
from dashboard.components import parts
from dashboard.components.incident_rows import COLUMNS as INCIDENTS
from dashboard.components.table import rows_json, table
from dashboard.figures import latency as lines
from dashboard.figures.axes import Figure
from dashboard.pages import abilities, accounts, failing, phases, served, summary
from dashboard.pages.incidents import incident_rows
from dashboard.reads import NotHere, Reads
from monitor.domain.histogram import Metric
from monitor.storage.engine import Session
from monitor.storage.health import load_accounts
from monitor.storage.queries import endpoints, failures, incidents, latency, usage
from monitor.storage.queries.endpoints import EndpointFacts
from monitor.storage.queries.owners import ALL

PATH = re.compile(r"/providers/(.+)")
#: As many lines can be told apart in one chart.
_MOST_LINES = 8
_OUTPUTS = (
    Output(ids.PROVIDER_HEADLINE, "children"),
    Output(ids.PROVIDER_ENDPOINTS, "data-rows"),
    Output(ids.PROVIDER_PHASES, "data-rows"),
    Output(ids.PROVIDER_TTFT, "figure"),
    Output(ids.PROVIDER_TTFT_LEGEND, "children"),
    Output(ids.PROVIDER_FAILURES, "figure"),
    Output(ids.PROVIDER_FAILURES_LEGEND, "children"),
    Output(ids.PROVIDER_FAILURES_NOTE, "children"),
    Output(ids.PROVIDER_CLASSES, "data-rows"),
    Output(ids.PROVIDER_ABILITIES, "data-rows"),
    Output(ids.PROVIDER_ACCOUNTS, "data-rows"),
    Output(ids.PROVIDER_INCIDENTS, "data-rows"),
)


class Drawn(NamedTuple):
    """Everything on the page that changes, in the order of the outputs."""

    headline: parts.Children
    serving: str = "[]"
    phases: str = "[]"
    ttft: Figure = {}  # noqa: RUF012 - only read
    ttft_legend: parts.Children = None
    failures: Figure = {}  # noqa: RUF012
    failures_legend: parts.Children = None
    failures_note: str = ""
    classes: str = "[]"
    abilities: str = "[]"
    accounts: str = "[]"
    incidents: str = "[]"


def layout(reads: Reads, choice: Choice, provider: str) -> Component:
    """A provider, drawn. Raises NotHere."""
    return _frame(provider, choice.label(), reads.drawn(draw, choice, provider))


def blank() -> Component:
    """A provider's page without figures."""
    return _frame("", "", Drawn(None))


def register(app: Dash, reads: Reads) -> None:
    """New data appears in place; charts keep their zoom."""

    @app.callback(
        *_OUTPUTS,
        Input(ids.TOKEN, "data"),
        State(ids.LOCATION, "search"),
        State(ids.LOCATION, "pathname"),
        prevent_initial_call=True,
    )
    async def refresh(_token: str, search: str | None, path: str) -> object:
        drawn = await reads.redrawn(draw, search, unquote(path).removeprefix("/providers/"))
        return tuple(parts.renew(part) if isinstance(part, dict) else part for part in drawn)


def _frame(provider: str, window: str, drawn: Drawn) -> Component:
    return parts.page(
        f"{provider} · inferwatch",
        html.Div(drawn.headline, id=ids.PROVIDER_HEADLINE),
        parts.section(
            "Endpoints",
            table(
                ids.PROVIDER_ENDPOINTS,
                "Endpoints",
                served.COLUMNS,
                drawn.serving,
                empty="No endpoint of this provider is watched.",
                is_searchable=True,
            ),
            note=window,
        ),
        html.Div([_ttft(drawn, window), _failures(drawn)], className="iw-pair"),
        _classes(drawn, window),
        _phases(drawn, window),
        abilities.section(ids.PROVIDER_ABILITIES, drawn.abilities),
        _accounts(drawn, window),
        parts.section(
            "Incidents",
            table(
                ids.PROVIDER_INCIDENTS,
                "Incidents",
                INCIDENTS,
                drawn.incidents,
                empty="No incident in this window, of the endpoints or of the account.",
            ),
            note=window,
        ),
    )


def _ttft(drawn: Drawn, window: str) -> Component:
    title = "Time to first token"
    return parts.section(
        title,
        html.Div(drawn.ttft_legend, id=ids.PROVIDER_TTFT_LEGEND),
        parts.graph(ids.PROVIDER_TTFT, title, drawn.ttft),
        note=f"good calls, p50 solid, p95 dotted · {window}",
        name="iw-chart",
    )


def _failures(drawn: Drawn) -> Component:
    title = "Failed calls"
    return parts.section(
        title,
        html.Div(drawn.failures_legend, id=ids.PROVIDER_FAILURES_LEGEND),
        parts.graph(ids.PROVIDER_FAILURES, title, drawn.failures),
        note=html.Span(drawn.failures_note, id=ids.PROVIDER_FAILURES_NOTE),
        name="iw-chart",
    )


def _classes(drawn: Drawn, window: str) -> Component:
    listed = table(
        ids.PROVIDER_CLASSES,
        "Classes of failure",
        failing.CLASSES,
        drawn.classes,
        empty="No call failed in this window.",
    )
    return parts.section("Why calls failed", listed, note=f"probes and team calls · {window}")


def _phases(drawn: Drawn, window: str) -> Component:
    listed = table(
        ids.PROVIDER_PHASES,
        "Phases of latency",
        phases.COLUMNS,
        drawn.phases,
        empty="Nothing was measured yet.",
    )
    return parts.section("Phases of latency", listed, note=f"good calls · {window}")


def _accounts(drawn: Drawn, window: str) -> Component:
    listed = table(
        ids.PROVIDER_ACCOUNTS,
        "Accounts",
        accounts.COLUMNS,
        drawn.accounts,
        empty="No key is in use at this provider.",
    )
    return parts.section(
        "Our account there", listed, note=f"refusals are not charged to the provider · {window}"
    )


def draw(session: Session, choice: Choice, provider: str) -> Drawn:
    """Everything on the page that changes. Raises NotHere."""
    serving = [each for each in endpoints.every(session) if each.provider == provider]
    if not serving:
        raise NotHere(f"No provider {provider!r} was ever watched here; see the list of providers.")
    numbers, reached = [each.id for each in serving], endpoints.with_targets(serving)
    facts = served.read(session, choice, numbers)
    counts = failures.counts(session, choice.window, reached)
    made = usage.totals(session, choice.window, choice.zone, endpoint_ids=reached)[ALL].n
    ttft, legend = _ttft_lines(session, choice, serving, facts)
    href = choice.href("/calls", provider=provider, outcome="failed")
    found = incidents.recent(session, choice.window, numbers)
    return Drawn(
        _headline(provider, serving, facts, choice),
        rows_json(served.rows(serving, facts, choice)),
        rows_json(phases.rows(session, choice, numbers)),
        ttft,
        legend,
        *failing.over_time(session, choice, reached, href),
        rows_json(failing.classes(counts, made, choice, provider=provider)),
        rows_json(abilities.rows(session, choice, serving)),
        rows_json(accounts.rows(serving, load_accounts(session, numbers), counts, facts, choice)),
        incident_rows(session, found, {each.id: each for each in serving}, choice),
    )


def _headline(
    provider: str, serving: Sequence[EndpointFacts], facts: served.Facts, choice: Choice
) -> Component:
    watched = [each for each in serving if each.retired_ms is None]
    own = {each.id for each in watched}
    standings = {n: standing for n, standing in facts.standings.items() if n in own}
    tone, sentence = summary.sentence(watched, standings, choice)
    where = ", ".join(sorted({each.base_url for each in serving}))
    flavours = ", ".join(sorted({each.flavour.value for each in serving}))
    said = [f"{sentence} · ", *summary.basis(watched, standings, choice)]
    return html.Div(
        [html.H1(provider), html.P(said), html.P(f"{where} · {flavours}")],
        className=f"iw-headline is-{tone}",
    )


def _ttft_lines(
    session: Session, choice: Choice, serving: Sequence[EndpointFacts], facts: served.Facts
) -> tuple[Figure, Component]:
    measured = sorted(serving, key=lambda e: -sum(facts.speeds.get(e.id, {}).values()))
    shown = sorted(measured[:_MOST_LINES], key=lambda e: e.slug)
    found = latency.series(
        session,
        choice.window,
        Metric.TTFT,
        choice.step_ms,
        choice.zone,
        endpoint_ids=[each.id for each in shown],
    )
    coloured = [(theme.colour_of(i), each) for i, each in enumerate(shown)]
    series = {e.slug: (colour, found[e.id]) for colour, e in coloured if e.id in found}
    href = choice.href("/calls", provider=serving[0].provider, outcome="good")
    names = [(colour, each.slug) for colour, each in coloured]
    if len(serving) > _MOST_LINES:
        names.append(("transparent", f"the {_MOST_LINES} most called of {len(serving)}"))
    return lines.percentiles(series, choice.window, choice.zone, href=href), parts.legend(names)
