"""Known people: calls whose users or tags are known.

Whole home days are read from their own sums, over any window. Parts of days, and users and tags
crossed with each other, are read from the calls themselves, as long as details are kept.
"""

import json
from collections.abc import Callable, Iterator, Sequence
from datetime import date
from typing import Any

from sqlalchemy import ColumnElement, and_, func, or_, select
from sqlalchemy.orm import Session

from monitor.domain import tags
from monitor.domain.dimensions import OF_PEOPLE, Dimension, OutOfReachError
from monitor.domain.windows import DAY_MS, HOUR_MS, day_window
from monitor.storage import facts
from monitor.storage.models.ledger import CallDetailRow, CallRow
from monitor.storage.models.rollups import TagDay, UserDay
from monitor.storage.people import TAGGED
from monitor.storage.queries import extents, people_rows, usage_rows
from monitor.storage.queries.extents import Extent, Part
from monitor.storage.queries.owners import Whose, chosen
from monitor.storage.queries.people_rows import Source, Told
from monitor.storage.queries.usage_rows import Days, Keys, Rows, Span

#: So many days and calls are read call by call for one question, and so many sums in all.
MOST_DAYS, MOST_CALLS, MOST_ROWS = 31, 200_000, 100_000

Namer = Callable[[Any], list[str]]


def known(session: Session, extent: Extent, whose: Whose, keys: Keys) -> Iterator[tuple[str, Part]]:
    """Parts, each with its user or tag where these are kept apart, else with "".

    Raises OutOfReachError.
    """
    row, spans = _days_of(whose), extents.beside(extent)
    if row is None:
        spans = sorted([*spans, *_as_spans(session, extent)], key=lambda span: span.first)
    elif extent.days:
        yield from _fetch(session, _of_days(row, extent, whose, keys), whose, len(keys), _named)
    if spans:
        _demand(session, spans, whose)
        yield from _fetch(session, _of_calls(spans, whose, keys), whose, len(keys), _told)


def _days_of(whose: Whose) -> Days | None:
    """The sums that know all that is asked for; `None`: users and tags, or two tags, at once."""
    if whose.people == {Dimension.USER}:
        return UserDay
    is_crossed = whose.by is Dimension.TAG and whose.filters.tag is not None
    return TagDay if whose.people == {Dimension.TAG} and not is_crossed else None


def _as_spans(session: Session, extent: Extent) -> Iterator[Span]:
    home, days = facts.home_zone(session), extent.days
    if extent.are_apart:
        runs = [(day, range(day, day + 1)) for day in days]
    else:
        runs = [(0, days)] if days else []
    for at, run in runs:
        edges = (day_window(day, home).from_ms for day in (run.start, run.stop))
        yield Span(at, *edges)


def _of_days(row: Days, extent: Extent, whose: Whose, keys: Keys) -> Rows:
    of_days = usage_rows.of_each_day if extent.are_apart else usage_rows.of_days
    rows = of_days(row, extent.days, whose, keys, _tellers(row, whose)).where(*_only(row, whose))
    return rows.where(TagDay.tag != TAGGED) if whose.by is Dimension.TAG else rows


def _of_calls(spans: Sequence[Span], whose: Whose, keys: Keys) -> Rows:
    listed, tellers = usage_rows.listing(spans), _tellers(CallRow, whose)
    within = (CallRow.started_ms >= listed.c.first) & (CallRow.started_ms < listed.c.stop)
    rows = usage_rows.grouped(CallRow, whose, keys, listed.c.at, tellers)
    rows = rows.join(listed, within).where(_around(spans))
    if not tellers:
        return rows
    rows = rows.join(CallDetailRow, CallDetailRow.call_id == CallRow.id)
    return rows.where(*(each.is_not(None) for each in tellers), *_only(CallRow, whose))


def _only(row: type[Source], whose: Whose) -> Iterator[ColumnElement[bool]]:
    if whose.by is Dimension.USER and whose.only is not None:
        hashes = [bytes.fromhex(str(owner)) for owner in whose.only]
        yield from (each.in_(hashes) for each in _tellers(row, whose))


def _around(spans: Sequence[Span]) -> ColumnElement[bool]:
    """The calls in any of some spans: those that follow each other are looked up as one."""
    runs: list[Span] = []
    for span in spans:
        if runs and runs[-1].stop == span.first:
            runs[-1] = runs[-1]._replace(stop=span.stop)
        else:
            runs.append(span)
    started_ms = CallRow.started_ms
    return or_(*(and_(started_ms >= each.first, started_ms < each.stop) for each in runs))


def _tellers(row: type[Source], whose: Whose) -> list[Told]:
    found = people_rows.teller(row, whose.by)
    return [] if found is None else [found]


def _fetch(
    session: Session, rows: Rows, whose: Whose, n_keys: int, namer: Namer
) -> Iterator[tuple[str, Part]]:
    found = session.execute(rows.limit(MOST_ROWS + 1)).all()
    if len(found) > MOST_ROWS:
        raise OutOfReachError(
            f"by={whose.by}: more than {MOST_ROWS:,} sums to look at; choose a shorter window "
            "or a filter"
        )
    n_told = whose.by in OF_PEOPLE
    for at, values, totals in extents.parted(found, n_keys + n_told):
        for who in namer(values[n_keys]) if n_told else [""]:
            yield who, Part(at, values[:n_keys], totals)


def _named(who: str | bytes) -> list[str]:
    return [who.hex() if isinstance(who, bytes) else who]


def _told(who: str | bytes) -> list[str]:
    """The user, or each of the tags, of a call."""
    if isinstance(who, bytes):
        return [who.hex()]
    return [tags.write(*each) for each in (json.loads(who) or {}).items()]


def _demand(session: Session, spans: Sequence[Span], whose: Whose) -> None:
    """Whole days of a window of 31 days may be 32; one of them may have 25 hours."""
    length_ms = sum(span.stop - span.first for span in spans)
    if length_ms > (MOST_DAYS + (len(spans) > 1)) * DAY_MS + HOUR_MS:
        raise OutOfReachError(
            f"users and tags crossed are read call by call, of at most {MOST_DAYS} days; choose a "
            "shorter window, or one of the two"
        )
    if spans[0].first < facts.details_from_ms(session):
        day = date.fromordinal(facts.details_from_day(session)).isoformat()
        home = facts.home_zone(session).key
        raise OutOfReachError(
            "parts of a day, and users and tags crossed, are read call by call, and who called is "
            f"kept so since {day}; choose a window that begins later, or of whole days of {home}"
        )
    some = select(CallRow.id).where(_around(spans), *chosen(CallRow, whose)).limit(MOST_CALLS + 1)
    if (session.scalar(select(func.count()).select_from(some.subquery())) or 0) > MOST_CALLS:
        home = facts.home_zone(session).key
        raise OutOfReachError(
            f"parts of a day, and users and tags crossed, are read call by call, of at most "
            f"{MOST_CALLS:,} calls; choose whole days of {home}, or a filter"
        )
