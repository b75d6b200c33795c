"""Breakdown: whose usage a window's is, beside the time before it. Page and command read the same.

A team's figures are without probes; those are told apart. By end user or tag all raise
`OutOfReachError` where more is asked than is read.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any
from zoneinfo import ZoneInfo

from monitor.domain.counterparts import Comparison, Kind, complete
from monitor.domain.dimensions import (
    EVERYTHING,
    OF_PEOPLE,
    Dimension,
    Filters,
    people_in,
    short_user,
)
from monitor.domain.windows import Window, day_of
from monitor.storage import apps, facts
from monitor.storage.engine import Session
from monitor.storage.queries import endpoints, owners, people, usage
from monitor.storage.queries.counterparts import is_covered
from monitor.storage.queries.owners import ALL, Audience, Owner
from monitor.storage.queries.totals import Totals, add_up
from monitor.storage.queries.usage import DayTotals

UNKNOWN = "not known"


@dataclass(frozen=True, slots=True)
class Question:
    """What is asked: the team's calls of a window of a zone, kept apart by a dimension."""

    window: Window
    zone: ZoneInfo
    by: Dimension = Dimension.MODEL
    filters: Filters = EVERYTHING
    kind: Kind = Kind.DAYS

    @property
    def days(self) -> tuple[int, int]:
        """The first and last day that the window meets."""
        last_ms = max(self.window.from_ms, self.window.to_ms - 1)
        return day_of(self.window.from_ms, self.zone), day_of(last_ms, self.zone)


@dataclass(frozen=True, slots=True)
class Breakdown:
    """The team's calls by owner, and those of probes as a whole.

    `now` and `before` are the two periods of `compared`, `None` where there is nothing to compare:
    no day is over yet, or (`is_first`) the period before is not wholly in the ledger.
    `whole` and the two beside it are of all the team's calls: tags overlap, and add up to more.
    """

    found: Mapping[Owner, Totals]
    probes: Totals
    compared: Comparison | None
    now: Mapping[Owner, Totals]
    before: Mapping[Owner, Totals]
    whole: Totals
    whole_now: Totals
    whole_before: Totals
    is_first: bool


def break_down(session: Session, asked: Question) -> Breakdown:
    """Whose calls a window's are."""
    wanted = complete(asked.window, asked.zone, asked.kind, asked.window.to_ms)
    compared = _covered(session, asked, wanted)
    periods = [] if compared is None else [compared.after, compared.before]
    read = [_read(session, asked, window) for window in (asked.window, *periods)]
    wholes = [
        _whole(session, asked, window, found)
        for window, found in zip((asked.window, *periods), read, strict=True)
    ]
    found, now, before = [*read, {}, {}][:3]
    whole, whole_now, whole_before = [*wholes, Totals(), Totals()][:3]
    return Breakdown(
        found,
        _probes(session, asked),
        compared,
        now,
        before,
        whole,
        whole_now,
        whole_before,
        is_first=wanted is not None and compared is None,
    )


def by_day(
    session: Session, asked: Question, users: Sequence[Owner] | None = None
) -> dict[Owner, list[DayTotals]]:
    """The same day by day, every day that the window meets as a whole; or that of some users."""
    audience, filters = Audience.TEAM, asked.filters
    if users is not None:
        return usage.by_day_of_users(
            session, *asked.days, users, audience=audience, filters=filters
        )
    return usage.by_day(
        session, *asked.days, asked.zone, by=asked.by, audience=audience, filters=filters
    )


def labels(session: Session, by: Dimension, named: Sequence[Owner]) -> dict[Owner, str]:
    """What owners are called: an endpoint by its id in the settings, an app by its title."""
    if by is Dimension.ENDPOINT:
        slugs = {each.id: each.slug for each in endpoints.every(session)}
        return {owner: slugs.get(int(owner), str(owner)) for owner in named}
    if by is Dimension.APP:
        known = apps.known(session)
        return {owner: known.title(str(owner)) or UNKNOWN for owner in named}
    if by is Dimension.USER:
        return {owner: short_user(str(owner)) or UNKNOWN for owner in named}
    return {owner: str(owner) or UNKNOWN for owner in named}


def places(session: Session, by: Dimension, first: Sequence[Owner]) -> Mapping[Owner, int]:
    """The place of each owner among its kind, which never moves; a user's among those shown."""
    if by in OF_PEOPLE:
        return {owner: place for place, owner in enumerate(first)}
    return owners.places(session, by)


def told_of(by: Dimension, found: Mapping[Any, Totals], whole: Totals) -> str:
    """What a reader has to know of a dimension; "" where it is as any other."""
    if by not in OF_PEOPLE:
        return ""
    known = f"{whole.n - found.get('', Totals()).n:,} of {whole.n:,} calls"
    if by is Dimension.USER:
        return f"users are shown as keyed hashes, told by {known}"
    overlap = "a call counts under each of its tags: they overlap, and do not add up to all calls"
    return f"{overlap}; told by {known}"


def days_of_home(session: Session, zone: ZoneInfo, by: Dimension, filters: Filters) -> str:
    """That days are not those of the zone asked for, where they are not."""
    home = facts.home_zone(session).key
    if home == zone.key or not people_in(by, filters):
        return ""
    return f"days of {home}, in which users and tags are summed up"


def _covered(session: Session, asked: Question, wanted: Comparison | None) -> Comparison | None:
    """Only with what is known as a whole, and who called in it where that is asked."""
    if wanted is None or not is_covered(session, wanted.before):
        return None
    asks = people_in(asked.by, asked.filters)
    is_reached = not asks or people.is_within_reach(session, wanted.before)
    return wanted if is_reached else None


def _whole(
    session: Session, asked: Question, window: Window, found: Mapping[Owner, Totals]
) -> Totals:
    if asked.by is not Dimension.TAG:
        return add_up(found.values())
    return _read(session, replace(asked, by=Dimension.ALL), window)[ALL]


def _read(session: Session, asked: Question, window: Window) -> dict[Owner, Totals]:
    return usage.totals(
        session,
        window,
        asked.zone,
        by=asked.by,
        audience=Audience.TEAM,
        filters=asked.filters,
    )


def _probes(session: Session, asked: Question) -> Totals:
    found = usage.totals(
        session,
        asked.window,
        asked.zone,
        audience=Audience.PROBES,
        filters=asked.filters,
    )
    return found[ALL]
