"""Monitor: how the one who watches fares itself, so that its word can be trusted."""

import re
from typing import NamedTuple

from dash import Dash, Input, Output, State, html
from dash.development.base_component import Component

from dashboard import format as fmt
from dashboard import ids
from dashboard.choices import Choice
from dashboard.components import cells, parts
from dashboard.components.cells import Row
from dashboard.components.table import rows_json, table
from dashboard.figures import vitals as charts
from dashboard.figures.axes import BLIND, Figure
from dashboard.pages import probe_money, vitality
from dashboard.reads import Reads
from monitor.domain.steps import cut
from monitor.domain.windows import HOUR_MS, MINUTE_MS
from monitor.services import doctor
from monitor.storage.engine import Session
from monitor.storage.queries import operations, vitals

PATH = re.compile(r"/monitor/?")
_SHOWN = 20
_QUARANTINE: list[cells.Column] = [{"h": "At"}, {"h": "Why", "grow": True}, {"h": "Call"}]
_OUTPUTS = (
    Output(ids.MONITOR_HEADLINE, "children"),
    Output(ids.MONITOR_CARDS, "children"),
    Output(ids.MONITOR_LAG, "figure"),
    Output(ids.MONITOR_QUEUE, "figure"),
    Output(ids.MONITOR_GAPS, "figure"),
    Output(ids.MONITOR_GAPS_LEGEND, "children"),
    Output(ids.MONITOR_SIZE, "figure"),
    Output(ids.MONITOR_BUDGETS, "data-rows"),
    Output(ids.MONITOR_QUARANTINE, "data-rows"),
)


class Drawn(NamedTuple):
    """Everything on the page that changes, in the order of the outputs."""

    headline: parts.Children = None
    cards: parts.Children = None
    lag: Figure = {}  # noqa: RUF012 - only read
    queue: Figure = {}  # noqa: RUF012
    gaps: Figure = {}  # noqa: RUF012
    gaps_legend: parts.Children = None
    size: Figure = {}  # noqa: RUF012
    budgets: str = "[]"
    quarantine: str = "[]"


def layout(reads: Reads, choice: Choice) -> Component:
    """The monitor's health, drawn."""
    return _frame(choice.label(), reads.drawn(draw, choice))


def blank() -> Component:
    """The page without figures."""
    return _frame("", Drawn())


def register(app: Dash, reads: Reads) -> None:
    """New looks appear in place; the sums are checked when somebody asks."""

    @app.callback(
        *_OUTPUTS,
        Input(ids.TOKEN, "data"),
        State(ids.LOCATION, "search"),
        prevent_initial_call=True,
    )
    async def refresh(_token: str, search: str | None) -> object:
        drawn = await reads.redrawn(draw, search)
        return tuple(parts.renew(part) if isinstance(part, dict) else part for part in drawn)

    @app.callback(
        Output(ids.MONITOR_CHECKED, "children"),
        Input(ids.MONITOR_CHECK, "n_clicks"),
        State(ids.LOCATION, "search"),
        running=[(Output(ids.MONITOR_CHECK, "disabled"), True, False)],
        prevent_initial_call=True,
    )
    async def check(_clicks: int, search: str | None) -> object:
        return await reads.asked(check_sums, search)


def _frame(window: str, drawn: Drawn) -> Component:
    return parts.page(
        "Monitor · inferwatch",
        html.Div(drawn.headline, id=ids.MONITOR_HEADLINE),
        html.Div(drawn.cards, id=ids.MONITOR_CARDS, className="iw-cards is-six"),
        html.Div(
            [
                _chart("Event-loop lag", ids.MONITOR_LAG, drawn.lag, charts.LAG, window),
                _chart(
                    "Writer queue and spool", ids.MONITOR_QUEUE, drawn.queue, charts.QUEUE, window
                ),
            ],
            className="iw-pair",
        ),
        html.Div(
            [
                parts.section(
                    "Probe runs not made",
                    html.Div(drawn.gaps_legend, id=ids.MONITOR_GAPS_LEGEND),
                    parts.graph(ids.MONITOR_GAPS, "Probe runs not made", drawn.gaps),
                    note=f"by reason · {window}",
                    name="iw-chart",
                ),
                _chart("Database", ids.MONITOR_SIZE, drawn.size, charts.SIZE, window),
            ],
            className="iw-pair",
        ),
        _budgets(drawn),
        _sums(window),
        _quarantine(drawn),
    )


