"""Spend: sums of calls in lots, the finest that rollups keep, and what failed calls cost."""

from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple
from zoneinfo import ZoneInfo

from sqlalchemy import ColumnElement, Select, func, or_, select
from sqlalchemy.orm import InstrumentedAttribute, Session

from monitor.domain.calls import Origin
from monitor.domain.cover import cover
from monitor.domain.dimensions import EVERYTHING, Dimension, Filters
from monitor.domain.outcomes import Outcome, Result
from monitor.domain.windows import (
    DAY_MS,
    Window,
    bucket_of,
    bucket_start_ms,
    day_of,
    day_window,
)
from monitor.storage.facts import home_zone
from monitor.storage.models.ledger import CallRow
from monitor.storage.models.rollups import Usage15m, UsageDay
from monitor.storage.queries import endpoints, owners
from monitor.storage.queries.ledger_sums import EXPRESSIONS
from monitor.storage.queries.measures import GOOD
from monitor.storage.queries.owners import Audience, Source, Whose, asked, chosen
from monitor.storage.queries.totals import SUMS, Totals, add_up

#: What single calls cost by their class is in no sum: so many calls are looked at, and no more.
MOST_SCANNED = 100_000
MOST_DAYS = 31

Rows = Select[*tuple[Any, ...]]


class Lot(NamedTuple):
    """The calls of one endpoint, for one attribution, that came to us in one way."""

    endpoint_id: int
    attribution_id: int
    origin: Origin


class Failed(NamedTuple):
    """So many failed calls of a class whose cost is known, and what they cost."""

    n: int
    cost_nano_usd: int


@dataclass(frozen=True, slots=True)
class FailedCost:
    """What failed calls cost, by class; `window` is the part that was looked at, from its end."""

    window: Window
    scanned: int
    by_class: dict[Result, Failed] = field(default_factory=dict)

    @property
    def n(self) -> int:
        """How many of them there are."""
        return sum(each.n for each in self.by_class.values())

    @property
    def cost_nano_usd(self) -> int:
        """What all of them cost."""
        return sum(each.cost_nano_usd for each in self.by_class.values())


Namer = Callable[[Lot], str]


def namer(session: Session, by: Dimension) -> Namer:
    """Who a lot's money is laid to: endpoints by their ids in the settings, "" is not known."""
    named, column = owners.names(session, by), owners.column_of(Usage15m, by)
    if by is Dimension.ENDPOINT:
        named = {each.id: each.slug for each in endpoints.every(session)}
    place = None if column is None else Lot._fields.index(column.key)
    return lambda lot: str(named[0 if place is None else lot[place]])


def by_lot(session: Session, window: Window, filters: Filters = EVERYTHING) -> dict[Lot, Totals]:
    """The team's calls that started in a window: of whole home days, whatever its own zone is."""
    whose, home = _team(session, filters), home_zone(session)
    parts = cover(window, home, home)
    rows = [_rolled(UsageDay.day, parts.days, whose)] if parts.days else []
    rows += [_rolled(Usage15m.bucket, run, whose) for run in parts.buckets]
    rows += [_listed(edge, whose) for edge in parts.edges]
    found: defaultdict[Lot, list[Totals]] = defaultdict(list)
    for each in rows:
        for endpoint_id, attribution_id, origin, *sums in session.execute(each):
            found[Lot(endpoint_id, attribution_id, origin)].append(Totals(*sums))
    return {lot: add_up(several) for lot, several in found.items()}


def _team(session: Session, filters: Filters) -> Whose:
    return asked(session, Dimension.ALL, Audience.TEAM, None, filters)


def _rolled(at: InstrumentedAttribute[int], run: range, whose: Whose) -> Rows:
    row = Usage15m if at.class_ is Usage15m else UsageDay
    sums = [func.coalesce(func.sum(getattr(row, name)), 0) for name in SUMS]
    return _grouped(row, sums, whose).where(at >= run.start, at < run.stop)


def _listed(edge: Window, whose: Whose) -> Rows:
    return _grouped(CallRow, EXPRESSIONS, whose).where(*_within(edge))


def _grouped(row: type[Source], sums: Sequence[ColumnElement[int]], whose: Whose) -> Rows:
    keys = (row.endpoint_id, row.attribution_id, row.origin)
    return select(*keys, *sums).where(*chosen(row, whose)).group_by(*keys)


def _within(window: Window) -> tuple[ColumnElement[bool], ...]:
    return CallRow.started_ms >= window.from_ms, CallRow.started_ms < window.to_ms


def failed(
    session: Session, window: Window, filters: Filters = EVERYTHING, most: int = MOST_SCANNED
) -> FailedCost:
    """What the team's failed and wrongly answered calls cost, as far as their cost is known.

    Reads single calls, the newest of the window: at most so many, of at most 31 days.
    """
    looked_at, scanned = _bounded(session, window, most)
    row = CallRow
    statement = (
        select(row.outcome, func.count(), func.coalesce(func.sum(row.cost_nano_usd), 0))
        .where(
            *chosen(row, _team(session, filters)),
            *_within(looked_at),
            row.cost_nano_usd.is_not(None),
        )
        .where(or_(row.outcome.not_in(GOOD), row.outcome == Outcome.WRONG_ANSWER))
        .group_by(row.outcome)
    )
    found = {outcome: Failed(n, int(cost or 0)) for outcome, n, cost in session.execute(statement)}
    ordered = sorted(found.items(), key=lambda pair: (-pair[1].cost_nano_usd, pair[0]))
    return FailedCost(looked_at, scanned, dict(ordered))


def bounded(session: Session, window: Window, most: int = MOST_SCANNED) -> Window:
    """The end of a window in which at most so many calls were made, of at most 31 days."""
    return _bounded(session, window, most)[0]


def _bounded(session: Session, window: Window, most: int) -> tuple[Window, int]:
    """The end of a window that holds few enough calls, by whole days or, of one, by buckets."""
    zone, from_ms, scanned = home_zone(session), window.to_ms, 0
    for start_ms, n in _going_back(session, window, zone):
        if scanned + n > most:
            break
        from_ms, scanned = max(window.from_ms, start_ms), scanned + n
    return Window(from_ms, window.to_ms), scanned


def _going_back(session: Session, window: Window, zone: ZoneInfo) -> Iterator[tuple[int, int]]:
    """Starts of spans and how many calls lie from there to the span before, back in time."""
    since_ms = max(window.from_ms, window.to_ms - MOST_DAYS * DAY_MS)
    last_day = day_of(max(since_ms, window.to_ms - 1), zone)
    last_day_ms = day_window(last_day, zone).from_ms
    buckets = range(bucket_of(max(last_day_ms, since_ms)), bucket_of(window.to_ms - 1) + 1)
    by_bucket = _counted(session, Usage15m.bucket, buckets)
    for bucket in reversed(buckets):
        yield bucket_start_ms(bucket), by_bucket.get(bucket, 0)
    days = range(day_of(since_ms, zone), last_day)
    by_day = _counted(session, UsageDay.day, days)
    for day in reversed(days):
        yield day_window(day, zone).from_ms, by_day.get(day, 0)


def _counted(session: Session, at: InstrumentedAttribute[int], run: range) -> dict[int, int]:
    row = Usage15m if at.class_ is Usage15m else UsageDay
    counted = select(at, func.sum(row.n)).where(at >= run.start, at < run.stop).group_by(at)
    return {place: int(n or 0) for place, n in session.execute(counted)}
