"""Spend: sums of calls in lots, the finest that rollups keep, and what failed calls cost."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, NamedTuple
from zoneinfo import ZoneInfo

from sqlalchemy import ColumnElement, func, or_, select
from sqlalchemy.orm import InstrumentedAttribute, Session

from monitor.domain.calls import Origin
from monitor.domain.cover import cover
from monitor.domain.dimensions import EVERYTHING, OF_PEOPLE, Dimension, Filters
from monitor.domain.outcomes import Outcome, Result
from monitor.domain.windows import (
    DAY_MS,
    Window,
    bucket_of,
    bucket_start_ms,
    day_of,
    day_window,
)
from monitor.storage.facts import details_from_ms, home_zone
from monitor.storage.models.ledger import CallRow
from monitor.storage.models.rollups import Usage15m, UsageDay
from monitor.storage.queries import endpoints, extents, owners, people
from monitor.storage.queries.measures import GOOD
from monitor.storage.queries.owners import Audience, asked, chosen
from monitor.storage.queries.totals import Totals

#: What single calls cost by their class is in no sum: so many calls are looked at, and no more.
MOST_SCANNED = 100_000
MOST_DAYS = 31

_LOT = ("endpoint_id", "attribution_id", "origin")


class Lot(NamedTuple):
    """The calls of one endpoint, for one attribution, that came to us in one way.

    `who` is the user or the tag, where lots are split by these.
    """

    endpoint_id: int
    attribution_id: int
    origin: Origin
    who: str = ""


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
    if by in OF_PEOPLE:
        return lambda lot: lot.who
    named: Mapping[Any, owners.Owner] = owners.names(session, by)
    if by is Dimension.ENDPOINT:
        named = {each.id: each.slug for each in endpoints.every(session)}
    places = [Lot._fields.index(key) for key in owners.keys_of(by)]
    return lambda lot: str(named[lot[places[0]]]) if places else owners.ALL


def by_lot(
    session: Session,
    window: Window,
    filters: Filters = EVERYTHING,
    by: Dimension = Dimension.ALL,
) -> dict[Lot, Totals]:
    """The team's calls that started in a window: of whole home days, whatever its own zone is.

    By users or tags each lot is split, and lots of tags overlap. Raises OutOfReachError.
    """
    whose = asked(session, by if by in OF_PEOPLE else Dimension.ALL, Audience.TEAM, None, filters)
    if whose.people:
        extent = people.of_window(session, window)
    else:
        home = home_zone(session)
        extent = extents.of_cover(cover(window, home, home))
    found = people.read(session, extent, whose, _LOT)
    return {Lot._make((*values, who)): totals for (_, values, who), totals in found.items()}


def _within(window: Window) -> tuple[ColumnElement[bool], ...]:
    return CallRow.started_ms >= window.from_ms, CallRow.started_ms < window.to_ms


def failed(
    session: Session, window: Window, filters: Filters = EVERYTHING, most: int = MOST_SCANNED
) -> FailedCost:
    """What the team's failed and wrongly answered calls cost, as far as their cost is known.

    Reads single calls, the newest of the window: at most so many, of at most 31 days.
    """
    whose, row = asked(session, Dimension.ALL, Audience.TEAM, None, filters), CallRow
    kept_ms = details_from_ms(session) if whose.people else window.from_ms
    looked_at, scanned = _bounded(session, window.clip(kept_ms, window.to_ms), most)
    statement = (
        select(row.outcome, func.count(), func.coalesce(func.sum(row.cost_nano_usd), 0))
        .where(
            *chosen(row, whose),
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
