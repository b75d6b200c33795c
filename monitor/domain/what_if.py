"""What if: what calls that were made would have cost at another endpoint's prices.

The tokens are those that were counted here: another model counts, thinks and writes differently,
and nothing in a ledger tells how. What the other prices lack is said beside the sum.
"""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from typing import NamedTuple

from monitor.domain.prices import FALLBACKS, PriceList, cost
from monitor.domain.tiers import ServiceTier
from monitor.domain.usage import LEAVES, Usage


class Metered(NamedTuple):
    """A call with known usage: when it began, and what it cost, `None` where that is not known."""

    started_ms: int
    usage: Usage
    service_tier: ServiceTier | None
    nano_usd: int | None


@dataclass(slots=True)
class Elsewhere:
    """What calls cost here and would have cost there; only calls with both are in the sums.

    `fallen_back` are tokens by leaf that have no rate of their own there: cached ones are priced
    as fresh input, reasoning as output. `lacking` are calls by leaf that cannot be priced there at
    all, `tiers` those by service tier that there is none of, priced as standard.
    """

    n: int = 0
    here_nano_usd: int = 0
    there_nano_usd: int = 0
    unpriced_here: int = 0
    fallen_back: Counter[str] = field(default_factory=Counter)
    lacking: Counter[str] = field(default_factory=Counter)
    tiers: Counter[ServiceTier] = field(default_factory=Counter)

    @property
    def change_nano_usd(self) -> int:
        """How much more they would have cost; less where it is below zero."""
        return self.there_nano_usd - self.here_nano_usd


def price_elsewhere(calls: Iterable[Metered], prices: PriceList) -> Elsewhere:
    """The same calls by the rates of a list, whenever it holds."""
    there = replace(prices, valid_from_ms=0, valid_to_ms=None)
    own = {rate.leaf for rate in there.rates}
    tiers = {rate.service_tier for rate in there.rates}
    found = Elsewhere()
    for call in calls:
        _add(found, call, there, own, tiers)
    return found


def _add(
    found: Elsewhere,
    call: Metered,
    there: PriceList,
    own: set[str],
    tiers: set[ServiceTier | None],
) -> None:
    if call.nano_usd is None:
        found.unpriced_here += 1
        return
    tier = call.service_tier if call.service_tier in tiers else None
    amount = cost(call.usage, (there,), call.started_ms, tier).nano_usd
    if amount is None:
        found.lacking.update(leaf for leaf in _used(call.usage) if not _has_rate(leaf, own))
        return
    found.n += 1
    found.here_nano_usd += call.nano_usd
    found.there_nano_usd += amount
    if call.service_tier is not None and tier is None:
        found.tiers[call.service_tier] += 1
    for leaf in _used(call.usage) - own:
        found.fallen_back[leaf] += getattr(call.usage, leaf)


def _used(usage: Usage) -> set[str]:
    return {leaf for leaf, count in zip(LEAVES, usage, strict=True) if count}


def _has_rate(leaf: str, own: set[str]) -> bool:
    return leaf in own or FALLBACKS.get(leaf) in own
