"""Matters: what routes ask of endpoints beyond their names: their models, and who uses them."""

from collections.abc import Collection

from sqlalchemy import select

from monitor.domain.calls import Origin
from monitor.storage.engine import Session
from monitor.storage.models.ledger import AttributionRow, EndpointRow
from monitor.storage.models.rollups import UsageDay


def models_of(session: Session, slugs: Collection[str]) -> frozenset[str]:
    """The models that endpoints serve."""
    chosen = select(EndpointRow.model).where(EndpointRow.slug.in_(slugs))
    return frozenset(model for model in session.scalars(chosen) if model is not None)


def teams_of(session: Session, slugs: Collection[str], from_day: int) -> frozenset[str]:
    """The teams whose calls went to any of these endpoints on a day of the home zone or later."""
    usage, endpoint, whose = UsageDay, EndpointRow, AttributionRow
    chosen = (
        select(whose.team)
        .join(usage, usage.attribution_id == whose.id)
        .join(endpoint, endpoint.id == usage.endpoint_id)
        .where(
            usage.day >= from_day,
            usage.origin != Origin.PROBE,
            endpoint.slug.in_(slugs),
            whose.team != "",
        )
        .distinct()
    )
    return frozenset(session.scalars(chosen))
