"""What if: what a window's calls would cost at the prices that other endpoints have now."""

from collections.abc import Sequence
from typing import NamedTuple

from monitor.domain.dimensions import Filters
from monitor.domain.what_if import Elsewhere, price_elsewhere
from monitor.domain.windows import Window
from monitor.storage.engine import Session
from monitor.storage.queries import endpoints, metered, prices

#: So many calls are priced again, the newest of a window.
MOST_CALLS = 20_000


class Unpriced(LookupError):
    """An endpoint has no price in force, or is none at all."""


class Other(NamedTuple):
    """The same calls at another endpoint, by its id in the settings."""

    slug: str
    cost: Elsewhere


class WhatIf(NamedTuple):
    """Calls of a window elsewhere. `since_ms` is from when on they were looked at.

    `calls` are those looked at, `no_usage` further ones of that time, whose usage is not known.
    """

    since_ms: int
    calls: int
    no_usage: int
    others: tuple[Other, ...]


def what_if(
    session: Session,
    window: Window,
    filters: Filters,
    slugs: Sequence[str],
    now_ms: int,
    most: int = MOST_CALLS,
) -> WhatIf:
    """What the team's calls of a window would cost at other endpoints. Raises Unpriced."""
    numbers = {each.slug: each.id for each in endpoints.every(session)}
    lists = prices.in_force(session, [numbers[slug] for slug in slugs if slug in numbers], now_ms)
    for slug in slugs:
        if numbers.get(slug) not in lists:
            raise Unpriced(f"{slug} has no price in force; `inferwatch prices` shows which have")
    found = metered.newest(session, window, filters, most)
    others = (Other(slug, price_elsewhere(found.calls, lists[numbers[slug]])) for slug in slugs)
    return WhatIf(found.since_ms, len(found.calls), found.no_usage, tuple(others))


def candidates(session: Session, now_ms: int) -> list[str]:
    """The endpoints that have a price, by their ids in the settings."""
    numbers = {each.id: each.slug for each in endpoints.every(session)}
    return sorted(numbers[each] for each in prices.in_force(session, list(numbers), now_ms))