def _chart(
    title: str, component_id: str, figure: Figure, series: tuple[charts.Line, ...], window: str
) -> Component:
    entries = [*((line.colour, line.name) for line in series), (BLIND, "Monitor not running")]
    return parts.section(
        title,
        parts.legend(entries),
        parts.graph(component_id, title, figure),
        note=window,
        name="iw-chart",
    )


def _budgets(drawn: Drawn) -> Component:
    listed = table(
        ids.MONITOR_BUDGETS,
        "Probe budget",
        probe_money.COLUMNS,
        drawn.budgets,
        empty="No provider is watched yet.",
    )
    return parts.section("Probe budget", listed, note="today so far, in the home zone")


def _sums(window: str) -> Component:
    button = html.Button(
        "Check the sums", id=ids.MONITOR_CHECK, type="button", className="iw-button", n_clicks=0
    )
    said = html.Span(
        "Nothing was checked yet.", id=ids.MONITOR_CHECKED, role="status", className="iw-note"
    )
    return parts.section(
        "Do the sums agree with the calls?",
        html.Div([button, said], className="iw-more"),
        note=f"whole home days of the window · {window}",
    )


def _quarantine(drawn: Drawn) -> Component:
    listed = table(
        ids.MONITOR_QUARANTINE,
        "Quarantine",
        _QUARANTINE,
        drawn.quarantine,
        empty="Every call that came could be recorded.",
    )
    return parts.section("Quarantine", listed, note=f"the newest {_SHOWN} calls that could not")


def draw(session: Session, choice: Choice) -> Drawn:
    """Everything on the page that changes."""
    window, zone = choice.window, choice.zone
    cutting = cut(window, _step_ms(choice), zone)
    steps = vitals.over_time(session, cutting)
    gaps = vitals.gaps_over_time(session, cutting)
    reasons = sorted({reason for _, by_reason in gaps for reason in by_reason})
    seen = vitality.see(session, steps)
    return Drawn(
        vitality.headline(seen, choice),
        vitality.cards(seen, choice),
        charts.lines(charts.LAG, steps, window, zone, tickformat="~s", ticksuffix="s"),
        charts.lines(charts.QUEUE, steps, window, zone, **charts.calls_axis(steps)),
        charts.gaps(gaps, window, zone),
        parts.legend([(charts.colour_of(reason), reason) for reason in reasons]),
        charts.lines(charts.SIZE, steps, window, zone, tickformat="~s", ticksuffix="B"),
        rows_json(probe_money.rows(session, choice)),
        rows_json(_quarantine_rows(session, choice)),
    )


def _quarantine_rows(session: Session, choice: Choice) -> list[Row]:
    return [
        {
            "k": str(each.id),
            "c": [
                cells.text(fmt.clock(each.at_ms, choice.zone, choice.now_ms), sort=each.at_ms),
                cells.text(each.reason[:300]),
                cells.text(each.call[:80], title=each.call[:1_000], tone="quiet"),
            ],
        }
        for each in operations.quarantined(session, _SHOWN)
    ]


def _step_ms(choice: Choice) -> int:
    """Looks are a minute apart, and that is shaken: in three minutes of a run there is one."""
    return 3 * MINUTE_MS if choice.window.length_ms <= 2 * HOUR_MS else choice.step_ms


def check_sums(session: Session, choice: Choice) -> str:
    """Whether the rollups hold what the calls of the window's home days sum up to."""
    found = doctor.sums_agree(session, choice.window)
    days = fmt.plural(choice.last_day - choice.first_day + 1, "day")
    at = f"Checked {fmt.stamp(choice.now_ms, choice.zone).rpartition('.')[0]}"
    if not found:
        return f"{at}: all sums of {days} agree."
    first = found[0]
    more = (
        f"at least {len(found):,}" if len(found) == doctor.MAX_DISAGREEMENTS else f"{len(found):,}"
    )
    return (
        f"{at}: {more} numbers disagree, the first in {first.table} ({first.key}): {first.column} "
        f"is {first.rollup:,}, the calls say {first.ledger:,}. Run inferwatch db rebuild."
    )
