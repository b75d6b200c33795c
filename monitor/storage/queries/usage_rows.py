"""Usage rows: how calls are summed, as (at, one value for each key, one sum for each of `SUMS`).

`at` says which of several spans of time a row is of; it is 0 where there is only one. Keys are
columns that rollups and the ledger share.
"""

from collections.abc import Sequence
from typing import Any, NamedTuple

from sqlalchemy import BigInteger, ColumnElement, Select, column, func, literal, select, values
from sqlalchemy.orm import InstrumentedAttribute
from sqlalchemy.sql.selectable import CTE

from monitor.domain.windows import Window
from monitor.storage.models.ledger import CallRow
from monitor.storage.models.rollups import TagDay, Usage15m, UsageDay, UserDay
from monitor.storage.queries.ledger_sums import EXPRESSIONS
from monitor.storage.queries.owners import Whose, chosen
from monitor.storage.queries.people_rows import Source
from monitor.storage.queries.totals import SUMS

Rows = Select[*tuple[Any, ...]]
Keys = Sequence[str]
Days = type[UsageDay | UserDay | TagDay]
_Column = ColumnElement[Any] | InstrumentedAttribute[Any]
_ZERO: ColumnElement[int] = literal(0)

#: Built once: hundreds of expressions, of which a page needs several sets.
_SUMS_OF: dict[type[Source], Sequence[ColumnElement[int]]] = {
    CallRow: EXPRESSIONS,
    **{
        row: [func.coalesce(func.sum(getattr(row, name)), 0) for name in SUMS]
        for row in (Usage15m, UsageDay, UserDay, TagDay)
    },
}


class Span(NamedTuple):
    """A run of buckets, or of instants, and what it is called."""

    at: int
    first: int
    stop: int


def of_buckets(run: range, whose: Whose, keys: Keys) -> Rows:
    """A run of buckets as one."""
    bucket = Usage15m.bucket
    return grouped(Usage15m, whose, keys).where(bucket >= run.start, bucket < run.stop)


def of_days(row: Days, run: range, whose: Whose, keys: Keys, more: Sequence[_Column] = ()) -> Rows:
    """A run of home days as one."""
    return grouped(row, whose, keys, more=more).where(row.day >= run.start, row.day < run.stop)


def of_each_day(
    row: Days, run: range, whose: Whose, keys: Keys, more: Sequence[_Column] = ()
) -> Rows:
    """Home days, each apart."""
    summed = grouped(row, whose, keys, row.day, more)
    return summed.where(row.day >= run.start, row.day < run.stop)


def of_spans(spans: Sequence[Span], whose: Whose, keys: Keys) -> Rows:
    """Spans of whole buckets, each apart: in one question, however many they are."""
    listed, bucket = listing(spans), Usage15m.bucket
    summed = grouped(Usage15m, whose, keys, listed.c.at)
    joined = summed.join(listed, (bucket >= listed.c.first) & (bucket < listed.c.stop))
    return joined.where(bucket >= spans[0].first, bucket < spans[-1].stop)


def of_ledger(edge: Window, whose: Whose, keys: Keys) -> Rows:
    """The end of a window that is off the bucket edges, from the calls themselves."""
    started_ms = CallRow.started_ms
    summed = grouped(CallRow, whose, keys)
    return summed.where(started_ms >= edge.from_ms, started_ms < edge.to_ms)


def listing(spans: Sequence[Span]) -> CTE:
    """Spans as rows that others are joined to."""
    names = (column(name, BigInteger) for name in Span._fields)
    return values(*names, name="span").data([tuple(span) for span in spans]).cte("span")


def grouped(
    row: type[Source],
    whose: Whose,
    keys: Keys,
    at: _Column | None = None,
    more: Sequence[_Column] = (),
) -> Rows:
    """The sums of chosen rows, by `at` and keys; `more` columns stand behind the keys."""
    apart = [*(getattr(row, key) for key in keys), *more]
    sums = _SUMS_OF[row]
    groups = apart if at is None else [at, *apart]
    shown = _ZERO if at is None else at
    chosen_rows = select(shown, *apart, *sums).select_from(row).where(*chosen(row, whose))
    return chosen_rows.group_by(*groups)
