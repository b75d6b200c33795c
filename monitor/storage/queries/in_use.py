"""In use: the endpoints that teams asked in the last days, and what that came to."""

from typing import NamedTuple

from sqlalchemy import func, select

from monitor.domain.budgets import Spent
from monitor.domain.calls import Origin
from monitor.domain.usage import LEAVES
from monitor.storage.engine import Session
from monitor.storage.models.ledger import EndpointRow
from monitor.storage.models.rollups import UsageDay


class InUse(NamedTuple):
    """An endpoint of the settings, or one that teams asked lately, and what these calls were.

    `leaves` are sums in the order of `LEAVES`.
    """

    endpoint_id: int
    slug: str
    provider: str
    model: str
    spent: Spent
    leaves: tuple[int, ...]


def endpoints(session: Session, first_day: int) -> list[InUse]:
    """Those since a home day, by slug."""
    row, found = EndpointRow, _used(session, first_day)
    named = select(row.id, row.slug, row.provider, row.model, row.retired_ms).where(
        row.model.is_not(None)
    )
    none = Spent(), (0,) * len(LEAVES)
    return [
        InUse(number, slug, provider, str(model), *found.get(number, none))
        for number, slug, provider, model, retired_ms in session.execute(named.order_by(row.slug))
        if retired_ms is None or number in found
    ]


def _used(session: Session, first_day: int) -> dict[int, tuple[Spent, tuple[int, ...]]]:
    row = UsageDay
    money = (row.cost_nano_usd, row.n, row.n_unpriced, row.n_no_usage)
    sums = [func.sum(each) for each in (*money, *(getattr(row, leaf) for leaf in LEAVES))]
    chosen = (
        select(row.endpoint_id, *sums)
        .where(row.day >= first_day, row.origin != Origin.PROBE)
        .group_by(row.endpoint_id)
    )
    found = {}
    for number, *values in session.execute(chosen):
        counts = [int(each or 0) for each in values]
        found[number] = Spent(*counts[: len(money)]), tuple(counts[len(money) :])
    return found
