"""Budgets: told once when a threshold is met, in the transaction of the call that met it.

Each budget has a tripwire, a row that says how much more may be spent before a look is due. A
batch takes what it spends from it, and only where nothing is left, or where the period or the
amount is another by now, the sum is made anew from the rollups, in the same transaction. The
tripwire is no figure: a wrong one would only let us look too early, or as late as the next
minute's look.
"""

from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass, field
from typing import Any, NamedTuple

from monitor.domain.budgets import (
    Budget,
    InForce,
    Override,
    Pace,
    Spent,
    breach_ms,
    counts,
    headroom,
    project,
    reached,
)
from monitor.domain.windows import Window, bucket_of
from monitor.services import forecasts
from monitor.services.forecasts import Outlook
from monitor.storage import budgets as rows
from monitor.storage.budgets import ENDLESS, Firing, Tripwire
from monitor.storage.engine import Session
from monitor.storage.queries import budgets as sums
from monitor.storage.usage import Key, Sums


class UnknownBudget(LookupError):
    """No budget in force is called so."""


class NotOverridden(LookupError):
    """The budget has the amount of the settings already."""


class Standing(NamedTuple):
    """How a budget stands: `breach_ms` is when its amount is used up, `None`: not in the period.

    Both that and what is projected are of the `outlook` where enough days are known for one, else
    of the `pace` of late.
    """

    held: InForce
    spent: Spent
    pace: Pace | None
    projected_nano_usd: int | None
    breach_ms: int | None
    outlook: Outlook | None = None

    @property
    def breach_permille(self) -> int | None:
        """How likely its amount is used up in the period, in thousandths."""
        if self.outlook is None:
            return None
        return self.outlook.forecast.breach(self.held.amount_nano_usd).permille


@dataclass(slots=True)
class Watching:
    """The budgets in force, and what was found out of whose calls count for which."""

    budgets: tuple[Budget, ...] = ()
    _counting: dict[tuple[int, int, int], tuple[Budget, ...]] = field(default_factory=dict)
    _windows: dict[str, Window] = field(default_factory=dict)

    def counting(self, session: Session, key: Key) -> tuple[Budget, ...]:
        """The budgets for which the calls of a row count."""
        known = self._counting.get(key[1:])
        if known is None:
            whose = sums.whose(session, *key[1:])
            known = tuple(each for each in self.budgets if counts(each, whose))
            self._counting[key[1:]] = known
        return known

    def windows(self, budget: Budget, first_ms: int, last_ms: int) -> Iterator[Window]:
        """The periods that were current between two instants, the last one first."""
        window = self._windows.get(budget.name)
        if window is None or not window.from_ms <= last_ms < window.to_ms:
            window = self._windows[budget.name] = budget.cycle.window(last_ms)
        yield window
        while window.from_ms > first_ms:
            window = budget.cycle.window(window.from_ms - 1)
            yield window


def load(session: Session) -> Watching:
    """What is in force."""
    return Watching(tuple(rows.read(session)))


def install(session: Session, budgets: tuple[Budget, ...], now_ms: int) -> None:
    """Let the budgets of the settings be in force, and tell what that alone meets."""
    rows.install(session, budgets)
    for budget in budgets:
        look(session, budget.name, now_ms)


def charge(
    session: Session, changed: Mapping[Key, Sums], watching: Watching, first_ms: int, last_ms: int
) -> None:
    """Take into account what calls that were recorded between two instants cost, or cost less.

    Tells of a period only what was recorded while it was the current one.
    """
    spent: defaultdict[tuple[str, Window], int] = defaultdict(int)
    for key, row in changed.items():
        if not row[-1]:
            continue
        for budget in watching.counting(session, key):
            for window in watching.windows(budget, first_ms, last_ms):
                if bucket_of(window.from_ms) <= key.at < bucket_of(window.to_ms):
                    spent[budget.name, window] += row[-1]
    for name, window in sorted(spent, key=lambda each: (each[0], each[1].from_ms)):
        if window.to_ms <= last_ms:
            look(session, name, window.to_ms - 1)
        else:
            _take(session, name, spent[name, window], last_ms)


def _take(session: Session, name: str, nano_usd: int, at_ms: int) -> None:
    wire = rows.take(session, name, nano_usd)
    if wire is None:  # the settings have it no longer
        return
    if wire.left_nano_usd <= 0 or not wire.from_ms <= at_ms < wire.to_ms:
        look(session, name, at_ms)


