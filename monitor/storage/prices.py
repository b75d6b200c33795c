"""Prices: dated lists of rates, superseded and never edited."""

from collections import defaultdict
from dataclasses import asdict

from sqlalchemy import insert, select
from sqlalchemy.orm import Session

from monitor.domain.prices import PriceList, Rate
from monitor.storage.models.prices import PriceListRow, PriceRow


def lists(session: Session) -> dict[int, tuple[PriceList, ...]]:
    """All price lists, by the number of their endpoint."""
    rates: defaultdict[int, list[Rate]] = defaultdict(list)
    for row in session.scalars(select(PriceRow).order_by(PriceRow.id)):
        rates[row.price_list_id].append(_rate(row))
    found: defaultdict[int, list[PriceList]] = defaultdict(list)
    for head in session.scalars(select(PriceListRow).order_by(PriceListRow.id)):
        found[head.endpoint_id].append(_price_list(head, tuple(rates[head.id])))
    return {endpoint_id: tuple(of_it) for endpoint_id, of_it in found.items()}


def append(session: Session, endpoint_id: int, prices: PriceList) -> None:
    """Write a new list of an endpoint."""
    head = insert(PriceListRow).values(
        endpoint_id=endpoint_id,
        source=prices.source,
        valid_from_ms=prices.valid_from_ms,
        valid_to_ms=prices.valid_to_ms,
        recorded_ms=prices.recorded_ms,
        authority=prices.authority,
    )
    number = session.execute(head.returning(PriceListRow.id)).scalar_one()
    for rate in prices.rates:
        session.execute(insert(PriceRow).values(price_list_id=number, **asdict(rate)))


def _rate(row: PriceRow) -> Rate:
    return Rate(
        leaf=row.leaf,
        pico_usd=row.pico_usd,
        above_tokens=row.above_tokens,
        from_minute=row.from_minute,
        to_minute=row.to_minute,
        service_tier=row.service_tier,
        tier_rule=row.tier_rule,
        weekdays=row.weekdays,
    )


def _price_list(head: PriceListRow, rates: tuple[Rate, ...]) -> PriceList:
    return PriceList(
        rates=rates,
        source=head.source,
        valid_from_ms=head.valid_from_ms,
        valid_to_ms=head.valid_to_ms,
        recorded_ms=head.recorded_ms,
        id=head.id,
        authority=head.authority,
    )
