"""Usage: calls, tokens and money of a window, by whose they are.

    usage.totals(session, window, zone, by=…, audience=…, filters=…)    → {owner: Totals}
    usage.by_day(session, first, last, zone, by=…, audience=…, filters=…) → {owner: [DayTotals]}
    usage.over_time(session, steps, zone, by=…, audience=…, filters=…)  → {owner: [StepTotals]}

All serve usage and spend: `Totals` has tokens, nano-dollars and how much of them is known. Any
dimension, any zone, exact at its midnights; `audience=Audience.TEAM` for what is called a team's.
Days of users and tags, or of calls chosen by them, are those of the home zone, whatever the zone;
all three raise `OutOfReachError` where `known_people` reads no more. Rank what is found with
`ranking.rank`.

A call belongs to the bucket and day of its start. Reach checks are made to targets, which have
no model: they are in no figure here unless a target's id is asked for.
"""

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import exists, select
from sqlalchemy.orm import Session

from monitor.domain.calls import Origin
from monitor.domain.cover import cover
from monitor.domain.dimensions import EVERYTHING, OF_PEOPLE, Dimension, Filters
from monitor.domain.steps import Steps
from monitor.domain.windows import Window, bucket_of, day_window
from monitor.storage.facts import home_zone
from monitor.storage.models.rollups import UsageDay
from monitor.storage.queries import extents, people
from monitor.storage.queries.extents import Extent
from monitor.storage.queries.owners import ALL, Audience, Owner, Whose, asked, keys_of, names
from monitor.storage.queries.totals import Totals, add_up
from monitor.storage.queries.usage_rows import Span

Gathered = Mapping[int, dict[Owner, Totals]]


@dataclass(frozen=True, slots=True)
class DayTotals:
    """One day (proleptic ordinal in the zone asked for)."""

    day: int
    totals: Totals


@dataclass(frozen=True, slots=True)
class StepTotals:
    """One step, by its first instant."""

    from_ms: int
    totals: Totals


def totals(
    session: Session,
    window: Window,
    zone: ZoneInfo,
    *,
    by: Dimension = Dimension.ALL,
    audience: Audience = Audience.EVERYONE,
    endpoint_ids: Collection[int] | None = None,
    filters: Filters = EVERYTHING,
) -> dict[Owner, Totals]:
    """The calls that started in a window; owners without a call are left out, but for `ALL`."""
    whose = asked(session, by, audience, endpoint_ids, filters)
    if whose.people:
        extent = people.of_window(session, window)
    else:
        extent = extents.of_cover(cover(window, zone, home_zone(session)))
    found = _read(session, extent, whose).get(0, {})
    return {ALL: found.get(ALL, Totals())} if by is Dimension.ALL else found


def by_day(
    session: Session,
    first_day: int,
    last_day: int,
    zone: ZoneInfo,
    *,
    by: Dimension = Dimension.ALL,
    audience: Audience = Audience.EVERYONE,
    endpoint_ids: Collection[int] | None = None,
    filters: Filters = EVERYTHING,
) -> dict[Owner, list[DayTotals]]:
    """Every day from the first to the last, both included, of each owner with a call in them.

    Days without a call have totals of zero calls.
    """
    run = range(first_day, last_day + 1)
    whose = asked(session, by, audience, endpoint_ids, filters)
    if whose.people or zone.key == home_zone(session).key:
        extent = Extent(days=run, are_apart=True)
    else:
        extent = Extent(spans=[_buckets_of(day, zone) for day in run])
    return _by_day(_read(session, extent, whose), run)


def by_day_of_users(
    session: Session,
    first_day: int,
    last_day: int,
    users: Collection[Owner],
    *,
    audience: Audience = Audience.EVERYONE,
    filters: Filters = EVERYTHING,
) -> dict[Owner, list[DayTotals]]:
    """The same of some users alone, by days of the home zone: of all there may be very many."""
    run = range(first_day, last_day + 1)
    whose = asked(session, Dimension.USER, audience, None, filters)._replace(only=users)
    return _by_day(_read(session, Extent(days=run, are_apart=True), whose), run)


def over_time(
    session: Session,
    steps: Steps,
    *,
    by: Dimension = Dimension.ALL,
    audience: Audience = Audience.EVERYONE,
    endpoint_ids: Collection[int] | None = None,
    filters: Filters = EVERYTHING,
    only: Collection[Owner] | None = None,
) -> dict[Owner, list[StepTotals]]:
    """Every step of whole buckets, of each owner with a call in them; of users `only` these."""
    whose = asked(session, by, audience, endpoint_ids, filters)._replace(only=only)
    edges = [bucket_of(at_ms) for at_ms in (*steps.starts, steps.end_ms)]
    spans = [Span(n, *edges[n : n + 2]) for n in range(len(steps.starts))]
    found = _read(session, Extent(spans=spans), whose)
    return {
        owner: [
            StepTotals(at_ms, found.get(n, {}).get(owner, Totals()))
            for n, at_ms in enumerate(steps.starts)
        ]
        for owner in _owners_in(found)
    }


def has_team_calls(session: Session) -> bool:
    """Whether any source but our own probes has ever brought a call."""
    return bool(session.scalar(select(exists().where(UsageDay.origin != Origin.PROBE))))


def _by_day(found: Gathered, run: range) -> dict[Owner, list[DayTotals]]:
    return {
        owner: [DayTotals(day, found.get(day, {}).get(owner, Totals())) for day in run]
        for owner in _owners_in(found)
    }


def _buckets_of(day: int, zone: ZoneInfo) -> Span:
    window = day_window(day, zone)
    return Span(day, bucket_of(window.from_ms), bucket_of(window.to_ms))


def _read(session: Session, extent: Extent, whose: Whose) -> Gathered:
    named = names(session, whose.by)
    parts: defaultdict[tuple[int, Owner], list[Totals]] = defaultdict(list)
    for (at, values, who), part in people.read(session, extent, whose, keys_of(whose.by)).items():
        parts[at, _owner(whose.by, values, who, named)].append(part)
    result: defaultdict[int, dict[Owner, Totals]] = defaultdict(dict)
    for (at, owner), each in parts.items():
        result[at][owner] = each[0] if len(each) == 1 else add_up(each)
    return result


def _owner(by: Dimension, values: Sequence[Any], who: str, named: Mapping[Any, Owner]) -> Owner:
    if by in OF_PEOPLE:
        return who
    return named[values[0]] if values else ALL


def _owners_in(found: Gathered) -> Sequence[Owner]:
    return list(dict.fromkeys(owner for at in sorted(found) for owner in found[at]))
