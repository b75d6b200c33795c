"""Usage: calls, tokens and money of a window, by whose they are.

A call belongs to the bucket and day of its start. Reach checks are made to targets, which have
no model: they are in no figure here unless a target's id is asked for.
"""

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, NamedTuple, assert_never
from zoneinfo import ZoneInfo

from sqlalchemy import ColumnElement, Select, exists, func, literal, select
from sqlalchemy.orm import InstrumentedAttribute, Session

from monitor.domain.calls import Origin
from monitor.domain.cover import Cover, cover, cover_days
from monitor.domain.windows import Window
from monitor.storage.facts import home_zone
from monitor.storage.models.ledger import AttributionRow, CallRow, EndpointRow
from monitor.storage.models.rollups import Usage15m, UsageDay
from monitor.storage.queries.ledger_sums import EXPRESSIONS
from monitor.storage.queries.totals import SUMS, Totals, add_up

Owner = str | int
Rows = Select[*tuple[Any, ...]]
Source = Usage15m | UsageDay | CallRow

#: The one owner of `Dimension.ALL`.
ALL = "all"


class Dimension(StrEnum):
    """By what totals are kept apart: ids for endpoints, else names; "" is a name not known."""

    ALL = "all"
    ENDPOINT = "endpoint"
    MODEL = "model"
    PROVIDER = "provider"
    TEAM = "team"
    APP = "app"


class Audience(StrEnum):
    """Whose calls count: a team's figures are without the probes."""

    TEAM = "team"
    PROBES = "probes"
    EVERYONE = "everyone"


@dataclass(frozen=True, slots=True)
class DayTotals:
    """One day (proleptic ordinal in the zone asked for)."""

    day: int
    totals: Totals


class Whose(NamedTuple):
    """Which calls are asked for, and how they are kept apart."""

    by: Dimension
    audience: Audience
    endpoint_ids: Collection[int] | None


def totals(
    session: Session,
    window: Window,
    zone: ZoneInfo,
    *,
    by: Dimension = Dimension.ALL,
    audience: Audience = Audience.EVERYONE,
    endpoint_ids: Collection[int] | None = None,
) -> dict[Owner, Totals]:
    """The calls that started in a window; owners without a call are left out, but for `ALL`."""
    whose = Whose(by, audience, endpoint_ids)
    owners = _owners(session, by)
    return _sum(session, cover(window, zone, home_zone(session)), whose, owners)


def by_day(
    session: Session,
    first_day: int,
    last_day: int,
    zone: ZoneInfo,
    *,
    by: Dimension = Dimension.ALL,
    audience: Audience = Audience.EVERYONE,
    endpoint_ids: Collection[int] | None = None,
) -> dict[Owner, list[DayTotals]]:
    """Every day from the first to the last, both included, of each owner with a call in them.

    Days without a call have totals of zero calls.
    """
    run = range(first_day, last_day + 1)
    whose = Whose(by, audience, endpoint_ids)
    found = dict(_sum_days(session, run, zone, whose))
    owners = dict.fromkeys(owner for sums in found.values() for owner in sums)
    return {
        owner: [DayTotals(day, found.get(day, {}).get(owner, Totals())) for day in run]
        for owner in owners
    }


def has_team_calls(session: Session) -> bool:
    """Whether any source but our own probes has ever brought a call."""
    return bool(session.scalar(select(exists().where(UsageDay.origin != Origin.PROBE))))


def _sum_days(
    session: Session, days: range, zone: ZoneInfo, whose: Whose
) -> Iterator[tuple[int, dict[Owner, Totals]]]:
    home, owners = home_zone(session), _owners(session, whose.by)
    if zone.key != home.key:
        for day in days:
            yield day, _sum(session, cover_days(range(day, day + 1), zone, home), whose, owners)
        return
    found: defaultdict[int, list[tuple[int, Totals]]] = defaultdict(list)
    for day, number, *row in session.execute(_rolled(UsageDay.day, days, whose, UsageDay.day)):
        found[day].append((number, Totals(*row)))
    yield from ((day, _by_owner(pairs, whose.by, owners)) for day, pairs in found.items())


