"""Budgets: what their scopes have spent, summed from rollups, and what was told of them."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import ColumnElement, Select, func, or_, select
from sqlalchemy.orm import Session

from monitor.domain.budgets import LOOK_BACK_DAYS, Budget, Pace, ScopeKind, Spent, Threshold, Whose
from monitor.domain.calls import Attribution, Origin
from monitor.domain.cover import Cover, cover
from monitor.domain.prices import CostState
from monitor.domain.windows import Window, day_of, day_window
from monitor.storage import apps, codes
from monitor.storage.facts import home_zone
from monitor.storage.models.budgets import BudgetFiringRow
from monitor.storage.models.health import OutboxRow
from monitor.storage.models.ledger import AttributionRow, CallRow, EndpointRow
from monitor.storage.models.rollups import Usage15m, UsageDay

Sum = Select[*tuple[Any, ...]]
Source = type[Usage15m | UsageDay | CallRow]
_ATTRIBUTED = {ScopeKind.TEAM, ScopeKind.PROJECT, ScopeKind.APP, ScopeKind.KEY}
_ORIGINS = codes.ORIGINS


@dataclass(frozen=True, slots=True)
class Fired:
    """A threshold that was met, what was known then, and when it was delivered, if it was."""

    id: int
    budget: str
    threshold: Threshold
    window: Window
    zone: ZoneInfo
    fired_ms: int
    amount_nano_usd: int
    spent: Spent
    projected_nano_usd: int | None
    delivered_ms: int | None


def spent(session: Session, budget: Budget, window: Window) -> Spent:
    """What the calls of a budget's scope that started in a window cost."""
    parts = [_sum(session, chosen) for chosen in _choose(session, budget, window)]
    return Spent(*map(sum, zip(*parts, strict=True))) if parts else Spent()


def first_day(session: Session) -> int | None:
    """The home day of the first call of any team; `None` before there is one."""
    row = UsageDay
    chosen = select(row.day).where(row.origin != Origin.PROBE).order_by(row.day).limit(1)
    return session.scalar(chosen)


def pace(session: Session, budget: Budget, since_day: int | None, now_ms: int) -> Pace | None:
    """What was spent on the last complete days of the budget's zone, seven where there are so many.

    `since_day`, the first of all, and what is before it are none of them; `None` where no day is
    complete.
    """
    zone = budget.cycle.zone
    today = day_of(now_ms, zone)
    first = today if since_day is None else max(today - LOOK_BACK_DAYS, since_day + 1)
    window = Window(day_window(first, zone).from_ms, day_window(today, zone).from_ms)
    if not window.length_ms:
        return None
    return Pace(spent(session, budget, window).nano_usd, window.length_ms)


def daily(session: Session, budget: Budget, days: range) -> list[tuple[int, int, int]]:
    """Home days (proleptic ordinals) with calls of a scope, what they cost, and how many."""
    row, names = UsageDay, _names(session, budget)
    chosen = (
        select(row.day, func.sum(row.cost_nano_usd), func.sum(row.n))
        .where(row.day >= days.start, row.day < days.stop, *_whose(row, budget, names))
        .group_by(row.day)
    )
    return [(day, int(cost or 0), int(n)) for day, cost, n in session.execute(chosen)]


def whose(session: Session, endpoint_id: int, attribution_id: int, origin: int) -> Whose:
    """Whose calls a row of the rollups sums up."""
    row = EndpointRow
    chosen = select(row.provider, row.model, row.family).where(row.id == endpoint_id)
    provider, model, family = session.execute(chosen).one()
    named = session.get_one(AttributionRow, attribution_id)
    attribution = Attribution(named.team, named.project, named.app, named.key)
    identities = () if named.app is None else apps.identities(session, named.app)
    is_probe = _ORIGINS[origin] is Origin.PROBE
    return Whose(attribution, identities, provider, model, family, is_probe)


def fired(session: Session, limit: int) -> list[Fired]:
    """The thresholds that were met last, the newest first."""
    row = BudgetFiringRow
    chosen = (
        select(row, OutboxRow.payload, OutboxRow.delivered_ms)
        .join(OutboxRow, OutboxRow.id == row.outbox_id)
        .order_by(row.fired_ms.desc(), row.id.desc())
        .limit(limit)
    )
    return [_fired(*found) for found in session.execute(chosen)]


def _fired(row: BudgetFiringRow, told: dict[str, Any], delivered_ms: int | None) -> Fired:
    return Fired(
        row.id,
        row.budget,
        Threshold(row.percent, row.is_projected),
        Window(row.from_ms, row.to_ms),
        ZoneInfo(told["zone"]),
        row.fired_ms,
        row.amount_nano_usd,
        Spent(row.spent_nano_usd, row.calls, row.unpriced, row.no_usage),
        row.projected_nano_usd,
        delivered_ms,
    )


def _choose(session: Session, budget: Budget, window: Window) -> Iterator[Sum]:
    parts: Cover = cover(window, budget.cycle.zone, home_zone(session))
    names = _names(session, budget)
    conditions = [list(_whose(row, budget, names)) for row in (UsageDay, Usage15m, CallRow)]
    of_days, of_buckets, of_calls = conditions
    if parts.days:
        at = UsageDay.day
        yield _rolled(UsageDay).where(at >= parts.days.start, at < parts.days.stop, *of_days)
    for run in parts.buckets:
        at = Usage15m.bucket
        yield _rolled(Usage15m).where(at >= run.start, at < run.stop, *of_buckets)
    for edge in parts.edges:
        at = CallRow.started_ms
        yield _called().where(at >= edge.from_ms, at < edge.to_ms, *of_calls)


def _sum(session: Session, chosen: Sum) -> Sequence[int]:
    return [each or 0 for each in session.execute(chosen).one()]


def _rolled(row: type[Usage15m | UsageDay]) -> Sum:
    sums = (row.cost_nano_usd, row.n, row.n_unpriced, row.n_no_usage)
    return select(*map(func.sum, sums))


def _called() -> Sum:
    row = CallRow
    states = (CostState.UNPRICED, CostState.NO_USAGE)
    counts = (func.count().filter(row.cost_state == state) for state in states)
    return select(func.sum(row.cost_nano_usd), func.count(), *counts)


def _names(session: Session, budget: Budget) -> tuple[str, ...]:
    """The names of a budget's scope: an app has those of its aliases, too."""
    kind, name = budget.scope
    return apps.identities(session, name) if kind is ScopeKind.APP else (name,)


def _whose(row: Source, budget: Budget, names: Sequence[str]) -> Iterator[ColumnElement[bool]]:
    """As `domain.budgets.counts` says of one call."""
    if not budget.has_probes:
        yield row.origin != Origin.PROBE
    kind, name = budget.scope
    if kind in _ATTRIBUTED:
        column = getattr(AttributionRow, kind.value)
        yield row.attribution_id.in_(select(AttributionRow.id).where(column.in_(names)))
    endpoints = select(EndpointRow.id).where(EndpointRow.model.is_not(None))
    if kind is ScopeKind.PROVIDER:
        endpoints = endpoints.where(EndpointRow.provider == name)
    if kind is ScopeKind.MODEL:
        endpoints = endpoints.where(or_(EndpointRow.model == name, EndpointRow.family == name))
    yield row.endpoint_id.in_(endpoints)
