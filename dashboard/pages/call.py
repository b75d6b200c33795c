"""Call: everything that is kept of one call, and why it is counted as it is."""

import json
import re
from typing import Any

from dash import Dash, html
from dash.development.base_component import Component

from dashboard import format as fmt
from dashboard.choices import Choice
from dashboard.components import outcomes, parts
from dashboard.components.waterfall import waterfall
from dashboard.reads import NotHere, Reads
from monitor.domain.calls import Detail
from monitor.domain.outcomes import RULINGS
from monitor.domain.prices import CostState, PriceList
from monitor.domain.usage import LEAVES, Usage, UsageState
from monitor.storage.engine import Session
from monitor.storage.queries import calls
from monitor.storage.queries.calls import CallFull

PATH = re.compile(r"/calls/(\d{1,18})")
_COST = {
    CostState.REPORTED: "as the provider reported it",
    CostState.COMPUTED: "computed from usage and price",
    CostState.UNPRICED: "unpriced: no rate is known for what it used",
    CostState.NO_USAGE: "not known, because its usage is not",
}
_USAGE = {
    UsageState.MEASURED: "reported by the provider",
    UsageState.ESTIMATED: "estimated by us",
    UsageState.MISSING: "The answer carried no usage. That is not zero: it is not known.",
}
_NO_DETAIL = "Details of this call are no longer kept (or none were given): only what sums need."


def layout(reads: Reads, choice: Choice, number: str) -> Component:
    """One call, drawn. Raises NotHere."""
    found = reads.drawn(draw, choice, int(number))
    line = found.line
    return parts.page(
        f"Call {line.id} · inferwatch",
        _headline(found, choice),
        html.Div([_why(found), _phases(found)], className="iw-pair"),
        html.Div([_usage(found), _price(found)], className="iw-pair"),
        *_reported(found.detail),
    )


def blank() -> Component:
    """A call's page has no ids of its own: a call does not change."""
    return html.Div()


def register(app: Dash, reads: Reads) -> None:
    """Nothing to do: a call does not change."""


def draw(session: Session, _choice: Choice, number: int) -> CallFull:
    """The call of a number. Raises NotHere."""
    found = calls.detail(session, number)
    if found is None:
        raise NotHere(f"There is no call {number}. It may be older than calls are kept.")
    return found


def _headline(found: CallFull, choice: Choice) -> Component:
    line, zone = found.line, fmt.zone_name(choice.zone)
    group = RULINGS[line.outcome].group.value
    tone = {"good": "up", "bad": "down"}.get(group, "warn")
    at = f"{fmt.stamp(line.started_ms, choice.zone)} ({zone})"
    model = choice.href(f"/models/{line.model}") if line.model else None
    where = html.A(line.endpoint, href=model) if model else line.endpoint
    title = f"{outcomes.name(line.outcome)}, {fmt.seconds(line.total_s)}"
    return html.Div(
        [html.H1(title), html.P(["Call ", str(line.id), " to ", where, " · ", at])],
        className=f"iw-headline is-{tone}",
    )


def _panel(title: str, *children: Component, note: str | None = None) -> Component:
    return parts.section(title, html.Div(list(children), className="iw-panel"), note=note)


def _why(found: CallFull) -> Component:
    line, detail, whose = found.line, found.detail or Detail(), found.attribution
    status = None if line.http_status is None else str(line.http_status)
    named = (whose.team, whose.project, whose.app, whose.key)
    pairs: list[tuple[str, Any]] = [
        ("What happened", outcomes.why(line.outcome)),
        ("Who answers for it", outcomes.blame(line.outcome)),
        ("HTTP status", status),
        ("Provider's code", detail.provider_code),
        ("Finish reason", detail.finish_reason),
        ("Came as far as", line.phase.value.replace("_", " ")),
        ("Witnesses", detail.witness),
        (
            "Retry after",
            None if detail.retry_after_s is None else fmt.seconds(detail.retry_after_s),
        ),
        ("Made by", " · ".join(each for each in (line.origin, line.kind, *named) if each)),
        ("Model that served", detail.served_model),
        ("Request id", detail.request_id),
        ("Moves states", None if found.is_live else "No: it was recorded too late for that."),
    ]
    excerpt = [html.Pre(detail.excerpt, className="iw-excerpt")] if detail.excerpt else []
    known = [(name, value) for name, value in pairs if value]
    lost = [] if found.detail else [html.P(_NO_DETAIL, className="iw-note")]
    return _panel("Outcome", parts.facts(known), *excerpt, *lost)


def _phases(found: CallFull) -> Component:
    timings, detail = found.timings, found.detail
    if timings.total_s is None:
        return parts.section("Phases", parts.notice("Not measured", "This source gave no times."))
    reused = "on an open connection" if detail is not None and detail.is_reused else None
    lost = None if detail is not None else "phases before the first token are no longer kept"
    lag = "" if timings.loop_lag_s is None else f"event loop lag {fmt.seconds(timings.loop_lag_s)}"
    note = " · ".join(each for each in (reused, lost, lag) if each)
    return _panel("Phases", waterfall(timings), note=note or None)


def _usage(found: CallFull) -> Component:
    state = found.line.usage_state
    if found.usage is None:
        return parts.section("Usage", parts.notice("No usage", _USAGE[state]))
    leaves = _leaves(found.usage)
    sums = [
        ("All input", fmt.count(found.usage.input_total)),
        ("All output", fmt.count(found.usage.output_total)),
    ]
    return _panel("Usage", parts.facts([*leaves, *sums]), note=f"in tokens, {_USAGE[state]}")


def _leaves(usage: Usage) -> list[tuple[str, parts.Children]]:
    named = zip(LEAVES, usage, strict=True)
    return [(leaf.replace("_", " "), fmt.count(n)) for leaf, n in named if n or leaf == "input"]


def _price(found: CallFull) -> Component:
    line = found.line
    shown = fmt.money(line.cost_nano_usd) if line.cost_nano_usd is not None else "not known"
    cost = parts.facts([("Cost", shown), ("How we know", _COST[line.cost_state])])
    rates = [] if found.prices is None else [_rates(found.prices)]
    return _panel("Cost", cost, *rates)


def _rates(prices: PriceList) -> Component:
    pairs: list[tuple[str, parts.Children]] = [("Price list", prices.source)]
    pairs += [
        (rate.leaf.replace("_", " "), f"{fmt.rate(rate.pico_usd)} per million")
        for rate in prices.rates
    ]
    return parts.facts(pairs)


def _reported(detail: Detail | None) -> list[Component]:
    if detail is None or detail.usage_reported is None:
        return []
    text = json.dumps(detail.usage_reported, indent=2, ensure_ascii=False)
    return [parts.section("Usage as reported", parts.code("JSON", text))]
