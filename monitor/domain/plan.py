"""Plan: how often each endpoint is probed, so that a day of probes stays within its budget.

Costs are integer nano-dollars, intervals float seconds. The plan only ever stretches intervals.
"""

import math
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

from monitor.domain.endpoints import Endpoint
from monitor.domain.prices import CostState, PriceList, cost
from monitor.domain.usage import Usage

DAY_S = 86_400
_MINUTE_MS = 60_000
#: What a probe's question takes at a typical tokeniser.
TYPICAL_INPUT_TOKENS = 40


class Pace(StrEnum):
    """Why an endpoint is probed as often as it is."""

    AS_ASKED = "as_asked"
    STRETCHED = "stretched"
    UNPRICED = "unpriced"
    NO_BUDGET = "no_budget"
    OFF = "off"


@dataclass(frozen=True, slots=True)
class PlannedProbe:
    """One endpoint's paid probe.

    `interval_s` is `None` where none is sent (unpriced, no budget, switched off). `cost_nano_usd`
    is what one probe is expected to cost, `None` where the price is not known.
    """

    endpoint: str
    asked_interval_s: float
    interval_s: float | None
    cost_nano_usd: int | None
    pace: Pace

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
    """All paid probes, fitted to a daily budget."""

    probes: tuple[PlannedProbe, ...]
    budget_nano_usd: int

    @property
    def day_nano_usd(self) -> int:
        """What a day is expected to cost, of that which is known."""
        return sum(probe.day_nano_usd or 0 for probe in self.probes)

    @property
    def is_stretched(self) -> bool:
        """Whether the budget made any interval longer."""
        return any(probe.pace is Pace.STRETCHED for probe in self.probes)

    def of(self, endpoint: str) -> PlannedProbe:
        """The plan of one endpoint. Raises KeyError where there is none."""
        found = next((probe for probe in self.probes if probe.endpoint == endpoint), None)
        if found is None:
            raise KeyError(endpoint)
        return found


def plan(
    endpoints: Sequence[Endpoint],
    prices: Mapping[str, PriceList | None],
    budget_nano_usd: int,
    now_ms: int,
    *,
    unpriced_too: Collection[str] = (),
) -> ProbePlan:
    """Intervals stretched by one common factor until the day's paid probes fit the budget.

    Free endpoints keep their interval. Unpriced ones are probed only where `unpriced_too` has
    their id; what they cost is then not in the sum.
    """
    costs = {e.id: probe_cost(e, prices.get(e.id), now_ms) for e in endpoints}
    factor = _stretch(endpoints, costs, budget_nano_usd)
    probes = tuple(
        _planned(e, costs[e.id], factor, may_be_unpriced=e.id in unpriced_too) for e in endpoints
    )
    return ProbePlan(probes, budget_nano_usd)


def probe_cost(endpoint: Endpoint, prices: PriceList | None, now_ms: int) -> int | None:
    """Nano-dollars of one typical probe, at the dearest time of the day; `None`: no price."""
    if prices is None:
        return None
    usage = Usage(input=TYPICAL_INPUT_TOKENS, output=endpoint.output_tokens)
    midnight_ms = now_ms - now_ms % (DAY_S * 1000)
    minutes = {0} | {r.from_minute for r in prices.rates if r.from_minute is not None}
    minutes |= {r.to_minute for r in prices.rates if r.to_minute is not None}
    always = PriceList(prices.rates, prices.source, valid_from_ms=0)
    costs = [cost(usage, [always], midnight_ms + m * _MINUTE_MS) for m in minutes]
    known = [c.nano_usd for c in costs if c.state is CostState.COMPUTED and c.nano_usd is not None]
    return max(known) if len(known) == len(costs) else None


def _stretch(
    endpoints: Sequence[Endpoint], costs: Mapping[str, int | None], budget_nano_usd: int
) -> float | None:
    """The factor for paid intervals: at least 1, `None` where there is no budget for any."""
    asked = sum((costs[e.id] or 0) * DAY_S / e.interval_s for e in endpoints if e.is_probed)
    if asked <= budget_nano_usd:
        return 1.0
    return asked / budget_nano_usd if budget_nano_usd > 0 else None


def _planned(
    endpoint: Endpoint,
    cost_nano_usd: int | None,
    factor: float | None,
    *,
    may_be_unpriced: bool,
) -> PlannedProbe:
    pace = _pace(endpoint, cost_nano_usd, factor, may_be_unpriced=may_be_unpriced)
    intervals_s: dict[Pace, float] = {Pace.AS_ASKED: endpoint.interval_s}
    if factor is not None:
        intervals_s[Pace.STRETCHED] = float(math.ceil(endpoint.interval_s * factor))
    return PlannedProbe(
        endpoint.id, endpoint.interval_s, intervals_s.get(pace), cost_nano_usd, pace
    )


def _pace(
    endpoint: Endpoint,
    cost_nano_usd: int | None,
    factor: float | None,
    *,
    may_be_unpriced: bool,
) -> Pace:
    if not endpoint.is_probed:
        return Pace.OFF
    if cost_nano_usd is None:
        return Pace.AS_ASKED if may_be_unpriced else Pace.UNPRICED
    if cost_nano_usd == 0 or factor == 1:
        return Pace.AS_ASKED
    return Pace.NO_BUDGET if factor is None else Pace.STRETCHED
