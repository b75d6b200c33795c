"""Purchases: what the team used in a window, beside the rates that were in force at the time."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise

from monitor.domain import prices as rules
from monitor.domain.baskets import Basket, Sums, add, fill
from monitor.domain.dimensions import EVERYTHING, Dimension, Filters, people_in
from monitor.domain.prices import Flat, PriceList
from monitor.domain.tiers import Moment
from monitor.domain.windows import Window, day_of, day_window
from monitor.storage import facts
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


def purchases(
    session: Session,
    window: Window,
    filters: Filters = EVERYTHING,
    by: Dimension = Dimension.ALL,
) -> list[Purchase]:
    """The team's calls that started in a window; by users or tags each lot is split.

    Raises OutOfReachError.
    """
    lists = prices.between(session, window)
    parts = _parts(window, lists)
    if people_in(by, filters):
        parts = _whole_days(session, parts)
    return [
        Purchase(lot, totals, _rates(lists.get(lot.endpoint_id, ()), part.from_ms))
        for part in parts
        for lot, totals in spend.by_lot(session, part, filters, by).items()
    ]


def _whole_days(session: Session, parts: Sequence[Window]) -> list[Window]:
    """The same, cut at home midnights where who called is no more known by the minute."""
    home, kept_ms = facts.home_zone(session), facts.details_from_ms(session)
    inside = [part.from_ms for part in parts[1:]]
    whole = [at if at >= kept_ms else day_window(day_of(at, home), home).from_ms for at in inside]
    kept = sorted({at for at in whole if at > parts[0].from_ms})
    return [Window(*pair) for pair in pairwise([parts[0].from_ms, *kept, parts[-1].to_ms])]


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
