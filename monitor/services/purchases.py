"""Purchases: what the team used in a window, beside the rates that were in force at the time."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise

from monitor.domain import prices as rules
from monitor.domain.baskets import Basket, Sums, add, fill
from monitor.domain.dimensions import EVERYTHING, Filters
from monitor.domain.prices import Flat, PriceList
from monitor.domain.tiers import Moment
from monitor.domain.windows import Window
from monitor.storage.engine import Session
from monitor.storage.queries import prices, spend
from monitor.storage.queries.spend import Lot
from monitor.storage.queries.totals import Totals

#: A window is read in parts, between which prices changed: in so many, and no more.
MOST_PARTS = 24
#: What has other hours has these at noon of UTC.
_STANDARD = Moment(minute=12 * 60)


@dataclass(frozen=True, slots=True)
class Purchase:
    """Calls of one lot in a part of a window in which no price changed; `None`: no price."""

    lot: Lot
    totals: Totals
    rates: Flat | None

    @property
    def sums(self) -> Sums:
        """The same as baskets take it."""
        found = self.totals
        return Sums(found.leaves, found.cost_nano_usd, found.n_costed, found.n_unpriced)


def purchases(session: Session, window: Window, filters: Filters = EVERYTHING) -> list[Purchase]:
    """The team's calls that started in a window."""
    lists = prices.between(session, window)
    return [
        Purchase(lot, totals, _rates(lists.get(lot.endpoint_id, ()), part.from_ms))
        for part in _parts(window, lists)
        for lot, totals in spend.by_lot(session, part, filters).items()
    ]


def basket(bought: Sequence[Purchase]) -> Basket:
    """All of these in one basket."""
    return add(fill(each.lot.endpoint_id, each.sums, each.rates) for each in bought)


def _parts(window: Window, lists: Mapping[int, Sequence[PriceList]]) -> list[Window]:
    """The window, cut where a list begins or ends; of too many cuts the newest."""
    starts = {each.valid_from_ms for own in lists.values() for each in own}
    ends = {each.valid_to_ms for own in lists.values() for each in own}
    inside = sorted(at for at in starts | ends if at and window.from_ms < at < window.to_ms)
    cuts = [window.from_ms, *inside[1 - MOST_PARTS :], window.to_ms]
    return [Window(*pair) for pair in pairwise(cuts)]


def _rates(lists: Sequence[PriceList], at_ms: int) -> Flat | None:
    found = rules.in_force(lists, at_ms)
    return None if found is None else found.rates_at(_STANDARD)