def _sum(
    session: Session, parts: Cover, whose: Whose, owners: Mapping[int, Owner]
) -> dict[Owner, Totals]:
    chosen = [_rolled(UsageDay.day, parts.days, whose)] if parts.days else []
    chosen += [_rolled(Usage15m.bucket, run, whose) for run in parts.buckets]
    chosen += [_ledger(edge, whose) for edge in parts.edges]
    rows = [row for each in chosen for row in session.execute(each)]
    return _by_owner([(number, Totals(*row)) for number, *row in rows], whose.by, owners)


#: Built once: hundreds of expressions, of which a page needs several sets.
_SUMS_OF: dict[type[Usage15m | UsageDay], list[ColumnElement[int]]] = {
    row: [func.coalesce(func.sum(getattr(row, name)), 0) for name in SUMS]
    for row in (Usage15m, UsageDay)
}


def _rolled(
    at: InstrumentedAttribute[int], run: range, whose: Whose, *places: InstrumentedAttribute[int]
) -> Rows:
    row = Usage15m if at.class_ is Usage15m else UsageDay
    return _grouped(row, _SUMS_OF[row], whose, *places).where(at >= run.start, at < run.stop)


def _ledger(edge: Window, whose: Whose) -> Rows:
    return _grouped(CallRow, EXPRESSIONS, whose).where(
        CallRow.started_ms >= edge.from_ms, CallRow.started_ms < edge.to_ms
    )


def _grouped(
    row: type[Source],
    sums: Sequence[ColumnElement[int]],
    whose: Whose,
    *places: InstrumentedAttribute[int],
) -> Rows:
    numbers = _numbers(row, whose.by)
    chosen = select(*places, *(numbers or (literal(0),)), *sums)
    chosen = chosen.where(row.endpoint_id.in_(_endpoints(whose.endpoint_ids)))
    match whose.audience:
        case Audience.TEAM:
            chosen = chosen.where(row.origin != Origin.PROBE)
        case Audience.PROBES:
            chosen = chosen.where(row.origin == Origin.PROBE)
        case Audience.EVERYONE:
            pass
        case _:
            assert_never(whose.audience)
    return chosen.group_by(*places, *numbers)


def _endpoints(endpoint_ids: Collection[int] | None) -> Collection[int] | Select[int]:
    if endpoint_ids is not None:
        return endpoint_ids
    return select(EndpointRow.id).where(EndpointRow.model.is_not(None))


def _numbers(row: type[Source], by: Dimension) -> tuple[InstrumentedAttribute[int], ...]:
    """The column whose values `_owners` names."""
    match by:
        case Dimension.ALL:
            return ()
        case Dimension.ENDPOINT | Dimension.MODEL | Dimension.PROVIDER:
            return (row.endpoint_id,)
        case Dimension.TEAM | Dimension.APP:
            return (row.attribution_id,)
        case _:
            assert_never(by)


def _owners(session: Session, by: Dimension) -> dict[int, Owner]:
    match by:
        case Dimension.ALL:
            return {0: ALL}
        case Dimension.ENDPOINT:
            chosen: Rows = select(EndpointRow.id, EndpointRow.id)
        case Dimension.MODEL:
            chosen = select(EndpointRow.id, func.coalesce(EndpointRow.model, ""))
        case Dimension.PROVIDER:
            chosen = select(EndpointRow.id, EndpointRow.provider)
        case Dimension.TEAM:
            chosen = select(AttributionRow.id, AttributionRow.team)
        case Dimension.APP:
            chosen = select(AttributionRow.id, AttributionRow.app)
        case _:
            assert_never(by)
    return {row[0]: row[1] for row in session.execute(chosen)}


def _by_owner(
    pairs: Iterable[tuple[int, Totals]], by: Dimension, owners: Mapping[int, Owner]
) -> dict[Owner, Totals]:
    parts: defaultdict[Owner, list[Totals]] = defaultdict(list)
    if by is Dimension.ALL:
        parts[ALL] = []
    for number, part in pairs:
        parts[owners[number]].append(part)
    return {owner: add_up(found) for owner, found in parts.items()}
