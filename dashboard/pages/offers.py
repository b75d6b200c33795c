"""Offers: who serves a model, at what price, how available and how fast."""

from dataclasses import dataclass

from dashboard import format as fmt
from dashboard.choices import Choice
from dashboard.components import cells
from dashboard.components.cells import Cell, Column, Row
from dashboard.components.outcomes import name
from dashboard.components.states import state_cell
from monitor.domain.availability import Availability
from monitor.domain.dimensions import Dimension
from monitor.domain.histogram import UNITS_PER_RATE, Metric, quantile, quantile_s
from monitor.domain.prices import PriceList
from monitor.domain.tiers import Moment
from monitor.domain.windows import DAY_MS, MINUTE_MS, Window, day_window
from monitor.storage.engine import Session
from monitor.storage.queries import calls, health, latency, prices, usage
from monitor.storage.queries.call_lines import CallLine
from monitor.storage.queries.endpoints import EndpointFacts
from monitor.storage.queries.health import Standing
from monitor.storage.queries.latency import Histogram
from monitor.storage.queries.owners import Owner
from monitor.storage.queries.totals import Totals

COLUMNS: list[Column] = [
    {"h": "Provider", "grow": True},
    {"h": "State"},
    {"h": "Price per M in / out / cached", "num": True},
    {"h": "30 min", "num": True},
    {"h": "24 h", "num": True},
    {"h": "30 d", "num": True},
    {"h": "TTFT p50", "num": True},
    {"h": "Tokens/s p50", "num": True},
    {"h": "Last failure"},
]
Judged = tuple[dict[int, Availability], dict[Owner, Totals]]


@dataclass(frozen=True, slots=True)
class Facts:
    """What the rows are drawn from, by endpoint number; `judged` in the order of the columns."""

    standings: dict[int, Standing]
    prices: dict[int, PriceList]
    judged: list[Judged]
    speeds: dict[int, Histogram]
    rates: dict[int, Histogram]
    failed: dict[int, CallLine]


def rows(session: Session, choice: Choice, serving: list[EndpointFacts]) -> list[Row]:
    """One row for each endpoint."""
    facts = _read(session, choice, [each.id for each in serving])
    return [_row(each, facts, choice) for each in serving]


def _read(session: Session, choice: Choice, numbers: list[int]) -> Facts:
    now_ms, zone, window = choice.now_ms, choice.zone, choice.window
    windows = [
        Window(now_ms - 30 * MINUTE_MS, now_ms),
        Window(now_ms - DAY_MS, now_ms),
        Window(day_window(choice.today - 29, zone).from_ms, now_ms),
    ]
    failing = calls.CallFilter(endpoint_ids=numbers, window=window, only_failed=True)
    found = calls.page(session, failing).lines
    return Facts(
        standings=health.standings(session, now_ms),
        prices=prices.in_force(session, numbers, now_ms),
        judged=[_judge(session, choice, each, numbers) for each in windows],
        speeds=latency.histograms(session, window, Metric.TTFT, zone, endpoint_ids=numbers),
        rates=latency.histograms(session, window, Metric.OUTPUT_RATE, zone, endpoint_ids=numbers),
        failed={line.endpoint_id: line for line in reversed(found)},
    )


def _judge(session: Session, choice: Choice, window: Window, numbers: list[int]) -> Judged:
    return (
        health.availability(session, window, choice.zone, endpoint_ids=numbers),
        usage.totals(session, window, choice.zone, by=Dimension.ENDPOINT, endpoint_ids=numbers),
    )


def _row(each: EndpointFacts, facts: Facts, choice: Choice) -> Row:
    href = choice.href("/calls", endpoint=each.slug)
    return {
        "k": str(each.id),
        "h": href,
        "c": [
            cells.text(
                each.provider, below=each.slug, href=choice.href(f"/providers/{each.provider}")
            ),
            state_cell(each, facts.standings.get(each.id), choice),
            _price_cell(facts.prices.get(each.id)),
            *(_availability_cell(each.id, *judged) for judged in facts.judged),
            _speed_cell(facts.speeds.get(each.id, {})),
            _rate_cell(facts.rates.get(each.id, {})),
            _failure_cell(facts.failed.get(each.id), choice),
        ],
    }


def _price_cell(found: PriceList | None) -> Cell:
    if found is None:
        return cells.text("unpriced", below="no price is known", tone="warned")
    rates = [found.rate(leaf, Moment()) for leaf in ("input", "output", "cache_read")]
    shown = " / ".join(fmt.rate(rate.pico_usd if rate else None) for rate in rates)
    tiers = (
        " · more by tier or hour" if len(found.rates) > len({r.leaf for r in found.rates}) else ""
    )
    first = rates[0]
    return cells.text(
        shown, below=f"{found.source}{tiers}", sort=first.pico_usd if first is not None else None
    )


def _availability_cell(
    number: int, available: dict[int, Availability], counted: dict[Owner, Totals]
) -> Cell:
    found, n = available.get(number), counted.get(number, Totals()).n
    if found is None or found.percent_milli is None:
        return cells.text("no data", below=f"n {n:,}", tone="quiet")
    below = f"{fmt.share(found.coverage_milli)}{fmt.NBSP}watched · n{fmt.NBSP}{n:,}"
    return cells.text(fmt.percent(found.percent_milli), below=below, sort=found.percent_milli)


def _speed_cell(histogram: Histogram) -> Cell:
    p50_s, p90_s = (quantile_s(histogram, share) for share in (0.5, 0.9))
    if p50_s is None:
        return cells.text("no data", tone="quiet")
    below = f"p90{fmt.NBSP}{fmt.seconds(p90_s)} · n{fmt.NBSP}{sum(histogram.values()):,}"
    return cells.text(fmt.seconds(p50_s), below=below, sort=p50_s)


def _rate_cell(histogram: Histogram) -> Cell:
    p50, slow = (quantile(histogram, share) for share in (0.5, 0.1))
    if p50 is None or slow is None:
        return cells.text("no data", tone="quiet")
    below = f"9 of 10 above {slow / UNITS_PER_RATE:.0f} · n{fmt.NBSP}{sum(histogram.values()):,}"
    return cells.text(f"{p50 / UNITS_PER_RATE:.1f}", below=below, sort=p50)


def _failure_cell(line: CallLine | None, choice: Choice) -> Cell:
    if line is None:
        return cells.text(fmt.DASH, title="none among the calls looked at", tone="quiet")
    at = fmt.clock(line.started_ms, choice.zone, choice.now_ms)
    return cells.text(name(line.outcome), below=at, href=choice.href(f"/calls/{line.id}"))
