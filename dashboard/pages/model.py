"""Model: one model as your own account meets it, at every provider that serves it."""

import re
from urllib.parse import unquote

from dash import Dash, Input, Output, State, html
from dash.development.base_component import Component

from dashboard import format as fmt
from dashboard import ids, theme
from dashboard.choices import Choice
from dashboard.components import cells, parts, samples
from dashboard.components.cells import Row
from dashboard.components.table import rows_json, table
from dashboard.figures import availability as bars
from dashboard.figures import latency as lines
from dashboard.figures.axes import Figure
from dashboard.pages import abilities, activity, apps, offers
from dashboard.reads import NotHere, Reads
from monitor.domain.histogram import Metric
from monitor.domain.windows import HOUR_MS, Window, day_window
from monitor.services import retirements
from monitor.storage.engine import Session
from monitor.storage.queries import endpoints, health, latency
from monitor.storage.queries.endpoints import EndpointFacts

PATH = re.compile(r"/models/([^/]+/.+)")
_UPTIME_DAYS = 3
_UPTIME: list[cells.Column] = [
    {"h": "Provider"},
    {"h": f"By the hour, last {_UPTIME_DAYS} days", "grow": True},
    {"h": "Availability", "num": True},
]
_OUTPUTS = (
    Output(ids.MODEL_FACTS, "children"),
    Output(ids.MODEL_PROVIDERS, "data-rows"),
    Output(ids.MODEL_ABILITIES, "data-rows"),
    Output(ids.MODEL_UPTIME, "data-rows"),
    Output(ids.MODEL_TTFT, "figure"),
    Output(ids.MODEL_TOTAL, "figure"),
    Output(ids.MODEL_TOKENS, "figure"),
    Output(ids.MODEL_TOKENS_NOTE, "children"),
    Output(ids.MODEL_SPEND, "figure"),
    Output(ids.MODEL_SPEND_NOTE, "children"),
    Output(ids.MODEL_VERSIONS, "data-rows"),
    Output(ids.MODEL_APPS, "data-rows"),
    Output(ids.MODEL_TRENDING, "data-rows"),
)
Drawn = tuple[
    Component | None, str, str, str, Figure, Figure, Figure, str, Figure, str, str, str, str
]
_BLANK: Drawn = (None, "[]", "[]", "[]", {}, {}, {}, "", {}, "", "[]", "[]", "[]")


def layout(reads: Reads, choice: Choice, model: str) -> Component:
    """A model, drawn. Raises NotHere."""
    serving = reads.drawn(_serving, choice, model)
    return _frame(model, choice.label(), serving, reads.drawn(draw, choice, model))


def blank() -> Component:
    """A model's page without figures."""
    return _frame("", "", [], _BLANK)


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
        drawn = await reads.redrawn(draw, search, model_of(path))
        return tuple(parts.renew(part) if isinstance(part, dict) else part for part in drawn)


def model_of(path: str) -> str:
    """The model that a path names."""
    return unquote(path).removeprefix("/models/")


def _frame(model: str, window: str, serving: list[EndpointFacts], drawn: Drawn) -> Component:
    facts, offered, able, uptime, ttft, total, tokens, tokens_note, spend, spend_note, *rest = drawn
    versions, popular, trending = rest
    series = [(theme.colour_of(i), each.slug) for i, each in enumerate(serving)]
    empty = "Nothing was measured yet."
    return parts.page(
        f"{model} · inferwatch",
        html.Div(facts, id=ids.MODEL_FACTS),
        parts.section(
            "Providers",
            table(ids.MODEL_PROVIDERS, "Providers", offers.COLUMNS, offered, empty=empty),
            note=f"speed and failures: {window}",
        ),
        parts.section(
            "Uptime", table(ids.MODEL_UPTIME, "Uptime by the hour", _UPTIME, uptime, empty=empty)
        ),
        html.Div(
            [
                _chart("Time to first token", ids.MODEL_TTFT, ttft, _lines_note(window), series),
                _chart("Total time", ids.MODEL_TOTAL, total, _lines_note(window), series),
            ],
            className="iw-pair",
        ),
        html.Div(
            [
                _chart(
                    "Tokens per day",
                    ids.MODEL_TOKENS,
                    tokens,
                    html.Span(tokens_note, id=ids.MODEL_TOKENS_NOTE),
                    activity.TOKEN_SERIES,
                ),
                _chart(
                    "Spend per day",
                    ids.MODEL_SPEND,
                    spend,
                    html.Span(spend_note, id=ids.MODEL_SPEND_NOTE),
                    activity.SPEND_SERIES,
                ),
            ],
            className="iw-pair",
        ),
        abilities.section(ids.MODEL_ABILITIES, able),
        parts.section(
            "Versions by token share",
            table(ids.MODEL_VERSIONS, "Versions", activity.VERSIONS, versions, empty=empty),
            note=f"team calls · {window}",
        ),
        apps.section(window, popular, trending),
        *(samples.samples(each) for each in serving[:1]),
    )


