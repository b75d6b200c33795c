"""Prices: install the rates that are to hold from now on."""

from collections.abc import Mapping
from dataclasses import replace

from monitor.domain.prices import PriceList, in_force
from monitor.services import reference
from monitor.storage import prices as rows
from monitor.storage.engine import Session


def install(session: Session, prices: Mapping[str, PriceList], now_ms: int) -> None:
    """Write each endpoint's list, unless the one in force says the same already.

    The first list of an endpoint holds from its own `valid_from_ms` on, a later one from now.
    """
    known = reference.load(session)
    for endpoint, prices_now in prices.items():
        number, *_, lists = known.tariff(endpoint)
        standing = in_force(lists, now_ms)
        if standing is None:
            rows.append(session, number, replace(prices_now, recorded_ms=now_ms))
        elif (standing.rates, standing.source) != (prices_now.rates, prices_now.source):
            rows.append(
                session, number, replace(prices_now, valid_from_ms=now_ms, recorded_ms=now_ms)
            )
