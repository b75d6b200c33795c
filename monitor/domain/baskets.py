"""Baskets: what was bought in a period, as units and money of each leaf of each endpoint.

Sums of calls know the money of all leaves together. It is shared out over the leaves by the rates
in force: exactly, where the calls were priced by these, else in proportion to them.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

from monitor.domain.money import PICO_PER_NANO
from monitor.domain.prices import PER_UNIT, Flat
from monitor.domain.usage import LEAVES

#: The leaf of calls whose tokens nobody told, though their cost is known.
CALLS = "calls"
_HALF = PICO_PER_NANO // 2


class Item(NamedTuple):
    """A leaf of an endpoint."""

    endpoint_id: int
    leaf: str


class Bought(NamedTuple):
    """So many units for so many pico-dollars, exactly."""

    units: int
    pico_usd: int


class Sums(NamedTuple):
    """What calls of one endpoint came to: leaves in the order of `LEAVES`, money, how known."""

    leaves: Sequence[int]
    cost_nano_usd: int
    n_costed: int
    n_unpriced: int


@dataclass(frozen=True, slots=True)
class Basket:
    """Items, and per endpoint the pico-dollars that belong to none: what rounding each call left.

    Both together are the money of its calls, to the pico-dollar.
    """

    items: Mapping[Item, Bought] = field(default_factory=dict)
    loose_pico_usd: Mapping[int, int] = field(default_factory=dict)

    @property
    def cost_nano_usd(self) -> int:
        """What all of it cost."""
        whole = sum(each.pico_usd for each in self.items.values())
        return (whole + sum(self.loose_pico_usd.values())) // PICO_PER_NANO

    @property
    def endpoint_ids(self) -> set[int]:
        """Whose calls are in it."""
        return {item.endpoint_id for item in self.items} | {*self.loose_pico_usd}


def fill(endpoint_id: int, sums: Sums, rates: Flat | None) -> Basket:
    """The basket of an endpoint's calls, priced by these rates; `None`: no price is known.

    Calls without a known cost are not in it: where some have no price, units are scaled down to
    what the known money buys. Without rates every token costs the same; without tokens every call.
    """
    if not sums.n_costed:
        return Basket()
    valued = _valued(sums.leaves, rates)
    if valued is None:
        return _fill_evenly(endpoint_id, sums)
    pico, value = sums.cost_nano_usd * PICO_PER_NANO, sum(u * r for u, r in valued.values())
    if is_exact(sums, value):
        bought = {leaf: Bought(units, units * rate) for leaf, (units, rate) in valued.items()}
    elif not value:
        return _fill_evenly(endpoint_id, sums)
    elif sums.n_unpriced:
        scaled = {leaf: (units * pico // value, rate) for leaf, (units, rate) in valued.items()}
        bought = {leaf: Bought(units, units * rate) for leaf, (units, rate) in scaled.items()}
    else:
        bought = {
            leaf: Bought(units, units * rate * pico // value)
            for leaf, (units, rate) in valued.items()
        }
    return _basket(endpoint_id, bought, pico)


def is_exact(sums: Sums, value_pico_usd: int) -> bool:
    """Whether units at their rates are the money, but for rounding each call to a nano-dollar."""
    off = abs(sums.cost_nano_usd * PICO_PER_NANO - value_pico_usd)
    return not sums.n_unpriced and off <= _HALF * sums.n_costed


def add(baskets: Iterable[Basket]) -> Basket:
    """All of them together."""
    items: dict[Item, Bought] = {}
    loose: dict[int, int] = {}
    for basket in baskets:
        for item, (units, pico) in basket.items.items():
            old = items.get(item, Bought(0, 0))
            items[item] = Bought(old.units + units, old.pico_usd + pico)
        for endpoint_id, pico in basket.loose_pico_usd.items():
            loose[endpoint_id] = loose.get(endpoint_id, 0) + pico
    return Basket(items, loose)


def _valued(leaves: Sequence[int], rates: Flat | None) -> dict[str, tuple[int, int]] | None:
    """(units, rate) of each leaf that was used; `None` where one of them has no rate."""
    used = [each for each in zip(LEAVES, leaves, rates or (), strict=False) if each[1]]
    known = {leaf: (units, rate) for leaf, units, rate in used if rate is not None}
    return known if rates is not None and known and len(known) == len(used) else None


def _fill_evenly(endpoint_id: int, sums: Sums) -> Basket:
    pico, n_known = sums.cost_nano_usd * PICO_PER_NANO, sums.n_costed + sums.n_unpriced
    tokens = {leaf: n for leaf, n in zip(LEAVES, sums.leaves, strict=True) if leaf not in PER_UNIT}
    units = {leaf: n * sums.n_costed // n_known for leaf, n in tokens.items()}
    whole = sum(units.values())
    if not whole:
        return _basket(endpoint_id, {CALLS: Bought(sums.n_costed, pico)}, pico)
    bought = {leaf: Bought(n, n * pico // whole) for leaf, n in units.items() if n}
    return _basket(endpoint_id, bought, pico)


def _basket(endpoint_id: int, bought: Mapping[str, Bought], pico_usd: int) -> Basket:
    items = {Item(endpoint_id, leaf): each for leaf, each in bought.items()}
    left = pico_usd - sum(each.pico_usd for each in bought.values())
    return Basket(items, {endpoint_id: left})
