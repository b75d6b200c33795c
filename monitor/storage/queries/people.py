"""People: calls by end user or by tag. Only details have these, so the calls themselves are read.

An end user is the hexadecimal digits of his keyed hash, a tag `name=value`; "" are the calls
without. A call counts under each of its tags: tags overlap, and do not add up to all calls.
"""

import json
from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from typing import Any

from sqlalchemy import (
    BigInteger,
    ColumnElement,
    Text,
    cast,
    column,
    func,
    select,
    values,
)
from sqlalchemy.orm import Session

from monitor.domain.dimensions import Dimension, OutOfReachError
from monitor.domain.windows import DAY_MS, HOUR_MS, day_window
from monitor.storage import facts
from monitor.storage.models.ledger import CallDetailRow, CallRow
from monitor.storage.queries.ledger_sums import EXPRESSIONS
from monitor.storage.queries.owners import Owner, Whose, chosen
from monitor.storage.queries.totals import Totals
from monitor.storage.queries.usage_rows import Span

#: So many days, calls, and users or sets of tags a day are read for one question.
MOST_DAYS, MOST_CALLS, MOST_ROWS = 31, 200_000, 50_000


_TOLD: Mapping[Dimension, ColumnElement[Any]] = {
    Dimension.USER: CallDetailRow.user_hash.expression,
    Dimension.TAG: cast(CallDetailRow.tags, Text),
}


def read(
    session: Session, spans: Sequence[Span], whose: Whose
) -> Iterator[tuple[int, Owner, Totals]]:
    """The sums of each owner in spans of instants (ms) that follow each other, many parts each.

    Raises OutOfReachError.
    """
    _demand(session, spans, whose)
    told = _TOLD[whose.by]
    listed = values(*(column(name, BigInteger) for name in Span._fields), name="span")
    span = listed.data([tuple(each) for each in spans]).cte("span")
    within = (CallRow.started_ms >= span.c.first) & (CallRow.started_ms < span.c.stop)
    summed = (
        select(span.c.at, told, *EXPRESSIONS)
        .select_from(CallRow)
        .join(span, within)
        .outerjoin(CallDetailRow, CallDetailRow.call_id == CallRow.id)
        .where(*_chosen(spans, whose))
        .group_by(span.c.at, told)
        .limit(MOST_ROWS + 1)
    )
    rows = session.execute(summed).all()
    if len(rows) > MOST_ROWS:
        raise OutOfReachError(
            f"by={whose.by}: more than {MOST_ROWS:,} {whose.by}s; choose a shorter window"
        )
    for at, of, *sums in rows:
        for owner in _owners(of):
            yield at, owner, Totals(*sums)


def known_from_ms(session: Session) -> int:
    """The instant from which on details are kept, and with them who called."""
    return day_window(_known_from_day(session), facts.home_zone(session)).from_ms


def _known_from_day(session: Session) -> int:
    days = (facts.LEDGER_FROM_DAY, facts.DETAILS_FROM_DAY)
    return max(facts.read_day(session, name) for name in days)


def _demand(session: Session, spans: Sequence[Span], whose: Whose) -> None:
    """Whole days of a window of 31 days may be 32; one of them may have 25 hours."""
    days = MOST_DAYS + (len(spans) > 1)
    if spans[-1].stop - spans[0].first > days * DAY_MS + HOUR_MS:
        raise OutOfReachError(
            f"by={whose.by} reads the calls themselves, of at most {MOST_DAYS} days; "
            "choose a shorter window"
        )
    if spans[0].first < known_from_ms(session):
        day = date.fromordinal(_known_from_day(session)).isoformat()
        raise OutOfReachError(
            f"by={whose.by} is kept with the details of calls, and these since {day}; "
            "choose a window that begins later"
        )
    some = select(CallRow.id).where(*_chosen(spans, whose)).limit(MOST_CALLS + 1).subquery()
    if (session.scalar(select(func.count()).select_from(some)) or 0) > MOST_CALLS:
        raise OutOfReachError(
            f"by={whose.by} reads the calls themselves, at most {MOST_CALLS:,}; "
            "choose a shorter window or a filter"
        )


def _chosen(spans: Sequence[Span], whose: Whose) -> Iterator[ColumnElement[bool]]:
    yield CallRow.started_ms >= spans[0].first
    yield CallRow.started_ms < spans[-1].stop
    yield from chosen(CallRow, whose)


def _owners(told: str | bytes | None) -> list[Owner]:
    if isinstance(told, bytes):
        return [told.hex()]
    tags = json.loads(told) if told else None
    return [f"{name}={value}" for name, value in tags.items()] if tags else [""]
