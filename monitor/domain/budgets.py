"""Budgets: what may be spent in a period, and how far that has come.

All money is integer nano-dollars. A budget is known by its name, whatever an edit makes of it.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum
from typing import NamedTuple

from monitor.domain.calls import Attribution
from monitor.domain.periods import Cycle
from monitor.domain.windows import Window

#: The days whose mean a projection goes on with.
LOOK_BACK_DAYS = 7
_WHOLE = 100


class ScopeKind(StrEnum):
    """By what calls are told apart."""

    TEAM = "team"
    PROJECT = "project"
    APP = "app"
    KEY = "key"
    PROVIDER = "provider"
    MODEL = "model"
    TOTAL = "total"


class Scope(NamedTuple):
    """Whose calls count: those of `name`; a model's family counts as its name, too."""

    kind: ScopeKind
    name: str = ""

    def __str__(self) -> str:
        return "everything" if self.kind is ScopeKind.TOTAL else f"{self.kind} {self.name}"


class Threshold(NamedTuple):
    """A share of the amount in percent, of what is spent or of what is projected."""

    percent: int
    is_projected: bool = False

    def __str__(self) -> str:
        if not self.is_projected:
            return f"{self.percent} %"
        return "projected" if self.percent == _WHOLE else f"projected {self.percent} %"

    def reach(self, amount_nano_usd: int) -> int:
        """The least money that meets it."""
        return -(-self.percent * amount_nano_usd // _WHOLE)


PROJECTED = Threshold(_WHOLE, is_projected=True)
DEFAULT_THRESHOLDS = (Threshold(50), Threshold(80), Threshold(100), PROJECTED)


@dataclass(frozen=True, slots=True)
class Budget:
    """Money for the calls of a scope in each period; our own probes' only where it says so."""

    name: str
    scope: Scope
    amount_nano_usd: int
    cycle: Cycle
    thresholds: tuple[Threshold, ...] = DEFAULT_THRESHOLDS
    has_probes: bool = False


@dataclass(frozen=True, slots=True)
class Override:
    """Another amount for a while: by whom, why, and until when (the end excluded)."""

    budget: str
    amount_nano_usd: int
    from_ms: int
    until_ms: int
    by: str
    reason: str
    id: int = 0


@dataclass(frozen=True, slots=True)
class InForce:
    """A budget as it holds at an instant: its period, its amount, and who changed that."""

    budget: Budget
    window: Window
    amount_nano_usd: int
    override: Override | None = None

    @property
    def holds_until_ms(self) -> int:
        """Until when both stay so, as far as is known."""
        if self.override is None:
            return self.window.to_ms
        return min(self.window.to_ms, self.override.until_ms)


def in_force(budget: Budget, overrides: Iterable[Override], at_ms: int) -> InForce:
    """What holds at an instant; of overrides that hold together, the newest."""
    holding = [o for o in overrides if o.budget == budget.name and o.from_ms <= at_ms < o.until_ms]
    newest = max(holding, key=lambda o: (o.from_ms, o.id), default=None)
    amount = budget.amount_nano_usd if newest is None else newest.amount_nano_usd
    return InForce(budget, budget.cycle.window(at_ms), amount, newest)


class Spent(NamedTuple):
    """What calls of a scope cost, with how many of them add nothing to it, and why."""

    nano_usd: int = 0
    calls: int = 0
    unpriced: int = 0
    no_usage: int = 0

    @property
    def unknown(self) -> int:
        """The calls whose cost is not known."""
        return self.unpriced + self.no_usage

    @property
    def shown_nano_usd(self) -> int | None:
        """The money to show: `None` where there were calls and the cost of none is known."""
        return None if self.calls and self.unknown == self.calls else self.nano_usd


class Pace(NamedTuple):
    """What was spent lately, on whole days: so much in so long."""

    nano_usd: int
    length_ms: int


def reached(held: InForce, nano_usd: int, projected_nano_usd: int | None) -> tuple[Threshold, ...]:
    """The thresholds that are met, in the order of the budget.

    A projection says nothing any more where the whole amount is spent.
    """
    amount = held.amount_nano_usd

    def is_met(threshold: Threshold) -> bool:
        if not threshold.is_projected:
            return nano_usd >= threshold.reach(amount)
        is_open = projected_nano_usd is not None and nano_usd < amount
        return is_open and (projected_nano_usd or 0) >= threshold.reach(amount)

    return tuple(each for each in held.budget.thresholds if is_met(each))


def headroom(held: InForce, nano_usd: int) -> int | None:
    """The money until the next threshold is met; `None` where none is left."""
    reaches = (t.reach(held.amount_nano_usd) for t in held.budget.thresholds if not t.is_projected)
    return min((each - nano_usd for each in reaches if each > nano_usd), default=None)


def project(nano_usd: int, pace: Pace | None, window: Window, now_ms: int) -> int | None:
    """What the period comes to: spent so far, and the pace of late for what is left of it.

    `None` where nothing is known of late.
    """
    if pace is None:
        return None
    left_ms = max(0, window.to_ms - now_ms)
    return nano_usd + pace.nano_usd * left_ms // pace.length_ms


def breach_ms(held: InForce, nano_usd: int, pace: Pace | None, now_ms: int) -> int | None:
    """When, at the pace of late, the amount is used up; `None`: not within this period.

    It is now where that has happened.
    """
    missing = held.amount_nano_usd - nano_usd
    if missing <= 0:
        return now_ms
    if pace is None or pace.nano_usd <= 0:
        return None
    at_ms = now_ms + -(-missing * pace.length_ms // pace.nano_usd)
    return at_ms if at_ms <= held.window.to_ms else None


class Whose(NamedTuple):
    """Whose call it is, as far as scopes look; `identities` are all those of its app."""

    attribution: Attribution
    identities: tuple[str, ...]
    provider: str
    model: str | None
    family: str | None
    is_probe: bool


def counts(budget: Budget, whose: Whose) -> bool:
    """Whether a call counts for a budget."""
    if whose.model is None or (whose.is_probe and not budget.has_probes):
        return False
    kind, name = budget.scope
    if kind is ScopeKind.TOTAL:
        return True
    if kind is ScopeKind.PROVIDER:
        return whose.provider == name
    if kind is ScopeKind.MODEL:
        return name in {whose.model, whose.family}
    if kind is ScopeKind.APP:
        return name in whose.identities
    return getattr(whose.attribution, kind.value) == name  # type: ignore[no-any-return]
