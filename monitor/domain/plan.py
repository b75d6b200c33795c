"""Plan: how often each paid probe is sent, so that a day of them stays within its budgets.

Costs are integer nano-dollars, intervals float seconds. The plan only ever stretches intervals.
"""

import math
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from itertools import chain
from typing import NamedTuple

from monitor.domain.prices import CostState, PriceList, cost
from monitor.domain.purposes import INFER, Purpose
from monitor.domain.usage import Usage
from monitor.domain.weekdays import DAY_MINUTES

DAY_S = 86_400
MONTH_DAYS = 30
#: The percentage of a budget that the plan leaves to confirmations and closer looks.
RESERVE_PERCENT = 10
_MINUTE_MS = 60_000


class Size(NamedTuple):
    """Tokens of a probe: typical and most input, and the limit that its output has."""

    input: int
    most_input: int
    output: int


@dataclass(frozen=True, slots=True)
class Wish:
    """A probe as the settings ask for it; `interval_s` is `None` where it is switched off."""

    endpoint: str
    provider: str
    purpose: Purpose
    interval_s: float | None
    size: Size


@dataclass(frozen=True, slots=True)
class Budgets:
    """What a day of probes may cost, in nano-dollars: in all, and by provider where it is set."""

    total: int
    by_provider: Mapping[str, int] = field(default_factory=dict)

    def of(self, provider: str) -> int:
        """The most that a provider's probes may cost a day."""
        return min(self.total, self.by_provider.get(provider, self.total))


class Pace(StrEnum):
    """Why a probe is sent as often as it is."""

    AS_ASKED = "as_asked"
    STRETCHED = "stretched"
    UNPRICED = "unpriced"
    NO_BUDGET = "no_budget"
    TOO_DEAR = "too_dear"
    OFF = "off"


@dataclass(frozen=True, slots=True)
class PlannedProbe:
    """One paid probe of an endpoint.

    `interval_s` is `None` where none is sent (unpriced, no budget, one alone costs more than the
    budget, switched off). `cost_nano_usd` is what one is expected to cost, `most_nano_usd` what it
    can cost at most; both `None` where the price is not known.
    """

    endpoint: str
    provider: str
    purpose: Purpose
    asked_interval_s: float | None
    interval_s: float | None
    cost_nano_usd: int | None
    most_nano_usd: int | None
    pace: Pace

    @property
    def name(self) -> str:
        """What it is called in logs and by whoever schedules it."""
        return f"{self.purpose} {self.endpoint}"

    @property
    def day_nano_usd(self) -> int | None:
        """What a day of these probes is expected to cost, rounded up."""
        if self.interval_s is None:
            return 0
        if self.cost_nano_usd is None:
            return None
        return math.ceil(self.cost_nano_usd * DAY_S / self.interval_s)


@dataclass(frozen=True, slots=True)
class ProbePlan:
    """All paid probes, fitted to the daily budgets."""

    probes: tuple[PlannedProbe, ...]
    budgets: Budgets
    _by_purpose: Mapping[tuple[str, Purpose], PlannedProbe] = field(
        init=False, compare=False, repr=False
    )

    def __post_init__(self) -> None:
        by_purpose = {(probe.endpoint, probe.purpose): probe for probe in self.probes}
        object.__setattr__(self, "_by_purpose", by_purpose)

    @property
    def day_nano_usd(self) -> int:
        """What a day is expected to cost, of that which is known."""
        return sum(probe.day_nano_usd or 0 for probe in self.probes)

    @property
    def day_by_provider(self) -> dict[str, int]:
        """What a day of each provider's probes is expected to cost, of that which is known."""
        days = dict.fromkeys((probe.provider for probe in self.probes), 0)
        for probe in self.probes:
            days[probe.provider] += probe.day_nano_usd or 0
        return days

    @property
    def is_stretched(self) -> bool:
        """Whether a budget made any interval longer."""
        return any(probe.pace is Pace.STRETCHED for probe in self.probes)

    def of(self, endpoint: str, purpose: Purpose = INFER) -> PlannedProbe:
        """The plan of one endpoint's probe. Raises KeyError where there is none."""
        return self._by_purpose[endpoint, purpose]


