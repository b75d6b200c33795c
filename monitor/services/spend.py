"""Spend: what a team's calls of a window cost, for whom, and what moved it.

The page and the command ask here, so that both say the same.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from zoneinfo import ZoneInfo

from monitor.domain import savings as cache
from monitor.domain.baskets import Basket
from monitor.domain.counterparts import Comparison, Kind, before, complete
from monitor.domain.dimensions import EVERYTHING, OF_PEOPLE, Dimension, Filters, people_in
from monitor.domain.movers import Mover, movers, together
from monitor.domain.savings import Savings
from monitor.domain.windows import Window
from monitor.services.purchases import Purchase, basket, purchases
from monitor.storage.engine import Session
from monitor.storage.queries import people, spend, usage
from monitor.storage.queries.counterparts import is_covered
from monitor.storage.queries.owners import ALL, Audience
from monitor.storage.queries.spend import FailedCost, Lot, Namer
from monitor.storage.queries.totals import Totals, add_up


@dataclass(frozen=True, slots=True)
class Question:
    """Which window, of what kind, kept apart by what, of which calls."""

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
    (`before`); `total` and `total_before` are all calls, of which tags overlap. `moved` are the
    complete days of the window against as many before, the greatest change first, `moved_whole`
    all of it; `compared` says which, and is `None` while no day is over. Where a period before
    began before the first team's call, it is no period to compare with: `None`, and `is_first`
    where that is so of `compared`. `unpriced` has the calls without a price by endpoint id.
    `team_ever` is whether a team was ever recorded.
    """

    owners: Mapping[str, Totals]
    total: Totals
    before: Window | None
    owners_before: Mapping[str, Totals]
    total_before: Totals
    compared: Comparison | None
    is_first: bool
    moved: Sequence[Mover[str]]
    moved_whole: Mover[str] | None
    cached: Savings
    drift: Drift
    failed: FailedCost
    unpriced: Mapping[str, Totals]
    probes: Totals
    team_ever: bool


def spending(session: Session, question: Question) -> Spending:
    """What a window cost. Reads sums, and single calls for the cost of failed ones alone.

    Raises OutOfReachError.
    """
    window, zone, filters = question.window, question.zone, question.filters
    bought, total, owners = _spent(session, window, question)
    earlier = before(window, zone, question.kind)
    has_before = _is_known(session, earlier, question)
    _, total_before, owners_before = _spent(session, earlier if has_before else None, question)
    found = complete(window, zone, question.kind, question.now_ms)
    is_first = found is not None and not _is_known(session, found.before, question)
    compared = None if is_first else found
    moved, moved_whole = _moved(session, compared, question)
    return Spending(
        owners=owners,
        total=total,
        before=earlier if has_before else None,
        owners_before=owners_before,
        total_before=total_before,
        compared=compared,
        is_first=is_first,
        moved=moved,
        moved_whole=moved_whole,
        cached=_cached(bought),
        drift=_drift(bought),
        failed=spend.failed(session, window, filters),
        unpriced=_unpriced(bought, spend.namer(session, Dimension.ENDPOINT)),
        probes=usage.totals(session, window, zone, audience=Audience.PROBES)[ALL],
        team_ever=usage.has_team_calls(session),
    )


def _is_known(session: Session, window: Window, question: Question) -> bool:
    """Whether a period is known as a whole, and who called in it where that is asked."""
    asks = people_in(question.by, question.filters)
    is_reached = not asks or people.is_within_reach(session, window)
    return is_reached and is_covered(session, window)


def _spent(
    session: Session, window: Window | None, question: Question
) -> tuple[list[Purchase], Totals, dict[str, Totals]]:
    """What was bought, all of it, and by whom."""
    if window is None:
        return [], Totals(), {}
    bought = purchases(session, window, question.filters)
    own = _split(session, window, bought, question)
    owner_of = spend.namer(session, question.by)
    owners = _owners([(each.lot, each.totals) for each in own], owner_of)
    return bought, add_up(each.totals for each in bought), owners


def _split(
    session: Session, window: Window, bought: list[Purchase], question: Question
) -> list[Purchase]:
    if question.by not in OF_PEOPLE:
        return bought
    return purchases(session, window, question.filters, question.by)


def _owners(found: Iterable[tuple[Lot, Totals]], owner_of: Namer) -> dict[str, Totals]:
    parts: defaultdict[str, list[Totals]] = defaultdict(list)
    for lot, totals in found:
        parts[owner_of(lot)].append(totals)
    summed = {owner: add_up(each) for owner, each in parts.items()}
    return dict(sorted(summed.items(), key=lambda each: (-each[1].cost_nano_usd, each[0])))


def _moved(
    session: Session, compared: Comparison | None, question: Question
) -> tuple[list[Mover[str]], Mover[str] | None]:
    """What each owner's spend changed by, and that of all; tags overlap, and sum to nothing."""
    if compared is None:
        return [], None
    owner_of = spend.namer(session, question.by)
    windows = (compared.before, compared.after)
    bought = [purchases(session, each, question.filters) for each in windows]
    own = [_split(session, *each, question) for each in zip(windows, bought, strict=True)]
    found = movers(*(_baskets(each, owner_of) for each in own))
    if question.by is not Dimension.TAG:
        return found, together(found, "") if found else None
    [whole] = movers(*({"": basket(each)} for each in bought))
    return found, whole


def _baskets(bought: Iterable[Purchase], owner_of: Namer) -> dict[str, Basket]:
    own: defaultdict[str, list[Purchase]] = defaultdict(list)
    for each in bought:
        own[owner_of(each.lot)].append(each)
    return {owner: basket(purchased) for owner, purchased in own.items()}


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
