"""Charges: sums of a team's calls by home day, endpoint and attribution."""

from typing import Any, NamedTuple

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from monitor.domain.calls import Origin
from monitor.storage.models.ledger import AttributionRow, EndpointRow
from monitor.storage.models.rollups import UsageDay
from monitor.storage.queries.totals import SUMS, Totals


class DayCharge(NamedTuple):
    """A home day (proleptic ordinal) of one endpoint and attribution, in whichever way it came."""

    day: int
    slug: str
    provider: str
    model: str
    team: str
    project: str
    app: str
    key: str
    totals: Totals


def daily(session: Session, days: range) -> list[DayCharge]:
    """All of these days, in their order."""
    row, endpoint, whose = UsageDay, EndpointRow, AttributionRow
    keys = (
        row.day,
        endpoint.slug,
        endpoint.provider,
        endpoint.model,
        whose.team,
        whose.project,
        whose.app,
        whose.key,
    )
    chosen = (
        select(*keys, *(func.sum(getattr(row, name)) for name in SUMS))
        .join(endpoint, endpoint.id == row.endpoint_id)
        .join(whose, whose.id == row.attribution_id)
        .where(row.day >= days.start, row.day < days.stop)
        .where(row.origin != Origin.PROBE, endpoint.model.is_not(None))
        .group_by(*keys)
        .order_by(*keys)
    )
    return [_charge(*found) for found in session.execute(chosen)]


def _charge(
    day: int,
    slug: str,
    provider: str,
    model: str,
    team: str,
    project: str,
    app: str,
    key: str,
    *sums: Any,
) -> DayCharge:
    totals = Totals(*(int(each or 0) for each in sums))
    return DayCharge(day, slug, provider, model, team, project, app, key, totals)
