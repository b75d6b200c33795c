"""Extents: the time that sums are of, as home days, buckets and the ends beside them."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

from sqlalchemy.orm import Session

from monitor.domain.cover import Cover
from monitor.domain.windows import BUCKET_MS
from monitor.storage.models.rollups import UsageDay
from monitor.storage.queries import usage_rows
from monitor.storage.queries.owners import Whose
from monitor.storage.queries.totals import Totals
from monitor.storage.queries.usage_rows import Keys, Rows, Span


@dataclass(frozen=True, slots=True)
class Extent:
    """What of a window or of several spans is read where.

    `days` are home days, as one or `are_apart`; `spans` are of buckets and apart; `rest` is what
    of one window lies beside its days.
    """

    days: range = range(0)
    are_apart: bool = False
    spans: Sequence[Span] = ()
    rest: Cover | None = None


class Part(NamedTuple):
    """Totals of one span of time, by the values of keys."""

    at: int
    keys: tuple[Any, ...]
    totals: Totals


def of_cover(parts: Cover) -> Extent:
    """One window."""
    return Extent(days=parts.days, rest=parts)


def read(session: Session, extent: Extent, whose: Whose, keys: Keys) -> Iterator[Part]:
    """The sums of an extent, many parts of the same keys."""
    for rows in _rows(extent, whose, keys):
        yield from parted(session.execute(rows), len(keys))


def parted(found: Iterable[Sequence[Any]], n_keys: int) -> Iterator[Part]:
    """Rows as parts."""
    for at, *row in found:
        yield Part(at, tuple(row[:n_keys]), Totals(*row[n_keys:]))


def beside(extent: Extent) -> list[Span]:
    """All that lies beside whole days, as spans of instants (ms)."""
    spans = [Span(at, first * BUCKET_MS, stop * BUCKET_MS) for at, first, stop in extent.spans]
    if extent.rest is not None:
        runs = extent.rest.buckets
        spans += [Span(0, run.start * BUCKET_MS, run.stop * BUCKET_MS) for run in runs]
        spans += [Span(0, edge.from_ms, edge.to_ms) for edge in extent.rest.edges]
    return sorted(spans, key=lambda span: span.first)


def _rows(extent: Extent, whose: Whose, keys: Keys) -> Iterator[Rows]:
    if extent.days:
        of_days = usage_rows.of_each_day if extent.are_apart else usage_rows.of_days
        yield of_days(UsageDay, extent.days, whose, keys)
    if extent.spans:
        yield usage_rows.of_spans(extent.spans, whose, keys)
    if extent.rest is not None:
        yield from (usage_rows.of_buckets(run, whose, keys) for run in extent.rest.buckets)
        yield from (usage_rows.of_ledger(edge, whose, keys) for edge in extent.rest.edges)
