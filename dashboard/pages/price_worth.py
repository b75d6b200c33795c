"""Price worth: what a source's price would make of what our teams used, beside what holds."""

from collections.abc import Iterable
from dataclasses import replace
from typing import NamedTuple

from monitor.domain.dimensions import Filters
from monitor.domain.money import nano_from_pico
from monitor.domain.prices import PriceList, cost
from monitor.domain.usage import Usage
from monitor.domain.what_if import Metered
from monitor.domain.windows import Window
from monitor.services.proposals import Disagreement
from monitor.storage.engine import Session
from monitor.storage.queries import metered

#: So many calls are priced one by one, the newest of an endpoint.
MOST_CALLS = 1_000


class Worth(NamedTuple):
    """Nano-dollars of the same calls at both prices, `None` where not all of them have one.

    `newest`: of so many calls only, the newest; `None`: of all.
    """

    theirs: int | None
    ours: int | None
    newest: int | None = None


def weigh(session: Session, each: Disagreement, used: Usage, window: Window) -> Worth:
    """A sum at plain rates where no conditions decide, else call by call."""
    theirs, ours = each.proposal.price, each.standing
    if not any(_has_conditions(price) for price in (theirs, ours) if price is not None):
        return Worth(_of_sum(used, theirs), _of_sum(used, ours))
    calls = metered.newest(session, window, Filters(endpoint=each.endpoint), MOST_CALLS).calls
    newest = len(calls) if len(calls) == MOST_CALLS else None
    return Worth(_of_calls(calls, theirs), _of_calls(calls, ours), newest)


def _has_conditions(price: PriceList) -> bool:
    return price.flat is None or any(rate.service_tier is not None for rate in price.rates)


def _of_sum(used: Usage, price: PriceList | None) -> int | None:
    if price is None or price.flat is None:
        return None
    if any(count and rate is None for count, rate in zip(used, price.flat, strict=True)):
        return None
    return nano_from_pico(sum(n * (rate or 0) for n, rate in zip(used, price.flat, strict=True)))


def _of_calls(calls: Iterable[Metered], price: PriceList | None) -> int | None:
    if price is None:
        return None
    always = (replace(price, valid_from_ms=0, valid_to_ms=None),)
    total = 0
    for call in calls:
        amount = cost(call.usage, always, call.started_ms, call.service_tier).nano_usd
        if amount is None:
            return None
        total += amount
    return total
