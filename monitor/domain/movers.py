"""Movers: whose spend changed most between two periods, and what changed it.

The change of a mover is split as price-volume-mix analysis does it. Let q be units, r = cost / q
the effective rate of an item (a leaf of an endpoint) that was bought in both periods, 0 before and
1 after, and Q the sum of q over items that are counted in the same unit:

    volume = Σ r0 · q0 · (Q1 / Q0 − 1)            as much more of everything
    mix    = Σ r0 · (q1 − q0 · Q1 / Q0)           dearer or cheaper items than before
    price  = Σ (r1 − r0) · q1                     the same items at other rates

Items that were not bought before have no r0: they are valued at r1, and are mix. Endpoints, and
units, that were bought in one of the two periods only cannot be compared: `new` and `gone`. What
rounding each call to a nano-dollar left goes with volume. The five are integers of nano-dollars
and sum to the change, whatever the calls were.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Generic, NamedTuple, TypeVar

from monitor.domain.baskets import CALLS, Basket, Bought, Item
from monitor.domain.money import PICO_PER_NANO
from monitor.domain.prices import PER_UNIT

K = TypeVar("K", bound=str | int)
_NOTHING = Bought(0, 0)


class Effects(NamedTuple):
    """What changed a spend, in nano-dollars; the sum is the change."""

    volume: int = 0
    mix: int = 0
    price: int = 0
    new: int = 0
    gone: int = 0


@dataclass(frozen=True, slots=True)
class Mover(Generic[K]):
    """One owner's spend in the two periods, and why it changed."""

    owner: K
    before_nano_usd: int
    after_nano_usd: int
    effects: Effects

    @property
    def change_nano_usd(self) -> int:
        """After less before."""
        return self.after_nano_usd - self.before_nano_usd


def movers(before: Mapping[K, Basket], after: Mapping[K, Basket]) -> list[Mover[K]]:
    """Every owner of either period, the greatest change first, up or down."""
    found = [
        _mover(owner, before.get(owner, Basket()), after.get(owner, Basket()))
        for owner in {**before, **after}
    ]
    return sorted(found, key=lambda each: (-abs(each.change_nano_usd), str(each.owner)))


def together(found: Iterable[Mover[K]], owner: K) -> Mover[K]:
    """Several as one, each effect summed: what a list leaves out still adds up."""
    listed = list(found)
    effects = [sum(each) for each in zip(*(m.effects for m in listed), strict=True)]
    return Mover(
        owner,
        sum(each.before_nano_usd for each in listed),
        sum(each.after_nano_usd for each in listed),
        Effects(*effects),
    )


def _mover(owner: K, before: Basket, after: Basket) -> Mover[K]:
    old, new = before.cost_nano_usd, after.cost_nano_usd
    return Mover(owner, old, new, _round(split(before, after), new - old))


def split(before: Basket, after: Basket) -> Effects:
    """The same effects of two baskets in pico-dollars, not rounded."""
    both = before.endpoint_ids & after.endpoint_ids
    kinds = _by_unit(before, after, both)
    parts = [_split_alike(*kind) for kind in kinds.values()]
    parts.append(Effects(volume=_loose(after, both) - _loose(before, both)))
    parts.append(Effects(new=_apart(after, both), gone=-_apart(before, both)))
    return Effects(*(sum(each) for each in zip(*parts, strict=True)))


_Pairs = tuple[list[Bought], list[Bought]]


def _by_unit(before: Basket, after: Basket, endpoint_ids: set[int]) -> dict[str, _Pairs]:
    """The items of endpoints in both periods, those side by side that count the same unit."""
    kinds: defaultdict[str, _Pairs] = defaultdict(lambda: ([], []))
    for item in {**before.items, **after.items}:
        if item.endpoint_id in endpoint_ids:
            olds, news = kinds[_unit(item)]
            olds.append(before.items.get(item, _NOTHING))
            news.append(after.items.get(item, _NOTHING))
    return kinds


def _unit(item: Item) -> str:
    return item.leaf if item.leaf in PER_UNIT or item.leaf == CALLS else "tokens"


def _split_alike(olds: list[Bought], news: list[Bought]) -> Effects:
    (units0, cost0), (units1, cost1) = _total(olds), _total(news)
    if not units0 or not units1:
        return Effects(new=cost1, gone=-cost0)
    volume = cost0 * (units1 - units0) // units0
    # Whole division moves with whole amounts: an item at its old rate has no remainder at all.
    price = sum(
        new.pico_usd - old.pico_usd * new.units // old.units
        for old, new in zip(olds, news, strict=True)
        if old.units and new.units
    )
    return Effects(volume, cost1 - cost0 - volume - price, price)


def _total(bought: Iterable[Bought]) -> Bought:
    listed = list(bought)
    return Bought(sum(each.units for each in listed), sum(each.pico_usd for each in listed))


def _loose(basket: Basket, endpoint_ids: set[int]) -> int:
    return sum(pico for number, pico in basket.loose_pico_usd.items() if number in endpoint_ids)


def _apart(basket: Basket, endpoint_ids: set[int]) -> int:
    """What was bought of other endpoints than these."""
    others = basket.endpoint_ids - endpoint_ids
    bought = (each.pico_usd for item, each in basket.items.items() if item.endpoint_id in others)
    return sum(bought) + _loose(basket, others)


def _round(pico_usd: Effects, change_nano_usd: int) -> Effects:
    """Whole nano-dollars that sum to the change: the largest remainders are rounded up."""
    floors = [each // PICO_PER_NANO for each in pico_usd]
    rests = [each % PICO_PER_NANO for each in pico_usd]
    up = change_nano_usd - sum(floors)
    chosen = sorted(range(len(floors)), key=lambda place: -rests[place])[:up]
    return Effects(*(floor + (place in chosen) for place, floor in enumerate(floors)))
