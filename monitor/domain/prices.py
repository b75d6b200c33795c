"""Prices: dated rates, and what a call's usage costs at them.

Rates are integer pico-dollars per unit, amounts integer nano-dollars, rounded once, half-even
(docs/semantics.md, section 6).
"""

from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import NamedTuple

from monitor.domain.money import nano_from_pico
from monitor.domain.tiers import Moment, ServiceTier, TierRule
from monitor.domain.usage import LEAVES, Usage
from monitor.domain.weekdays import EVERY_DAY, WEEK_MINUTES, clock, is_within, minutes_a_week

#: Which rate a leaf takes when it has none of its own. Any other leaf makes the call unpriced.
FALLBACKS = {
    **dict.fromkeys(("cache_read", "cache_write_5m", "cache_write_1h", "cache_write"), "input"),
    "reasoning": "output",
    "input_image": "input",
}

#: Leaves that are no tokens: a service tier that names no rate of its own leaves theirs as it is.
PER_UNIT = frozenset({"images", "requests", "searches"})


class CostState(StrEnum):
    """How we know a call's cost. Unpriced and no usage are states, never a cost of zero."""

    REPORTED = "reported"
    COMPUTED = "computed"
    UNPRICED = "unpriced"
    NO_USAGE = "no_usage"


class Authority(StrEnum):
    """Who says that a price is so. A user's word stands until a user's next one."""

    CATALOGUE = "catalogue"
    ACCEPTED = "accepted"
    SETTINGS = "settings"
    HAND = "hand"


@dataclass(frozen=True, slots=True)
class Rate:
    """The price of one unit of one leaf.

    In force for calls of its service tier above its threshold (`TierRule`; -1: none) and, where
    minutes are given, that start within these hours of UTC on these weekdays
    (`monitor.domain.weekdays`).
    """

    leaf: str
    pico_usd: int
    above_tokens: int = -1
    from_minute: int | None = None
    to_minute: int | None = None
    service_tier: ServiceTier | None = None
    tier_rule: TierRule = TierRule.INPUT
    weekdays: int = EVERY_DAY

    @property
    def hours(self) -> tuple[int, int]:
        """From which minute of the day to which; of a rate without hours, the whole day."""
        if self.from_minute is None or self.to_minute is None:
            return 0, 0
        return self.from_minute, self.to_minute

    @property
    def minutes(self) -> int:
        """How many minutes of the week it is in force."""
        return minutes_a_week(*self.hours, self.weekdays)

    def holds(self, moment: Moment) -> bool:
        """Whether it applies to such a call; of a `BEYOND` rate, to a part of it."""
        total = moment.total if self.tier_rule is TierRule.TOTAL else moment.input_total
        is_reached = self.tier_rule is TierRule.BEYOND or total > self.above_tokens
        is_tier = self.service_tier is moment.service_tier
        is_time = is_within(moment.minute, moment.weekday, *self.hours, self.weekdays)
        return is_tier and is_reached and is_time


#: The rate of each leaf, in the order of `LEAVES`; `None` where a leaf has none.
Flat = tuple[int | None, ...]
_Key = tuple[ServiceTier | None, int, int, int, int]


@dataclass(frozen=True, slots=True)
class PriceList:
    """The rates of one endpoint over [valid_from_ms, valid_to_ms). Superseded, never edited.

    `flat` are the rates of every standard call, where no condition decides; `beyond` those of
    `TierRule.BEYOND`, the lowest threshold first.
    """

    rates: tuple[Rate, ...]
    source: str
    valid_from_ms: int
    valid_to_ms: int | None = None
    recorded_ms: int = 0
    id: int | None = None
    authority: Authority = Authority.CATALOGUE
    flat: Flat | None = field(init=False, compare=False, repr=False)
    beyond: tuple[Rate, ...] = field(init=False, compare=False, repr=False)
    _cuts: tuple[tuple[int, ...], ...] = field(init=False, compare=False, repr=False)
    _flats: dict[_Key, Flat] = field(init=False, compare=False, repr=False)

    def __post_init__(self) -> None:
        standard = [r for r in self.rates if r.service_tier is None]
        has_conditions = any(r.above_tokens >= 0 or r.minutes < WEEK_MINUTES for r in standard)
        beyond = (r for r in self.rates if r.tier_rule is TierRule.BEYOND)
        by_threshold = tuple(sorted(beyond, key=lambda r: r.above_tokens))
        object.__setattr__(self, "beyond", by_threshold)
        object.__setattr__(self, "_cuts", _cut(self.rates))
        object.__setattr__(self, "_flats", {})
        object.__setattr__(self, "flat", None if has_conditions else self._flatten(Moment()))

    def holds(self, at_ms: int) -> bool:
        """Whether this list is in force at an instant."""
        has_ended = self.valid_to_ms is not None and at_ms >= self.valid_to_ms
        return self.valid_from_ms <= at_ms and not has_ended

    def rate(self, leaf: str, moment: Moment) -> Rate | None:
        """The most particular rate of a leaf: the highest tier, then the narrowest time window."""
        whole = (r for r in self.rates if r.leaf == leaf and r.tier_rule is not TierRule.BEYOND)
        matching = [r for r in whole if r.holds(moment)]
        return max(matching, key=lambda r: (r.above_tokens, -r.minutes), default=None)

    def rates_at(self, moment: Moment) -> Flat:
        """The rate of each leaf; the same tuple wherever the same conditions hold."""
        by_input, by_total, by_minute = self._cuts
        key = (
            moment.service_tier,
            bisect_left(by_input, moment.input_total),
            bisect_left(by_total, moment.total),
            bisect_right(by_minute, moment.minute),
            moment.weekday,
        )
        known = self._flats.get(key)
        if known is None:
            known = self._flats[key] = self._flatten(moment)
        return known

    def _flatten(self, moment: Moment) -> Flat:
        found = [self._rate_or_fallback(leaf, moment) for leaf in LEAVES]
        return tuple(None if rate is None else rate.pico_usd for rate in found)

    def _rate_or_fallback(self, leaf: str, moment: Moment) -> Rate | None:
        own = self.rate(leaf, moment)
        if own is None and leaf in FALLBACKS:
            return self.rate(FALLBACKS[leaf], moment)
        if own is None and leaf in PER_UNIT:
            return self.rate(leaf, moment._replace(service_tier=None))
        return own


