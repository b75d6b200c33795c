"""Latency: histograms of good calls, merged over windows and steps.

A call belongs to the bucket and day of its start.
"""

from collections import defaultdict
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from typing import NamedTuple
from zoneinfo import ZoneInfo

from sqlalchemy import ColumnElement, select
from sqlalchemy.orm import InstrumentedAttribute, Session

from monitor.domain.calls import Origin
from monitor.domain.cover import cover
from monitor.domain.histogram import SCHEME, Metric, decode
from monitor.domain.windows import (
    BUCKET_MS,
    DAY_MS,
    Window,
    bucket_of,
    day_of,
    day_of_bucket,
    day_window,
)
from monitor.storage.facts import home_zone
from monitor.storage.models.rollups import Latency15m, LatencyDay
from monitor.storage.queries import measures

Histogram = Mapping[int, int]


@dataclass(frozen=True, slots=True)
class Point:
    """The values of the step that starts at an instant; the histogram is empty without any."""

    from_ms: int
    histogram: Histogram


class Whose(NamedTuple):
    """Which values are asked for."""

    metric: Metric
    origin: Origin | None
    endpoint_ids: Collection[int] | None


def histograms(
    session: Session,
    window: Window,
    metric: Metric,
    zone: ZoneInfo,
    *,
    origin: Origin | None = None,
    endpoint_ids: Collection[int] | None = None,
) -> dict[int, Histogram]:
    """The values of each endpoint in a window; endpoints without any are left out."""
    whose = Whose(metric, origin, endpoint_ids)
    parts = cover(window, zone, home_zone(session))
    merged: defaultdict[int, dict[int, int]] = defaultdict(dict)
    for at, run in ((LatencyDay.day, parts.days), *((Latency15m.bucket, r) for r in parts.buckets)):
        for _, number, histogram in _rolled(session, at, run, whose):
            _add(merged[number], histogram)
    for edge in parts.edges:
        for number, k in measures.bins(session, edge, metric, origin, endpoint_ids):
            _add(merged[number], {k: 1})
    return dict(merged)


def series(
    session: Session,
    window: Window,
    metric: Metric,
    step_ms: int,
    zone: ZoneInfo,
    *,
    origin: Origin | None = None,
    endpoint_ids: Collection[int] | None = None,
) -> dict[int, list[Point]]:
    """The values of each endpoint step by step, without holes; endpoints without any are left out.

    A step is a multiple of 15 minutes, counted from the bucket that the window starts in, or a
    day: then steps are the zone's calendar days. First and last step are always whole.
    """
    whose = Whose(metric, origin, endpoint_ids)
    if step_ms == DAY_MS:
        return _by_day(session, window, zone, whose)
    if step_ms % BUCKET_MS or step_ms <= 0:
        raise ValueError(f"a step of {step_ms} ms is no multiple of 15 minutes; choose one")
    starts = range(bucket_of(window.from_ms) * BUCKET_MS, window.to_ms, step_ms)
    first, length = bucket_of(starts.start), step_ms // BUCKET_MS
    run = range(first, first + len(starts) * length)
    rows = _rolled(session, Latency15m.bucket, run, whose)
    placed = ((number, (at - first) // length, histogram) for at, number, histogram in rows)
    return _points(list(starts), placed)


def _by_day(
    session: Session, window: Window, zone: ZoneInfo, whose: Whose
) -> dict[int, list[Point]]:
    days = range(
        day_of(window.from_ms, zone), day_of(max(window.from_ms, window.to_ms - 1), zone) + 1
    )
    starts = [day_window(day, zone).from_ms for day in days]
    if zone.key == home_zone(session).key:
        rows = _rolled(session, LatencyDay.day, days, whose)
        return _points(starts, ((number, day - days.start, h) for day, number, h in rows))
    run = range(bucket_of(starts[0]), bucket_of(day_window(days[-1], zone).to_ms))
    rows = _rolled(session, Latency15m.bucket, run, whose)
    return _points(
        starts, ((number, day_of_bucket(at, zone) - days.start, h) for at, number, h in rows)
    )


def _points(
    starts: list[int], placed: Iterator[tuple[int, int, Histogram]]
) -> dict[int, list[Point]]:
    merged: defaultdict[int, list[dict[int, int]]] = defaultdict(lambda: [{} for _ in starts])
    for number, place, histogram in placed:
        _add(merged[number][place], histogram)
    return {
        number: [Point(*pair) for pair in zip(starts, steps, strict=True)]
        for number, steps in merged.items()
    }


def _rolled(
    session: Session, at: InstrumentedAttribute[int], run: range, whose: Whose
) -> Iterator[tuple[int, int, Histogram]]:
    if not run:
        return
    row = Latency15m if at.class_ is Latency15m else LatencyDay
    where: list[ColumnElement[bool]] = [at >= run.start, at < run.stop]
    where += [row.metric == whose.metric, row.scheme == SCHEME]
    if whose.origin is not None:
        where.append(row.origin == whose.origin)
    if whose.endpoint_ids is not None:
        where.append(row.endpoint_id.in_(whose.endpoint_ids))
    for moment, number, blob in session.execute(
        select(at, row.endpoint_id, row.histogram).where(*where)
    ):
        yield moment, number, decode(blob)


def _add(into: dict[int, int], histogram: Histogram) -> None:
    for k, n in histogram.items():
        into[k] = into.get(k, 0) + n