def _lines_note(window: str) -> str:
    return f"good calls, p50 solid, p95 dotted · {window}"


def _chart(
    title: str,
    component_id: str,
    figure: Figure,
    note: parts.Children,
    series: list[tuple[str, str]],
) -> Component:
    return parts.section(
        title,
        parts.legend(series),
        parts.graph(component_id, title, figure),
        note=note,
        name="iw-chart",
    )


def _serving(session: Session, _choice: Choice, model: str) -> list[EndpointFacts]:
    serving = endpoints.serving(session, model)
    if not serving:
        raise NotHere(f"No model {model!r} was ever watched here; see the list of models.")
    return serving


def draw(session: Session, choice: Choice, model: str) -> Drawn:
    """Everything on the page that changes. Raises NotHere."""
    serving = _serving(session, choice, model)
    numbers = [each.id for each in serving]
    return (
        _facts(model, serving, choice, _ending(session, serving, choice)),
        rows_json(offers.rows(session, choice, serving)),
        rows_json(abilities.rows(session, choice, serving)),
        rows_json(_uptime(session, choice, serving)),
        _percentiles(session, choice, serving, Metric.TTFT),
        _percentiles(session, choice, serving, Metric.TOTAL),
        *activity.tokens(session, choice, numbers),
        *activity.spend(session, choice, numbers),
        rows_json(activity.versions(session, choice, serving[0].family)),
        *apps.rows(session, choice, model),
    )


def _ending(session: Session, serving: list[EndpointFacts], choice: Choice) -> str:
    return retirements.tell(session, [e.id for e in serving if not e.retired_ms], choice.now_ms)


def _facts(model: str, serving: list[EndpointFacts], choice: Choice, ending: str) -> Component:
    first_ms = min(each.created_ms for each in serving)
    since = fmt.clock(first_ms, choice.zone, choice.now_ms)
    names = ", ".join(dict.fromkeys(each.model_name for each in serving))
    said = f"{names} · family {serving[0].family} · watched here since {since}"
    return html.Div(
        [
            html.H1(model),
            html.P(f"{said} ({fmt.zone_name(choice.zone)})"),
            *([html.P(ending)] if ending else []),
        ],
        className="iw-headline is-plain",
    )


def _uptime(session: Session, choice: Choice, serving: list[EndpointFacts]) -> list[Row]:
    start_ms = day_window(choice.today - _UPTIME_DAYS + 1, choice.zone).from_ms
    window = Window(start_ms, choice.now_ms - choice.now_ms % HOUR_MS + HOUR_MS)
    numbers = [each.id for each in serving]
    hours = health.hours(session, window, endpoint_ids=numbers)
    return [_uptime_row(each, hours.get(each.id, []), choice) for each in serving]


def _uptime_row(each: EndpointFacts, hours: list[health.HourAvailability], choice: Choice) -> Row:
    judged = [(hour.from_ms, hour.availability) for hour in hours]
    whole = bars.merge(availability for _, availability in judged)
    encoded = bars.encode_hours(
        judged,
        label=f"{each.slug} by the hour",
        href=choice.href("/calls", endpoint=each.slug),
        zone=choice.zone.key,
    )
    watched = f"{fmt.share(whole.coverage_milli)} watched"
    shown = fmt.percent(whole.percent_milli)
    return {
        "k": str(each.id),
        "c": [
            cells.text(each.provider, below=each.slug),
            cells.bars(encoded),
            cells.text(shown, below=watched, sort=whole.percent_milli),
        ],
    }


def _percentiles(
    session: Session, choice: Choice, serving: list[EndpointFacts], metric: Metric
) -> Figure:
    numbers = [each.id for each in serving]
    found = latency.series(
        session, choice.window, metric, choice.step_ms, choice.zone, endpoint_ids=numbers
    )
    series = {
        each.slug: (theme.colour_of(i), found[each.id])
        for i, each in enumerate(serving)
        if each.id in found
    }
    # Of several endpoints a click cannot say which one is meant.
    href = choice.href("/calls", endpoint=serving[0].slug) if len(serving) == 1 else ""
    return lines.percentiles(series, choice.window, choice.zone, href=href)
