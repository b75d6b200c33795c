"""Savings: what reading from a provider's cache spared, and what writing to it cost.

Both are held against the rate of uncached input: spared = cache reads × (input − cache read),
extra = cache writes × (cache write − input). Whole where calls were priced by just these rates;
where some were not (a long context, a service tier, a call without a price), in proportion to
what was paid; nothing where a provider told the cost itself, since nobody knows its rates.
"""

from collections.abc import Iterable, Sequence
from typing import NamedTuple

from monitor.domain.baskets import Sums, is_exact
from monitor.domain.money import PICO_PER_NANO, nano_from_pico
from monitor.domain.prices import Flat
from monitor.domain.usage import LEAVES

_AT = {leaf: place for place, leaf in enumerate(LEAVES)}
_READS = {"cache_read": "input", "cache_read_audio": "input_audio"}
_WRITES = dict.fromkeys(("cache_write_5m", "cache_write_1h", "cache_write"), "input")


class Savings(NamedTuple):
    """Nano-dollars spared by reads and spent on writes, and the cached tokens that this is of.

    `exact` by the very rates that were charged, `about` in proportion, `left_out` of unknown rates.
    """

    spared_nano_usd: int = 0
    extra_nano_usd: int = 0
    exact: int = 0
    about: int = 0
    left_out: int = 0

    @property
    def net_nano_usd(self) -> int:
        """What the cache spared altogether; below zero where writing cost more."""
        return self.spared_nano_usd - self.extra_nano_usd


def savings(sums: Sums, rates: Flat | None, *, is_reported: bool) -> Savings:
    """Those of calls of one endpoint while these rates were in force; `None`: no price known."""
    cached = sum(sums.leaves[_AT[leaf]] for leaf in (*_READS, *_WRITES))
    value = _value(sums.leaves, rates)
    if rates is None or value is None or is_reported or not sums.n_costed or not cached:
        return Savings(left_out=cached)
    spared = -_difference(sums.leaves, rates, _READS)
    extra = _difference(sums.leaves, rates, _WRITES)
    if is_exact(sums, value):
        return Savings(nano_from_pico(spared), nano_from_pico(extra), exact=cached)
    if not value:
        return Savings(left_out=cached)
    paid = sums.cost_nano_usd * PICO_PER_NANO
    return Savings(
        nano_from_pico(spared * paid // value), nano_from_pico(extra * paid // value), about=cached
    )


def value_nano_usd(sums: Sums, rates: Flat | None) -> int | None:
    """What the leaves come to at these rates; `None` where one that was used has none."""
    value = None if rates is None else _value(sums.leaves, rates)
    return None if value is None else nano_from_pico(value)


def add(parts: Iterable[Savings]) -> Savings:
    """All of them together."""
    return Savings(*(sum(each) for each in zip(Savings(), *parts, strict=True)))


def _value(leaves: Sequence[int], rates: Flat | None) -> int | None:
    """Pico-dollars of all leaves; `None` where one that was used has no rate."""
    used = [(n, rate) for n, rate in zip(leaves, rates or (), strict=False) if n]
    if any(rate is None for _, rate in used):
        return None
    return sum(n * rate for n, rate in used if rate is not None)


def _difference(leaves: Sequence[int], rates: Flat, of: dict[str, str]) -> int:
    """How much more cached tokens cost than as plain input; those without such a rate: nothing."""
    total = 0
    for leaf, plain in of.items():
        own, other = rates[_AT[leaf]], rates[_AT[plain]]
        if own is not None and other is not None:
            total += leaves[_AT[leaf]] * (own - other)
    return total
