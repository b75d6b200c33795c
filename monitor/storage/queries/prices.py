"""Prices: the dated lists, as the rules of `monitor.domain.prices` want them."""

from collections import defaultdict
from collections.abc import Collection
from dataclasses import fields

from sqlalchemy import ColumnElement, select
from sqlalchemy.orm import Session

from monitor.domain import prices
from monitor.domain.prices import PriceList, Rate
from monitor.domain.windows import Window
from monitor.storage.models.prices import PriceListRow, PriceRow


def in_force(session: Session, endpoint_ids: Collection[int], at_ms: int) -> dict[int, PriceList]:
    """The list that holds at an instant; endpoints without one are left out."""
    lists = _select(
        session,
        PriceListRow.endpoint_id.in_(endpoint_ids),
        PriceListRow.valid_from_ms <= at_ms,
        PriceListRow.valid_to_ms.is_(None) | (PriceListRow.valid_to_ms > at_ms),
    )
    chosen = {number: prices.in_force(holding, at_ms) for number, holding in lists.items()}
    return {number: found for number, found in chosen.items() if found is not None}


def between(session: Session, window: Window) -> dict[int, list[PriceList]]:
    """The lists of every endpoint that hold at some instant of a window."""
    return _select(
        session,
        PriceListRow.valid_from_ms < window.to_ms,
        PriceListRow.valid_to_ms.is_(None) | (PriceListRow.valid_to_ms > window.from_ms),
    )


def history(session: Session, endpoint_id: int) -> list[PriceList]:
    """Every list of an endpoint, the newest first."""
    return _select(session, PriceListRow.endpoint_id == endpoint_id).get(endpoint_id, [])


def numbered(session: Session, price_list_id: int) -> PriceList | None:
    """The list of a number."""
    found = _select(session, PriceListRow.id == price_list_id)
    return next((each for lists in found.values() for each in lists), None)


def _select(session: Session, *conditions: ColumnElement[bool]) -> dict[int, list[PriceList]]:
    newest = PriceListRow.valid_from_ms.desc(), PriceListRow.id.desc()
    rows = session.scalars(select(PriceListRow).where(*conditions).order_by(*newest)).all()
    rates = _rates(session, [row.id for row in rows])
    lists: defaultdict[int, list[PriceList]] = defaultdict(list)
    for row in rows:
        lists[row.endpoint_id].append(_price_list(row, tuple(rates[row.id])))
    return lists


def _rates(session: Session, price_list_ids: Collection[int]) -> defaultdict[int, list[Rate]]:
    columns = [getattr(PriceRow, each.name) for each in fields(Rate)]
    chosen = select(PriceRow.price_list_id, *columns)
    chosen = chosen.where(PriceRow.price_list_id.in_(price_list_ids)).order_by(PriceRow.id)
    rates: defaultdict[int, list[Rate]] = defaultdict(list)
    for number, *values in session.execute(chosen):
        rates[number].append(Rate(*values))
    return rates


def _price_list(row: PriceListRow, rates: tuple[Rate, ...]) -> PriceList:
    return PriceList(
        rates=rates,
        source=row.source,
        valid_from_ms=row.valid_from_ms,
        valid_to_ms=row.valid_to_ms,
        recorded_ms=row.recorded_ms,
        id=row.id,
        authority=row.authority,
    )