def look(session: Session, name: str, at_ms: int) -> None:
    """Sum up a budget's period, tell each threshold that is met, and set the tripwire anew."""
    for held in rows.hold(session, at_ms, name):
        spent = sums.spent(session, held.budget, held.window)
        _tell(session, held, spent, None, at_ms)
        left = headroom(held, spent.nano_usd)
        wire = Tripwire(ENDLESS if left is None else left, held.window.from_ms, held.holds_until_ms)
        rows.set_tripwire(session, name, wire)


def _tell(session: Session, held: InForce, spent: Spent, projected: int | None, at_ms: int) -> None:
    met = reached(held, spent.nano_usd, projected)
    if met:
        told = rows.fired(session, held)
        for threshold in met:
            if threshold not in told:
                rows.fire(session, Firing(held, threshold, at_ms, spent, projected))


def standing(session: Session, now_ms: int) -> list[Standing]:
    """How all budgets in force stand."""
    since = sums.first_day(session)
    return [_stand(session, held, since, now_ms) for held in rows.hold(session, now_ms)]


def _stand(session: Session, held: InForce, since_day: int | None, now_ms: int) -> Standing:
    spent = sums.spent(session, held.budget, held.window)
    pace = sums.pace(session, held.budget, since_day, now_ms)
    outlook = forecasts.of_budget(session, held.budget, held.window, spent.nano_usd, now_ms)
    if outlook is not None:
        at_ms = outlook.breach_ms(held.amount_nano_usd, spent.nano_usd, now_ms)
        return Standing(held, spent, pace, outlook.forecast.total.middle, at_ms, outlook)
    projected = project(spent.nano_usd, pace, held.window, now_ms)
    return Standing(held, spent, pace, projected, breach_ms(held, spent.nano_usd, pace, now_ms))


def describe(standing: Standing) -> dict[str, Any]:
    """A budget as it stands, as JSON; money in nano-dollars, instants UTC ms, null is not known."""
    held, spent, made = standing.held, standing.spent, standing.held.override
    scope, cycle = held.budget.scope, held.budget.cycle
    return {
        "name": held.budget.name,
        "scope": {"kind": scope.kind.value, "name": scope.name or None},
        "has_probes": held.budget.has_probes,
        "period": cycle.period.value,
        "zone": cycle.zone.key,
        "from_ms": held.window.from_ms,
        "to_ms": held.window.to_ms,
        "amount_nano_usd": held.amount_nano_usd,
        "spent_nano_usd": spent.shown_nano_usd,
        "projected_nano_usd": standing.projected_nano_usd,
        "breach_ms": standing.breach_ms,
        "forecast": forecasts.describe(standing.outlook),
        "breach_permille": standing.breach_permille,
        "thresholds": [each._asdict() for each in held.budget.thresholds],
        "coverage": {
            "calls": spent.calls,
            "unpriced": spent.unpriced,
            "no_usage": spent.no_usage,
        },
        "override": None if made is None else asdict(made),
    }


def untold(session: Session, now_ms: int) -> list[str]:
    """The budgets of which a threshold is met, a projected one too, and not told yet."""
    found = []
    for each in standing(session, now_ms):
        met = reached(each.held, each.spent.nano_usd, each.projected_nano_usd)
        if met and set(met) - rows.fired(session, each.held):
            found.append(each.held.budget.name)
    return found


def tell(session: Session, names: list[str], now_ms: int) -> None:
    """Tell what is met of some budgets and not told yet, projected ones too."""
    since = sums.first_day(session)
    for name in names:
        for held in rows.hold(session, now_ms, name):
            found = _stand(session, held, since, now_ms)
            _tell(session, held, found.spent, found.projected_nano_usd, now_ms)


def override(session: Session, made: Override) -> None:
    """Let another amount hold until its end, in the place of one made before.

    Raises UnknownBudget.
    """
    demand_known(session, made.budget)
    rows.end_overrides(session, made.budget, made.from_ms, made.by)
    rows.override(session, made)
    look(session, made.budget, made.from_ms)


def end_override(session: Session, name: str, by: str, now_ms: int) -> None:
    """Let the amount of the settings hold again. Raises UnknownBudget and NotOverridden."""
    demand_known(session, name)
    if not rows.end_overrides(session, name, now_ms, by):
        raise NotOverridden(f"budget {name!r} has the amount of the settings; nothing to end")
    look(session, name, now_ms)


def demand_known(session: Session, name: str) -> None:
    """Raise UnknownBudget where none in force is called so."""
    known = [each.name for each in rows.read(session)]
    if name not in known:
        listed = ", ".join(known) or "none"
        raise UnknownBudget(f"budget {name!r} is not in the settings; these are: {listed}")