def _cut(rates: Iterable[Rate]) -> tuple[tuple[int, ...], ...]:
    """The thresholds of input and of all tokens, and the minutes, at which rates change."""
    tiers = {(r.tier_rule, r.above_tokens) for r in rates}
    by_input = sorted(above for rule, above in tiers if rule is TierRule.INPUT)
    by_total = sorted(above for rule, above in tiers if rule is TierRule.TOTAL)
    minutes = {m for r in rates for m in (r.from_minute, r.to_minute) if m is not None}
    return tuple(by_input), tuple(by_total), tuple(sorted(minutes))


class Cost(NamedTuple):
    """What a call costs, how we know, and by which price list."""

    state: CostState
    nano_usd: int | None = None
    price_list_id: int | None = None


_NO_USAGE, _UNPRICED = Cost(CostState.NO_USAGE), Cost(CostState.UNPRICED)
_COMPUTED = CostState.COMPUTED
_new = tuple.__new__


def in_force(lists: Sequence[PriceList], at_ms: int) -> PriceList | None:
    """The list that holds at an instant; of several, the one recorded last."""
    if len(lists) == 1 and lists[0].valid_to_ms is None:
        return lists[0] if lists[0].valid_from_ms <= at_ms else None
    holding = [p for p in lists if p.holds(at_ms)]
    return max(holding, key=lambda p: (p.recorded_ms, p.valid_from_ms, p.id or 0), default=None)


def cost(
    usage: Usage | None,
    lists: Sequence[PriceList],
    started_ms: int,
    service_tier: ServiceTier | None = None,
) -> Cost:
    """The cost of a call started at an instant and served at a tier, by the rates then in force."""
    if usage is None:
        return _NO_USAGE
    prices = in_force(lists, started_ms)
    if prices is None:
        return _UNPRICED
    flat = prices.flat
    amount = (
        _sum_by_conditions(usage, prices, started_ms, service_tier)
        if flat is None or service_tier is not None
        else _sum_flat(usage, flat)
    )
    if amount is None:
        return _UNPRICED
    # half the time of Cost(…), for each call of a batch
    return _new(Cost, (_COMPUTED, nano_from_pico(amount), prices.id))


def _sum_flat(usage: Usage, rates: Flat) -> int | None:
    total = 0
    for count, rate in zip(usage, rates):  # noqa: B905 -- both have the length of LEAVES
        if count:
            if rate is None:
                return None
            total += count * rate
    return total


def _sum_by_conditions(
    usage: Usage, prices: PriceList, started_ms: int, service_tier: ServiceTier | None
) -> int | None:
    input_total = usage.input_total
    total = input_total + usage.output_total
    moment = Moment(input_total, total, *clock(started_ms), service_tier)
    flat = prices.rates_at(moment)
    amount = _sum_flat(usage, flat)
    if amount is None or not prices.beyond:
        return amount
    return amount + _sum_beyond(usage, prices.beyond, flat, moment)


def _sum_beyond(usage: Usage, beyond: Iterable[Rate], flat: Flat, moment: Moment) -> int:
    """What tokens beyond a threshold of their own cost more, or less, than those before it."""
    more, standing = 0, dict(zip(LEAVES, flat, strict=True))
    for rate in beyond:
        count, before = getattr(usage, rate.leaf), standing[rate.leaf]
        if before is not None and count > rate.above_tokens and rate.holds(moment):
            more += (count - rate.above_tokens) * (rate.pico_usd - before)
            standing[rate.leaf] = rate.pico_usd
    return more
