"""Status: how every watched endpoint stands, in the figures that `status` prints."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from zoneinfo import ZoneInfo

from monitor.domain.availability import Availability
from monitor.domain.dimensions import Dimension
from monitor.domain.health import State
from monitor.domain.histogram import Metric, quantile_s
from monitor.domain.pauses import Pause
from monitor.domain.windows import DAY_MS, Window, day_of, day_window
from monitor.storage import pauses
from monitor.storage.engine import Session
from monitor.storage.queries import endpoints, health, incidents, latency, maintenance, usage
from monitor.storage.queries.endpoints import EndpointFacts
from monitor.storage.queries.incidents import Incident
from monitor.storage.queries.owners import Audience, Owner
from monitor.storage.queries.totals import Totals

_NEW = Availability(window_ms=0, covered_ms=0, down_ms=0)


@dataclass(frozen=True, slots=True)
class EndpointStatus:
    """One endpoint now; `None` is not known.

    `id` is the one of the settings, `paused` the pause that holds it. Availability and coverage of
    the last 24 hours are percent, rounded down to three decimals; `n_24h` counts all its calls,
    probes too, as does the 95th percentile of the same hours. *Today* is the calendar day of the
    zone that was asked for, so far; the team's spend is without the probes, and `None` while no
    team has ever been recorded.
    """

    id: str
    state: State
    since_ms: int
    is_checking: bool
    paused: Pause | None
    availability_24h: float | None
    coverage_24h: float | None
    n_24h: int
    ttft_p95_s: float | None
    spend_today_nano_usd: int | None
    probe_spend_today_nano_usd: int | None


@dataclass(frozen=True, slots=True)
class OpenIncident:
    """An incident that is not over. `endpoint` is the id in the settings, `None` for our own.

    `outcome` is of the call that told it, `None` where sums did; `cause` says it in words.
    """

    endpoint: str | None
    kind: str
    rule: str
    outcome: str | None
    cause: str
    started_ms: int
    confirmed_ms: int
    unobserved_ms: int | None


@dataclass(frozen=True, slots=True)
class Upkeep:
    """A maintenance window that runs, or begins within a day; without a name it is for all."""

    endpoint: str | None
    provider: str | None
    from_ms: int
    to_ms: int
    reason: str


@dataclass(frozen=True, slots=True)
class _Figures:
    """What all endpoints' figures are taken from, each read once."""

    pauses: Sequence[Pause]
    standings: Mapping[int, health.Standing]
    availability: Mapping[int, Availability]
    calls: Mapping[Owner, Totals]
    ttft: Mapping[int, latency.Histogram]
    team: Mapping[Owner, Totals] | None
    probes: Mapping[Owner, Totals]


def statuses(session: Session, now_ms: int, zone: ZoneInfo) -> list[EndpointStatus]:
    """Every watched endpoint, by provider and id."""
    figures = _read(session, now_ms, zone)
    return [_status(each, figures) for each in endpoints.watched(session)]


def open_incidents(session: Session) -> list[OpenIncident]:
    """Every open incident, the newest first; those of retired endpoints too."""
    slugs = {each.id: each.slug for each in endpoints.every(session)}
    return [_incident(each, slugs) for each in incidents.open_incidents(session)]


def upkeep(session: Session, now_ms: int) -> list[Upkeep]:
    """The maintenance of now and of the next 24 hours, in order."""
    slugs = {each.id: each.slug for each in endpoints.every(session)}
    declared = maintenance.between(session, Window(now_ms, now_ms + DAY_MS))
    return [
        Upkeep(
            slugs.get(each.endpoint_id or 0), each.provider, each.from_ms, each.to_ms, each.reason
        )
        for each in reversed(declared)
    ]


def _read(session: Session, now_ms: int, zone: ZoneInfo) -> _Figures:
    last = Window(now_ms - DAY_MS, now_ms)
    today = day_window(day_of(now_ms, zone), zone)
    has_team = usage.has_team_calls(session)
    by = Dimension.ENDPOINT
    return _Figures(
        pauses=list(pauses.holding(session).values()),
        standings=health.standings(session, now_ms),
        availability=health.availability(session, last, zone),
        calls=usage.totals(session, last, zone, by=by),
        ttft=latency.histograms(session, last, Metric.TTFT, zone),
        team=usage.totals(session, today, zone, by=by, audience=Audience.TEAM)
        if has_team
        else None,
        probes=usage.totals(session, today, zone, by=by, audience=Audience.PROBES),
    )


def _status(endpoint: EndpointFacts, figures: _Figures) -> EndpointStatus:
    number, slug = endpoint.id, endpoint.slug
    standing = figures.standings.get(number)
    judged = figures.availability.get(number, _NEW)
    return EndpointStatus(
        id=slug,
        state=State.UNKNOWN if standing is None else standing.state,
        since_ms=endpoint.created_ms if standing is None else standing.since_ms,
        is_checking=standing is not None and standing.first_failed_ms is not None,
        paused=next((p for p in figures.pauses if p.scope.holds(slug, endpoint.provider)), None),
        availability_24h=_percent(judged.percent_milli),
        coverage_24h=_percent(judged.coverage_milli),
        n_24h=figures.calls.get(number, Totals()).n,
        ttft_p95_s=quantile_s(figures.ttft.get(number, {}), 0.95),
        spend_today_nano_usd=_spend(figures.team, number),
        probe_spend_today_nano_usd=_spend(figures.probes, number),
    )


def _percent(milli: int | None) -> float | None:
    return None if milli is None else milli / 1000


def _spend(totals: Mapping[Owner, Totals] | None, number: int) -> int | None:
    return None if totals is None else totals.get(number, Totals()).spend_nano_usd


def _incident(incident: Incident, slugs: Mapping[int, str]) -> OpenIncident:
    return OpenIncident(
        endpoint=None if incident.endpoint_id is None else slugs[incident.endpoint_id],
        kind=incident.kind,
        rule=incident.rule,
        outcome=None if incident.outcome is None else incident.outcome.value,
        cause=incident.cause,
        started_ms=incident.started_ms,
        confirmed_ms=incident.confirmed_ms,
        unobserved_ms=incident.unobserved_ms,
    )
