"""Spend: what a team's calls of a window cost, for whom, and what moved it.

The page and the command ask here, so that both say the same.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from zoneinfo import ZoneInfo

from monitor.domain import savings as cache
from monitor.domain.counterparts import Comparison, Kind, before, complete
from monitor.domain.dimensions import EVERYTHING, Dimension, Filters
from monitor.domain.movers import Mover, movers
from monitor.domain.savings import Savings
from monitor.domain.windows import Window
from monitor.services.purchases import Purchase, basket, purchases
from monitor.storage.engine import Session
from monitor.storage.queries import spend, usage
from monitor.storage.queries.counterparts import is_covered
from monitor.storage.queries.owners import ALL, Audience
from monitor.storage.queries.spend import FailedCost, Lot, Namer
from monitor.storage.queries.totals import Totals, add_up

#: By what a team's money can be kept apart: what rollups know of a call.
GROUPINGS = frozenset(Dimension) - {Dimension.USER, Dimension.TAG}


@dataclass(frozen=True, slots=True)
class Question:
    """Which window, of what kind, kept apart by one of `GROUPINGS`, of which calls."""

    window: Window
    zone: ZoneInfo
    now_ms: int
    kind: Kind
    by: Dimension
    filters: Filters = EVERYTHING


@dataclass(frozen=True, slots=True)
class Drift:
    """What providers told of calls that we have prices for, too: theirs, and ours."""

    n: int
    reported_nano_usd: int
    computed_nano_usd: int


@dataclass(frozen=True, slots=True)
class Spending:
    """The answer. All of it is the team's: probes are nowhere but in `probes`.

    `owners` spent in the window, the dearest first, `owners_before` in the period before it
    (`before`). `moved` are the complete days of the window against as many before, the greatest
    change first; `compared` says which, and is `None` while no day is over. Where a period before
    began before the first team's call, it is no period to compare with: `None`, and `is_first`
    where that is so of `compared`. `unpriced` has the calls without a price by endpoint id.
    `team_ever` is whether a team was ever recorded.
    """

    owners: Mapping[str, Totals]
    before: Window | None
    owners_before: Mapping[str, Totals]
    compared: Comparison | None
    is_first: bool
    moved: Sequence[Mover[str]]
    cached: Savings
    drift: Drift
    failed: FailedCost
    unpriced: Mapping[str, Totals]
    probes: Totals
    team_ever: bool

    @property
    def total(self) -> Totals:
        """All owners together."""
        return add_up(self.owners.values())


def spending(session: Session, question: Question) -> Spending:
    """What a window cost. Reads sums, and single calls for the cost of failed ones alone."""
    window, zone, filters = question.window, question.zone, question.filters
    owner_of = spend.namer(session, question.by)
    bought = purchases(session, window, filters)
    earlier = before(window, zone, question.kind)
    has_before = is_covered(session, earlier)
    told_before = spend.by_lot(session, earlier, filters) if has_before else {}
    found = complete(window, zone, question.kind, question.now_ms)
    compared = found if found is not None and is_covered(session, found.before) else None
    return Spending(
        owners=_owners([(each.lot, each.totals) for each in bought], owner_of),
        before=earlier if has_before else None,
        owners_before=_owners(told_before.items(), owner_of),
        compared=compared,
        is_first=found is not None and compared is None,
        moved=[] if compared is None else _movers(session, compared, question, owner_of),
        cached=_cached(bought),
        drift=_drift(bought),
        failed=spend.failed(session, window, filters),
        unpriced=_unpriced(bought, spend.namer(session, Dimension.ENDPOINT)),
        probes=usage.totals(session, window, zone, audience=Audience.PROBES)[ALL],
        team_ever=usage.has_team_calls(session),
    )


def _owners(found: Iterable[tuple[Lot, Totals]], owner_of: Namer) -> dict[str, Totals]:
    parts: defaultdict[str, list[Totals]] = defaultdict(list)
    for lot, totals in found:
        parts[owner_of(lot)].append(totals)
    summed = {owner: add_up(each) for owner, each in parts.items()}
    return dict(sorted(summed.items(), key=lambda each: (-each[1].cost_nano_usd, each[0])))


def _movers(
    session: Session, compared: Comparison, question: Question, owner_of: Namer
) -> list[Mover[str]]:
    baskets = []
    for window in (compared.before, compared.after):
        own: defaultdict[str, list[Purchase]] = defaultdict(list)
        for each in purchases(session, window, question.filters):
            own[owner_of(each.lot)].append(each)
        baskets.append({owner: basket(bought) for owner, bought in own.items()})
    return movers(*baskets)


def _cached(bought: Iterable[Purchase]) -> Savings:
    return cache.add(
        cache.savings(each.sums, each.rates, is_reported=each.totals.n_reported > 0)
        for each in bought
    )


def _drift(bought: Iterable[Purchase]) -> Drift:
    n = reported = computed = 0
    for each in bought:
        ours = _valued(each)
        if ours is not None:
            n += each.totals.n_reported
            reported += each.totals.cost_nano_usd
            computed += ours
    return Drift(n, reported, computed)


def _valued(bought: Purchase) -> int | None:
    """What calls would have cost by our prices, where the provider told the cost of all."""
    totals = bought.totals
    is_told = totals.n_reported and totals.n == totals.n_reported + totals.n_no_usage
    # A cost that was told without usage has nothing to be priced.
    is_counted = totals.n_missing == totals.n_no_usage
    return cache.value_nano_usd(bought.sums, bought.rates) if is_told and is_counted else None


def _unpriced(bought: Iterable[Purchase], slug_of: Namer) -> dict[str, Totals]:
    found: defaultdict[str, list[Totals]] = defaultdict(list)
    for each in bought:
        if each.totals.n_unpriced:
            found[slug_of(each.lot)].append(each.totals)
    summed = {slug: add_up(parts) for slug, parts in found.items()}
    return dict(sorted(summed.items(), key=lambda pair: (-pair[1].n_unpriced, pair[0])))