def plan(
    wishes: Sequence[Wish],
    prices: Mapping[str, PriceList | None],
    budgets: Budgets,
    now_ms: int,
    *,
    unpriced_too: Collection[str] = (),
) -> ProbePlan:
    """Intervals stretched until each provider's day, and then all together, fit their budgets.

    First by one factor for each provider, then by one more for all. What is free keeps its
    interval. Endpoints without a price are probed only where `unpriced_too` has their id; what
    that costs is then not in the sums.
    """
    costs = [probe_costs(wish.size, prices.get(wish.endpoint), now_ms) for wish in wishes]
    priced = list(zip(wishes, costs, strict=True))
    affordable = [(w, c) for w, c in priced if c is not None and c.most <= budgets.of(w.provider)]
    factors = _stretch(affordable, budgets)
    return ProbePlan(
        tuple(
            _planned(wish, each, budgets, factors, may_be_unpriced=wish.endpoint in unpriced_too)
            for wish, each in priced
        ),
        budgets,
    )


class Costs(NamedTuple):
    """What one probe is expected to cost, and can cost at most, in nano-dollars."""

    typical: int
    most: int


_Priced = tuple[Wish, Costs]


def probe_costs(size: Size, prices: PriceList | None, now_ms: int) -> Costs | None:
    """What one probe costs at the dearest time of the week; `None`: no price."""
    if prices is None:
        return None
    typical = _dearest(Usage(input=size.input, output=size.output), prices, now_ms)
    most = _dearest(Usage(input=size.most_input, output=size.output), prices, now_ms)
    return None if typical is None or most is None else Costs(typical, most)


def _dearest(usage: Usage, prices: PriceList, now_ms: int) -> int | None:
    midnight_ms = now_ms - now_ms % (DAY_S * 1000)
    minutes = {0, *chain.from_iterable(rate.hours for rate in prices.rates)}
    week = {day * DAY_MINUTES + minute for day in range(7) for minute in minutes}
    always = PriceList(prices.rates, prices.source, valid_from_ms=0)
    costs = [cost(usage, [always], midnight_ms + minute * _MINUTE_MS) for minute in week]
    known = [c.nano_usd for c in costs if c.state is CostState.COMPUTED and c.nano_usd is not None]
    return max(known) if len(known) == len(costs) else None


def _stretch(affordable: Sequence[_Priced], budgets: Budgets) -> dict[str, float]:
    """The factor of each provider's intervals: at least 1."""
    asked: dict[str, int] = {}
    for wish, each in affordable:
        if wish.interval_s is not None:
            day = math.ceil(each.typical * DAY_S / wish.interval_s)
            asked[wish.provider] = asked.get(wish.provider, 0) + day
    own = {name: _factor(day, budgets.of(name)) for name, day in asked.items()}
    together = _factor(
        sum(math.ceil(day / own[name]) for name, day in asked.items()), budgets.total
    )
    return {name: factor * together for name, factor in own.items()}


def _factor(asked_nano_usd: int, budget_nano_usd: int) -> float:
    within = budget_nano_usd * (100 - RESERVE_PERCENT) // 100
    return max(1.0, asked_nano_usd / within) if within else 1.0


def _planned(
    wish: Wish,
    costs: Costs | None,
    budgets: Budgets,
    factors: Mapping[str, float],
    *,
    may_be_unpriced: bool,
) -> PlannedProbe:
    factor = factors.get(wish.provider, 1.0)
    pace = _pace(wish, costs, budgets.of(wish.provider), factor, may_be_unpriced=may_be_unpriced)
    interval_s = wish.interval_s if pace in {Pace.AS_ASKED, Pace.STRETCHED} else None
    if pace is Pace.STRETCHED and interval_s is not None:
        interval_s = float(math.ceil(interval_s * factor))
    return PlannedProbe(
        endpoint=wish.endpoint,
        provider=wish.provider,
        purpose=wish.purpose,
        asked_interval_s=wish.interval_s,
        interval_s=interval_s,
        cost_nano_usd=None if costs is None else costs.typical,
        most_nano_usd=None if costs is None else costs.most,
        pace=pace,
    )


def _pace(
    wish: Wish, costs: Costs | None, budget: int, factor: float, *, may_be_unpriced: bool
) -> Pace:
    if wish.interval_s is None:
        return Pace.OFF
    if costs is None:
        return Pace.AS_ASKED if may_be_unpriced else Pace.UNPRICED
    if costs.most > budget:
        return Pace.TOO_DEAR if budget else Pace.NO_BUDGET
    return Pace.STRETCHED if costs.typical and factor > 1 else Pace.AS_ASKED
