"""Budgets: those in force, other amounts for a while, and the thresholds that were met."""

from collections.abc import Collection, Iterable
from dataclasses import asdict
from typing import Any, NamedTuple
from zoneinfo import ZoneInfo

from sqlalchemy import delete, insert, select, update

from monitor.domain.budgets import (
    Budget,
    InForce,
    Override,
    Scope,
    ScopeKind,
    Spent,
    Threshold,
    in_force,
)
from monitor.domain.periods import Cycle, Period
from monitor.storage import outbox, statements
from monitor.storage.engine import Session
from monitor.storage.models.budgets import (
    BudgetFiringRow,
    BudgetOverrideRow,
    BudgetRow,
    BudgetTripwireRow,
)
from monitor.storage.outbox import Message

_TAKE = (
    "UPDATE budget_tripwire SET left_nano_usd = left_nano_usd - ? WHERE budget = ? "
    "RETURNING left_nano_usd, from_ms, to_ms"
)
_SET = statements.replace("budget_tripwire", ("budget",), ("from_ms", "to_ms", "left_nano_usd"))
#: Nothing is left to be met: more than all money in nano-dollars.
ENDLESS = 2**62


class Tripwire(NamedTuple):
    """What may still be spent before the sum has to be made anew, in a span of time."""

    left_nano_usd: int
    from_ms: int
    to_ms: int


class Firing(NamedTuple):
    """A threshold that is met in the period of a budget, and what was known then."""

    held: InForce
    threshold: Threshold
    fired_ms: int
    spent: Spent
    projected_nano_usd: int | None


def install(session: Session, budgets: Collection[Budget]) -> None:
    """Let these be in force, and no others. What was told of others stays."""
    names = [budget.name for budget in budgets]
    for gone in (
        delete(BudgetTripwireRow).where(BudgetTripwireRow.budget.not_in(names)),
        delete(BudgetRow).where(BudgetRow.name.not_in(names)),
    ):
        session.execute(gone.execution_options(synchronize_session=False))
    known = {row.name: row for row in session.scalars(select(BudgetRow))}
    for budget in budgets:
        row = known.get(budget.name) or BudgetRow(name=budget.name)
        for name, value in _columns(budget).items():
            setattr(row, name, value)
        session.add(row)
    session.flush()


def read(session: Session) -> list[Budget]:
    """Those in force, by name."""
    return [_budget(row) for row in session.scalars(select(BudgetRow).order_by(BudgetRow.name))]


def hold(session: Session, at_ms: int, name: str | None = None) -> list[InForce]:
    """Budgets as they hold at an instant, with their periods and amounts; or the one of a name.

    This is what a page or a chart asks for: `budget.scope`, `window`, `amount_nano_usd`.
    """
    overrides = holding(session, at_ms)
    found = read(session)
    return [in_force(each, overrides, at_ms) for each in found if name in {None, each.name}]


def holding(session: Session, at_ms: int) -> list[Override]:
    """The overrides that nobody took back and that are not over at an instant."""
    row = BudgetOverrideRow
    chosen = select(row).where(row.ended_ms.is_(None), row.until_ms > at_ms).order_by(row.id)
    return [_override(each) for each in session.scalars(chosen)]


def override(session: Session, made: Override) -> None:
    """Let another amount hold."""
    values = asdict(made)
    values["made_by"] = values.pop("by")
    del values["id"]
    session.execute(insert(BudgetOverrideRow).values(values))


def end_overrides(session: Session, budget: str, at_ms: int, by: str) -> int:
    """Take back the overrides of a budget that hold; how many there were."""
    row = BudgetOverrideRow
    ended = (
        update(row)
        .where(row.budget == budget, row.ended_ms.is_(None), row.until_ms > at_ms)
        .values(ended_ms=at_ms, ended_by=by)
        .returning(row.id)
        .execution_options(synchronize_session=False)
    )
    return len(session.scalars(ended).all())


def fired(session: Session, held: InForce) -> set[Threshold]:
    """The thresholds that were met in a period before."""
    row = BudgetFiringRow
    chosen = select(row.percent, row.is_projected).where(
        row.budget == held.budget.name, row.from_ms == held.window.from_ms
    )
    return {Threshold(*found) for found in session.execute(chosen)}


def fire(session: Session, firing: Firing) -> None:
    """Note that a threshold is met, and put it into the outbox. Once, or IntegrityError."""
    held, threshold, fired_ms, spent, projected = firing
    known = {
        "budget": held.budget.name,
        "from_ms": held.window.from_ms,
        "to_ms": held.window.to_ms,
        "percent": threshold.percent,
        "is_projected": threshold.is_projected,
        "amount_nano_usd": held.amount_nano_usd,
        "spent_nano_usd": spent.nano_usd,
        "projected_nano_usd": projected,
        "calls": spent.calls,
        "unpriced": spent.unpriced,
        "no_usage": spent.no_usage,
    }
    scope, zone = held.budget.scope, held.budget.cycle.zone.key
    told = known | {"scope": scope.kind.value, "scope_name": scope.name, "zone": zone}
    word = "projected" if threshold.is_projected else "spent"
    transition = f"{held.window.from_ms}/{word}/{threshold.percent}"
    message = Message("budget", held.budget.name, transition, fired_ms, payload=told)
    number = outbox.put(session, message)
    session.execute(
        insert(BudgetFiringRow).values(known | {"fired_ms": fired_ms, "outbox_id": number})
    )


def take(session: Session, budget: str, nano_usd: int) -> Tripwire | None:
    """Take from what is left until a look is due; what is left then. `None`: no such budget."""
    rows = statements.fetch_all(session, _TAKE, (nano_usd, budget))
    return Tripwire(*rows[0]) if rows else None


def set_tripwire(session: Session, budget: str, wire: Tripwire) -> None:
    """Say anew when the next look is due."""
    left, from_ms, to_ms = wire
    statements.run(session, _SET, (budget, from_ms, to_ms, left))


def _columns(budget: Budget) -> dict[str, Any]:
    cycle = budget.cycle
    return {
        "scope": budget.scope.kind.value,
        "scope_name": budget.scope.name,
        "amount_nano_usd": budget.amount_nano_usd,
        "period": cycle.period.value,
        "zone": cycle.zone.key,
        "has_probes": budget.has_probes,
        "settings": {
            "begins": [cycle.weekday, cycle.month, cycle.day],
            "thresholds": [list(each) for each in budget.thresholds],
        },
    }


def _budget(row: BudgetRow) -> Budget:
    begins: Iterable[int] = row.settings["begins"]
    return Budget(
        row.name,
        Scope(ScopeKind(row.scope), row.scope_name),
        row.amount_nano_usd,
        Cycle(Period(row.period), ZoneInfo(row.zone), *begins),
        tuple(Threshold(*each) for each in row.settings["thresholds"]),
        row.has_probes,
    )


def _override(row: BudgetOverrideRow) -> Override:
    return Override(
        row.budget,
        row.amount_nano_usd,
        row.from_ms,
        row.until_ms,
        row.made_by,
        row.reason,
        row.id,
    )
