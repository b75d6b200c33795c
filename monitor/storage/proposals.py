"""Proposals: prices that sources named, kept whatever was decided of them."""

from collections.abc import Collection
from dataclasses import asdict, dataclass

from sqlalchemy import insert, select, update

from monitor.domain.prices import PriceList, Rate
from monitor.domain.tiers import ServiceTier, TierRule
from monitor.storage.engine import Session
from monitor.storage.models.prices import ProposalRow


@dataclass(frozen=True, slots=True)
class Proposal:
    """A price that a source named as of an instant; `is_accepted` is `None` while undecided."""

    id: int
    endpoint_id: int
    price: PriceList
    as_of_ms: int
    doubts: str
    is_accepted: bool | None
    recorded_ms: int = 0


def newest(session: Session) -> dict[tuple[int, str], Proposal]:
    """The last word of each source on each endpoint, by number and source."""
    rows = session.scalars(select(ProposalRow).order_by(ProposalRow.as_of_ms, ProposalRow.id))
    return {(row.endpoint_id, row.source): _proposal(row) for row in rows}


def add(session: Session, endpoint_id: int, price: PriceList, doubts: str, now_ms: int) -> None:
    """Keep a proposal; `valid_from_ms` of its price is as of when the source says so."""
    values = {
        "endpoint_id": endpoint_id,
        "source": price.source,
        "as_of_ms": price.valid_from_ms,
        "recorded_ms": now_ms,
        "rates": {"rates": [asdict(rate) for rate in price.rates]},
        "doubts": doubts,
    }
    session.execute(insert(ProposalRow).values(values))


def decide(
    session: Session, ids: Collection[int], by: str, now_ms: int, *, is_accepted: bool
) -> None:
    """Note what was decided of proposals."""
    chosen = update(ProposalRow).where(ProposalRow.id.in_(ids))
    session.execute(chosen.values(decided_ms=now_ms, decided_by=by, is_accepted=is_accepted))


def deciders(session: Session, since_ms: int) -> dict[tuple[int, int], str]:
    """Who accepted prices since an instant: by the number of the endpoint, and when."""
    row = ProposalRow
    chosen = select(row.endpoint_id, row.decided_ms, row.decided_by).where(
        row.is_accepted.is_(True), row.decided_ms >= since_ms
    )
    return {(number, at_ms or 0): by or "" for number, at_ms, by in session.execute(chosen)}


def _proposal(row: ProposalRow) -> Proposal:
    rates = tuple(_rate(**each) for each in row.rates["rates"])
    price = PriceList(rates, row.source, row.as_of_ms)
    return Proposal(
        row.id, row.endpoint_id, price, row.as_of_ms, row.doubts, row.is_accepted, row.recorded_ms
    )


def _rate(*, service_tier: str | None, tier_rule: str, **plain: str | int | None) -> Rate:
    tier = None if service_tier is None else ServiceTier(service_tier)
    return Rate(**plain, service_tier=tier, tier_rule=TierRule(tier_rule))  # type: ignore[arg-type]
