"""Repricing: calls that we priced ourselves, by the prices known now; shown, done, undone.

Which price was in force at a call's start may be known better by now. A provider's own figure and
calls of unknown usage are left alone. Every step is one transaction, after which all sums agree.
"""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

from monitor.domain.prices import CostState, PriceList, cost
from monitor.domain.windows import Window, day_of
from monitor.services import budgets
from monitor.storage import facts, prices, repricing
from monitor.storage.engine import Session
from monitor.storage.repricing import BEGINNING, Change, Cursor, Rated

#: Their transaction took 12 ms (median, on two busy cores), for which other calls wait.
STEP_CALLS = 250


class CannotUndo(ValueError):
    """A repricing that is not there, is undone already, or has another one on top."""


class Scope(NamedTuple):
    """Which calls: those of these endpoints, by number, that started in a window."""

    endpoint_ids: tuple[int, ...]
    window: Window


@dataclass(slots=True)
class Difference:
    """What calls cost before and after, in nano-dollars, as far as it is known.

    Of `calls`, `newly_priced` had no price before, `newly_unpriced` have none after.
    """

    calls: int = 0
    before_nano_usd: int = 0
    after_nano_usd: int = 0
    newly_priced: int = 0
    newly_unpriced: int = 0

    def add(self, change: Change) -> None:
        """Count a change."""
        old, new = change.rated.cost, change.cost
        self.calls += 1
        self.before_nano_usd += old.nano_usd or 0
        self.after_nano_usd += new.nano_usd or 0
        self.newly_priced += old.state is CostState.UNPRICED
        self.newly_unpriced += new.state is CostState.UNPRICED


def preview(session: Session, scope: Scope) -> dict[tuple[int, int], Difference]:
    """What a repricing would change, by endpoint and home day; nothing is written."""
    zone, known = facts.home_zone(session), prices.lists(session)
    found: defaultdict[tuple[int, int], Difference] = defaultdict(Difference)
    for number in scope.endpoint_ids:
        after: Cursor | None = BEGINNING
        while after is not None:
            changes, after = _look(session, number, scope.window, known, after)
            for change in changes:
                found[number, day_of(change.rated.started_ms, zone)].add(change)
    return dict(found)


@dataclass(slots=True)
class Repricing:
    """One under way: `step` in a transaction each, until it says that nothing is left."""

    scope: Scope
    by: str
    now_ms: int
    id: int | None = None
    difference: Difference = field(default_factory=Difference)
    _left: list[int] = field(default_factory=list)
    _after: Cursor = BEGINNING
    _known: Mapping[int, tuple[PriceList, ...]] = field(default_factory=dict)

    def step(self, session: Session) -> bool:
        """Price the next calls anew; whether there are more."""
        if self.id is None:
            self.id = repricing.begin(session, self.scope.window, self.by, self.now_ms)
            self._left, self._known = list(self.scope.endpoint_ids), prices.lists(session)
        if not self._left:
            return False
        changes, after = _look(session, self._left[0], self.scope.window, self._known, self._after)
        repricing.keep(session, self.id, changes)
        _apply(session, changes, self.now_ms)
        for change in changes:
            self.difference.add(change)
        if after is None:
            self._left.pop(0)
        self._after = after or BEGINNING
        return bool(self._left)


@dataclass(slots=True)
class Undoing:
    """The way back: `step` in a transaction each, until it says that nothing is left."""

    id: int
    now_ms: int
    difference: Difference = field(default_factory=Difference)
    _after: int = -1

    def step(self, session: Session) -> bool:
        """Give the next calls back what they cost; whether there are more. Raises CannotUndo."""
        if self._after < 0:
            _demand_undoable(session, self.id)
        changes, after = repricing.undoable(session, self.id, self._after, STEP_CALLS)
        _apply(session, changes, self.now_ms)
        for change in changes:
            self.difference.add(change)
        if after is None:
            repricing.end(session, self.id, self.now_ms)
            return False
        self._after = after
        return True


def _apply(session: Session, changes: Sequence[Change], now_ms: int) -> None:
    moved = repricing.apply(session, changes, facts.home_zone(session))
    budgets.charge(session, moved, budgets.load(session), now_ms, now_ms)


def _demand_undoable(session: Session, repricing_id: int) -> None:
    found = repricing.find(session, repricing_id)
    if found is None:
        raise CannotUndo(f"there is no repricing {repricing_id}; `inferwatch prices repricings`")
    if found.undone_ms is not None:
        raise CannotUndo(f"repricing {repricing_id} is undone already")
    later = repricing.later(session, repricing_id)
    if later is not None:
        raise CannotUndo(f"repricing {later} priced the same calls later; undo {later} first")


def _look(
    session: Session,
    endpoint_id: int,
    window: Window,
    known: Mapping[int, Sequence[PriceList]],
    after: Cursor,
) -> tuple[list[Change], Cursor | None]:
    """The changes among the next calls of an endpoint, and where to go on; `None`: nowhere."""
    seen = repricing.computed(session, endpoint_id, window, after, STEP_CALLS)
    lists = known.get(endpoint_id, ())
    is_last = len(seen) < STEP_CALLS
    return list(_changes(seen, lists)), None if is_last else (seen[-1].started_ms, seen[-1].id)


def _changes(seen: Sequence[Rated], lists: Sequence[PriceList]) -> Iterator[Change]:
    for rated in seen:
        new = cost(rated.usage, lists, rated.started_ms, rated.service_tier)
        if new[:2] != rated.cost[:2]:
            yield Change(rated, new)
