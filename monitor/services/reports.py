"""Reports: a month as a manager reads it: money, what moved it, budgets, and what was down."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple
from zoneinfo import ZoneInfo

from monitor.domain.availability import Availability
from monitor.domain.budgets import InForce, Spent
from monitor.domain.counterparts import Kind
from monitor.domain.damages import Known
from monitor.domain.dimensions import Dimension
from monitor.domain.windows import Window, day_of
from monitor.services import damages
from monitor.services.spend import Question, Spending, spending
from monitor.storage import budgets as rows
from monitor.storage.engine import Session
from monitor.storage.incidents import IncidentKind
from monitor.storage.queries import budgets, endpoints, health, incidents, usage
from monitor.storage.queries.incidents import Incident
from monitor.storage.queries.owners import ALL, Audience
from monitor.storage.queries.usage import DayTotals

#: So many incidents are told of, those that lasted longest, of at most so many.
_TOLD, _COUNTED = 10, 1_000


class Kept(NamedTuple):
    """A budget's period that the month ends in, and what was spent of it."""

    held: InForce
    spent: Spent


class Watched(NamedTuple):
    """An endpoint, by its id in the settings, and how its month went."""

    slug: str
    availability: Availability


class Failure(NamedTuple):
    """An incident, whose it was, and what failed calls of it cost teams as far as is known."""

    incident: Incident
    slug: str | None
    failed: Known


@dataclass(frozen=True, slots=True)
class Report:
    """A month of a zone, or the part of it until `now_ms`. Probes are nowhere but in `probes`."""

    window: Window
    zone: ZoneInfo
    now_ms: int
    by_team: Spending
    by_model: Spending
    days: Sequence[DayTotals]
    budgets: Sequence[Kept]
    watched: Sequence[Watched]
    failures: Sequence[Failure]
    n_incidents: int
    n_outages: int

    @property
    def is_over(self) -> bool:
        """Whether the month is complete."""
        return self.window.to_ms <= self.now_ms


def report(session: Session, window: Window, zone: ZoneInfo, now_ms: int) -> Report:
    """All of a month that begins at a midnight of the zone. Reads sums, and bounded rows."""
    part = Window(window.from_ms, min(window.to_ms, now_ms))

    found = incidents.recent(session, part, limit=_COUNTED)

    def by(dimension: Dimension) -> Spending:
        return spending(session, Question(part, zone, now_ms, Kind.MONTH, dimension))

    return Report(
        window=window,
        zone=zone,
        now_ms=now_ms,
        by_team=by(Dimension.TEAM),
        by_model=by(Dimension.MODEL),
        days=_days(session, part, zone),
        budgets=_budgets(session, part),
        watched=_watched(session, part, zone),
        failures=_failures(session, found, now_ms),
        n_incidents=len(found),
        n_outages=sum(each.kind == IncidentKind.AVAILABILITY for each in found),
    )


def _days(session: Session, part: Window, zone: ZoneInfo) -> Sequence[DayTotals]:
    first, last = day_of(part.from_ms, zone), day_of(part.to_ms - 1, zone)
    return usage.by_day(session, first, last, zone, audience=Audience.TEAM).get(ALL, [])


def _budgets(session: Session, part: Window) -> list[Kept]:
    held = rows.hold(session, part.to_ms - 1)
    return [Kept(each, budgets.spent(session, each.budget, each.window)) for each in held]


def _watched(session: Session, part: Window, zone: ZoneInfo) -> list[Watched]:
    found = health.availability(session, part, zone)
    judged = [
        Watched(each.slug, found[each.id]) for each in endpoints.every(session) if each.id in found
    ]
    return sorted(judged, key=lambda each: (_rank(each.availability), each.slug))


def _rank(availability: Availability) -> int:
    """The worst first, what was not watched last."""
    share = availability.percent_milli
    return 10**6 if share is None else share


def _failures(session: Session, found: Sequence[Incident], now_ms: int) -> list[Failure]:
    """Those that lasted longest, the newest first."""
    slugs = {each.id: each.slug for each in endpoints.every(session)}
    longest = sorted(found, key=lambda each: each.started_ms - (each.ended_ms or now_ms))[:_TOLD]
    told = sorted(longest, key=lambda each: -each.started_ms)
    return [_failure(session, each, slugs, now_ms) for each in told]


def _failure(session: Session, incident: Incident, slugs: dict[int, str], now_ms: int) -> Failure:
    damage = damages.of_incident(session, incident, now_ms)
    slug = None if incident.endpoint_id is None else slugs.get(incident.endpoint_id)
    return Failure(incident, slug, Known() if damage is None else damage.failed)
