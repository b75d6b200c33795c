"""Usage rows: how calls are summed, as (at, number of the owner, one sum for each of `SUMS`).

`at` says which of several spans of time a row is of; it is 0 where there is only one.
"""

from collections.abc import Sequence
from typing import Any, NamedTuple

from sqlalchemy import BigInteger, ColumnElement, Select, column, func, literal, select, values
from sqlalchemy.orm import InstrumentedAttribute

from monitor.domain.windows import Window
from monitor.storage.models.ledger import CallRow
from monitor.storage.models.rollups import Usage15m, UsageDay
from monitor.storage.queries.ledger_sums import EXPRESSIONS
from monitor.storage.queries.owners import Source, Whose, chosen, column_of
from monitor.storage.queries.totals import SUMS

Rows = Select[*tuple[Any, ...]]
_ZERO: ColumnElement[int] = literal(0)

#: Built once: hundreds of expressions, of which a page needs several sets.
_SUMS_OF: dict[type[Usage15m | UsageDay], list[ColumnElement[int]]] = {
    row: [func.coalesce(func.sum(getattr(row, name)), 0) for name in SUMS]
    for row in (Usage15m, UsageDay)
}


class Span(NamedTuple):
    """A run of buckets, and what it is called."""

    at: int
    first: int
    stop: int


def of_run(row: type[Usage15m | UsageDay], run: range, whose: Whose) -> Rows:
    """A run of buckets or home days as one."""
    at = Usage15m.bucket if row is Usage15m else UsageDay.day
    return _grouped(row, _SUMS_OF[row], whose).where(at >= run.start, at < run.stop)


def of_days(run: range, whose: Whose) -> Rows:
    """Home days, each apart."""
    day = UsageDay.day
    summed = _grouped(UsageDay, _SUMS_OF[UsageDay], whose, day)
    return summed.where(day >= run.start, day < run.stop)


def of_spans(spans: Sequence[Span], whose: Whose) -> Rows:
    """Spans of whole buckets, each apart: in one question, however many they are."""
    names = (column(name, BigInteger) for name in Span._fields)
    listed = values(*names, name="span").data([tuple(span) for span in spans]).cte("span")
    bucket = Usage15m.bucket
    summed = _grouped(Usage15m, _SUMS_OF[Usage15m], whose, listed.c.at)
    joined = summed.join(listed, (bucket >= listed.c.first) & (bucket < listed.c.stop))
    return joined.where(bucket >= spans[0].first, bucket < spans[-1].stop)


def of_ledger(edge: Window, whose: Whose) -> Rows:
    """The end of a window that is off the bucket edges, from the calls themselves."""
    started_ms = CallRow.started_ms
    summed = _grouped(CallRow, EXPRESSIONS, whose)
    return summed.where(started_ms >= edge.from_ms, started_ms < edge.to_ms)


def _grouped(
    row: type[Source],
    sums: Sequence[ColumnElement[int]],
    whose: Whose,
    at: ColumnElement[int] | InstrumentedAttribute[int] | None = None,
) -> Rows:
    number = column_of(row, whose.by)
    shown = (_ZERO if at is None else at, _ZERO if number is None else number)
    groups = [each for each in (at, number) if each is not None]
    return select(*shown, *sums).select_from(row).where(*chosen(row, whose)).group_by(*groups)
