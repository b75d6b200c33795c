"""Prices: dated rates, and what a call's usage costs at them.

Rates are integer pico-dollars per unit, amounts integer nano-dollars, rounded once, half-even
(docs/semantics.md, section 6).
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import NamedTuple

from monitor.domain.money import nano_from_pico
from monitor.domain.usage import LEAVES, Usage

_MINUTE_MS = 60_000
_DAY_MINUTES = 24 * 60

#: Which rate a leaf takes when it has none of its own. Any other leaf makes the call unpriced.
FALLBACKS = {
    "cache_read": "input",
    "cache_write_5m": "input",
    "cache_write_1h": "input",
    "cache_write": "input",
    "reasoning": "output",
    "input_image": "input",
}


class CostState(StrEnum):
    """How we know a call's cost. Unpriced and no usage are states, never a cost of zero."""

    REPORTED = "reported"
    COMPUTED = "computed"
    UNPRICED = "unpriced"
    NO_USAGE = "no_usage"


@dataclass(frozen=True, slots=True)
class Rate:
    """The price of one unit of one leaf.

    In force for calls whose input sum is strictly greater than `above_input_tokens` (a cliff: it
    then holds for all tokens of the call) and, where minutes are given, that start within the
    half-open UTC window [from_minute, to_minute) of the day, which may wrap midnight.
    """

    leaf: str
    pico_usd: int
    above_input_tokens: int = -1
    from_minute: int | None = None
    to_minute: int | None = None

    def holds(self, input_total: int, minute: int) -> bool:
        """Whether this rate applies to a call of that input sum, started in that minute."""
        return input_total > self.above_input_tokens and self._holds_at(minute)

    @property
    def minutes(self) -> int:
        """How many minutes of the day it is in force."""
        if self.from_minute is None or self.to_minute is None:
            return _DAY_MINUTES
        return (self.to_minute - self.from_minute) % _DAY_MINUTES or _DAY_MINUTES

    def _holds_at(self, minute: int) -> bool:
        if self.from_minute is None or self.to_minute is None:
            return True
        if self.from_minute < self.to_minute:
            return self.from_minute <= minute < self.to_minute
        return minute >= self.from_minute or minute < self.to_minute


#: Rates without conditions, in the order of `LEAVES`; `None` where a leaf has none.
Flat = tuple[int | None, ...]


@dataclass(frozen=True, slots=True)
class PriceList:
    """The rates of one endpoint over [valid_from_ms, valid_to_ms). Superseded, never edited."""

    rates: tuple[Rate, ...]
    source: str
    valid_from_ms: int
    valid_to_ms: int | None = None
    recorded_ms: int = 0
    id: int | None = None
    flat: Flat | None = field(init=False, compare=False, repr=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "flat", _flatten(self.rates))

    def holds(self, at_ms: int) -> bool:
        """Whether this list is in force at an instant."""
        has_ended = self.valid_to_ms is not None and at_ms >= self.valid_to_ms
        return self.valid_from_ms <= at_ms and not has_ended

    def rate(self, leaf: str, input_total: int, minute: int) -> Rate | None:
        """The most particular rate of a leaf: the highest tier, then the narrowest time window."""
        matching = [r for r in self.rates if r.leaf == leaf and r.holds(input_total, minute)]
        return max(matching, key=lambda r: (r.above_input_tokens, -r.minutes), default=None)


class Cost(NamedTuple):
    """What a call costs, how we know, and by which price list."""

    state: CostState
    nano_usd: int | None = None
    price_list_id: int | None = None


_NO_USAGE, _UNPRICED = Cost(CostState.NO_USAGE), Cost(CostState.UNPRICED)
_COMPUTED = CostState.COMPUTED


def _flatten(rates: tuple[Rate, ...]) -> Flat | None:
    if any(r.above_input_tokens >= 0 or r.from_minute is not None for r in rates):
        return None
    own = {r.leaf: r.pico_usd for r in rates}
    return tuple(own.get(leaf, own.get(FALLBACKS.get(leaf, leaf))) for leaf in LEAVES)


def in_force(lists: Sequence[PriceList], at_ms: int) -> PriceList | None:
    """The list that holds at an instant; of several, the one recorded last."""
    if len(lists) == 1 and lists[0].valid_to_ms is None:
        return lists[0] if lists[0].valid_from_ms <= at_ms else None
    holding = [p for p in lists if p.holds(at_ms)]
    return max(holding, key=lambda p: (p.recorded_ms, p.valid_from_ms), default=None)


def cost(usage: Usage | None, lists: Sequence[PriceList], started_ms: int) -> Cost:
    """The cost of a call started at an instant, by the rates then in force."""
    if usage is None:
        return _NO_USAGE
    prices = in_force(lists, started_ms)
    if prices is None:
        return _UNPRICED
    flat = prices.flat
    amount = (
        _sum_by_conditions(usage, prices, started_ms) if flat is None else _sum_flat(usage, flat)
    )
    if amount is None:
        return _UNPRICED
    return Cost(_COMPUTED, nano_from_pico(amount), prices.id)


def _sum_flat(usage: Usage, rates: Flat) -> int | None:
    total = 0
    for count, rate in zip(usage, rates):  # noqa: B905 -- both have the length of LEAVES
        if count:
            if rate is None:
                return None
            total += count * rate
    return total


def _sum_by_conditions(usage: Usage, prices: PriceList, started_ms: int) -> int | None:
    total, input_total = 0, usage.input_total
    minute = started_ms // _MINUTE_MS % _DAY_MINUTES
    for leaf, count in zip(LEAVES, usage, strict=True):
        if count == 0:
            continue
        rate = _rate_or_fallback(prices, leaf, input_total, minute)
        if rate is None:
            return None
        total += count * rate.pico_usd
    return total


def _rate_or_fallback(prices: PriceList, leaf: str, input_total: int, minute: int) -> Rate | None:
    own = prices.rate(leaf, input_total, minute)
    if own is not None or leaf not in FALLBACKS:
        return own
    return prices.rate(FALLBACKS[leaf], input_total, minute)
