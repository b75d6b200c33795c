"""Served: the endpoints of one provider, how they stand and how fast they are."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from dashboard import format as fmt
from dashboard.choices import Choice
from dashboard.components import cells
from dashboard.components.cells import Cell, Column, Row
from dashboard.components.outcomes import name
from dashboard.components.states import is_down, rank, state_cell
from monitor.domain.availability import (
    MIN_PROBES,
    MIN_TRAFFIC,
    WHOLE_MILLI,
    Availability,
    success_rate,
)
from monitor.domain.dimensions import Dimension
from monitor.domain.health import Policy
from monitor.domain.histogram import Metric, quantile_s
from monitor.storage.engine import Session
from monitor.storage.queries import calls, health, latency, usage
from monitor.storage.queries.call_lines import CallLine
from monitor.storage.queries.endpoints import EndpointFacts
from monitor.storage.queries.health import Standing
from monitor.storage.queries.latency import Histogram
from monitor.storage.queries.owners import Audience, Owner
from monitor.storage.queries.totals import Totals

COLUMNS: list[Column] = [
    {"h": "Endpoint", "grow": True},
    {"h": "State"},
    {"h": "Availability", "num": True},
    {"h": "Usable by us", "num": True},
    {"h": "TTFT p50", "num": True},
    {"h": "TTFT p95", "num": True},
    {"h": "Good probes", "num": True},
    {"h": "Good team calls", "num": True},
    {"h": "Last failure"},
]


@dataclass(frozen=True, slots=True)
class Facts:
    """What the rows are drawn from, by endpoint number."""

    standings: Mapping[int, Standing]
    available: Mapping[int, Availability]
    usable: Mapping[int, Availability]
    probes: Mapping[Owner, Totals]
    team: Mapping[Owner, Totals]
    speeds: Mapping[int, Histogram]
    failed: Mapping[int, CallLine]

    def calls(self, number: int) -> int:
        """How many calls were made to an endpoint, by anyone."""
        return sum(made[number].n for made in (self.probes, self.team) if number in made)


def read(session: Session, choice: Choice, numbers: Sequence[int]) -> Facts:
    """All of these endpoints at once."""
    window, zone = choice.window, choice.zone
    failing = calls.CallFilter(endpoint_ids=numbers, window=window, only_failed=True)
    found = calls.page(session, failing).lines
    return Facts(
        standings=health.standings(session, choice.now_ms),
        available=health.availability(session, window, zone, endpoint_ids=numbers),
        usable=health.availability(session, window, zone, Policy.USABLE, endpoint_ids=numbers),
        probes=_count(session, choice, numbers, Audience.PROBES),
        team=_count(session, choice, numbers, Audience.TEAM),
        speeds=latency.histograms(session, window, Metric.TTFT, zone, endpoint_ids=numbers),
        failed={line.endpoint_id: line for line in reversed(found)},
    )


def _count(
    session: Session, choice: Choice, numbers: Sequence[int], audience: Audience
) -> Mapping[Owner, Totals]:
    by, window = Dimension.ENDPOINT, choice.window
    return usage.totals(
        session, window, choice.zone, by=by, audience=audience, endpoint_ids=numbers
    )


def rows(serving: Sequence[EndpointFacts], facts: Facts, choice: Choice) -> list[Row]:
    """One row for each endpoint, the worst first and retired ones last."""
    ordered = sorted(
        serving,
        key=lambda e: (e.retired_ms is not None, rank(facts.standings.get(e.id)), e.slug),
    )
    return [_row(each, facts, choice) for each in ordered]


def _row(each: EndpointFacts, facts: Facts, choice: Choice) -> Row:
    standing = facts.standings.get(each.id)
    href = choice.href(f"/models/{each.model}")
    is_failing = is_down(standing) and each.retired_ms is None
    speeds = facts.speeds.get(each.id, {})
    probes, team = (made.get(each.id, Totals()) for made in (facts.probes, facts.team))
    return {
        "k": str(each.id),
        "h": href,
        "tone": "failing" if is_failing else "",
        "c": [
            cells.text(each.model_name, below=each.slug, href=href, sort=each.slug),
            state_cell(each, standing, choice),
            _available_cell(facts.available.get(each.id), facts.calls(each.id)),
            availability_cell(facts.usable.get(each.id)),
            _speed_cell(speeds, 0.5, f"n{fmt.NBSP}{sum(speeds.values()):,}"),
            _speed_cell(speeds, 0.95),
            _success_cell(probes, MIN_PROBES),
            _success_cell(team, MIN_TRAFFIC),
            failure_cell(facts.failed.get(each.id), choice),
        ],
    }


def _available_cell(found: Availability | None, n: int) -> Cell:
    return availability_cell(found, f" · n{fmt.NBSP}{n:,}")


def availability_cell(found: Availability | None, more: str = "") -> Cell:
    """An availability with its coverage."""
    if found is None or found.percent_milli is None:
        return cells.text("no data", below=more.removeprefix(" · ") or None, tone="quiet")
    below = f"{fmt.share(found.coverage_milli)}{fmt.NBSP}watched{more}"
    return cells.text(fmt.percent(found.percent_milli), below=below, sort=found.percent_milli)


def _speed_cell(histogram: Histogram, share: float, below: str | None = None) -> Cell:
    value_s = quantile_s(histogram, share)
    if value_s is None:
        return cells.text("no data", tone="quiet")
    return cells.text(fmt.seconds(value_s), below=below, sort=value_s)


def _success_cell(made: Totals, least: int) -> Cell:
    """The success rate of calls with its 95 % interval; few calls tell nothing."""
    n = made.n_good + made.n_bad
    rate = success_rate(made.n_good, made.n_bad, least)
    if rate is None:
        return cells.text("too few" if n else "no data", below=f"n{fmt.NBSP}{n:,}", tone="quiet")
    share, low, high = (int(WHOLE_MILLI * part) for part in (rate.rate, rate.low, rate.high))
    interval = f"95{fmt.NBSP}%: {fmt.percent(low)} to {fmt.percent(high)}"
    return cells.text(fmt.percent(share), below=f"{interval} · n{fmt.NBSP}{n:,}", sort=share)


def failure_cell(line: CallLine | None, choice: Choice) -> Cell:
    """The class and time of a failed call, with a link to it."""
    if line is None:
        return cells.text(fmt.DASH, title="none among the calls looked at", tone="quiet")
    at = fmt.clock(line.started_ms, choice.zone, choice.now_ms)
    return cells.text(name(line.outcome), below=at, href=choice.href(f"/calls/{line.id}"))
