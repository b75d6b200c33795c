"""Failures: what went wrong with calls, by class, in a window and over time.

All callers count, probes and teams, and reachability checks where their target is asked for.
"""

from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from zoneinfo import ZoneInfo

from sqlalchemy import Select, func, select
from sqlalchemy.orm import Session

from monitor.domain.cover import cover_buckets
from monitor.domain.outcomes import Result
from monitor.domain.steps import Steps
from monitor.domain.windows import Window, bucket_start_ms, day_of, day_window
from monitor.storage.facts import home_zone
from monitor.storage.models.ledger import CallRow
from monitor.storage.models.rollups import Failure15m, Usage15m, UsageDay
from monitor.storage.queries.measures import GOOD

Rows = Iterable[tuple[int, Result, int]]


@dataclass(frozen=True, slots=True)
class Step:
    """The calls that started in one step, and the failed ones among them by class."""

    from_ms: int
    calls: int
    failed: Mapping[Result, int]


def counts(
    session: Session, window: Window, endpoint_ids: Collection[int]
) -> dict[int, Counter[Result]]:
    """How often each class befell each endpoint in a window; those without any are left out."""
    parts = cover_buckets(window)
    result: defaultdict[int, Counter[Result]] = defaultdict(Counter)
    for run in parts.buckets:
        for number, outcome, n in _rolled(session, run, endpoint_ids):
            result[number][outcome] += n
    for edge in parts.edges:
        for number, outcome, n in _listed(session, edge, endpoint_ids):
            result[number][outcome] += n
    return dict(result)


def over_time(
    session: Session, steps: Steps, zone: ZoneInfo, endpoint_ids: Collection[int]
) -> list[Step]:
    """All of these endpoints together, step by step; `zone` is the one that steps of days are in.

    Where nobody called, `calls` is 0: that nothing failed then says nothing.
    """
    failed = [Counter[Result]() for _ in steps.starts]
    row, run = Failure15m, steps.buckets
    chosen = (
        select(row.bucket, row.outcome, func.sum(row.n))
        .where(row.endpoint_id.in_(endpoint_ids), row.bucket >= run.start, row.bucket < run.stop)
        .group_by(row.bucket, row.outcome)
    )
    for bucket, outcome, n in session.execute(chosen):
        failed[steps.place_of(bucket_start_ms(bucket))][outcome] += n
    made = _calls(session, steps, zone, endpoint_ids)
    return [Step(*each) for each in zip(steps.starts, made, failed, strict=True)]


def _rolled(session: Session, run: range, endpoint_ids: Collection[int]) -> Rows:
    row = Failure15m
    chosen = (
        select(row.endpoint_id, row.outcome, func.sum(row.n))
        .where(row.endpoint_id.in_(endpoint_ids), row.bucket >= run.start, row.bucket < run.stop)
        .group_by(row.endpoint_id, row.outcome)
    )
    return ((number, outcome, n) for number, outcome, n in session.execute(chosen))


def _listed(session: Session, edge: Window, endpoint_ids: Collection[int]) -> Rows:
    row = CallRow
    chosen = (
        select(row.endpoint_id, row.outcome, func.count())
        .where(row.endpoint_id.in_(endpoint_ids), row.outcome.not_in(GOOD))
        .where(row.started_ms >= edge.from_ms, row.started_ms < edge.to_ms)
        .group_by(row.endpoint_id, row.outcome)
    )
    return ((number, outcome, n) for number, outcome, n in session.execute(chosen))


def _calls(
    session: Session, steps: Steps, zone: ZoneInfo, endpoint_ids: Collection[int]
) -> list[int]:
    """How many calls started in each step: of day rows where steps are home days."""
    whole = steps.whole
    first, last = (day_of(at_ms, zone) for at_ms in (whole.from_ms, whole.to_ms - 1))
    days = range(first, last + 1)
    is_home = zone.key == home_zone(session).key
    if is_home and [day_window(day, zone).from_ms for day in days] == list(steps.starts):
        chosen = _summed(UsageDay, endpoint_ids).where(
            UsageDay.day >= days.start, UsageDay.day < days.stop
        )
        found = [(day_window(day, zone).from_ms, n) for day, n in session.execute(chosen)]
    else:
        run = steps.buckets
        chosen = _summed(Usage15m, endpoint_ids).where(
            Usage15m.bucket >= run.start, Usage15m.bucket < run.stop
        )
        found = [(bucket_start_ms(bucket), n) for bucket, n in session.execute(chosen)]
    made = [0] * len(steps.starts)
    for at_ms, n in found:
        made[steps.place_of(at_ms)] += n
    return made


def _summed(row: type[Usage15m | UsageDay], endpoint_ids: Collection[int]) -> Select[int, int]:
    at = Usage15m.bucket if row is Usage15m else UsageDay.day
    return select(at, func.sum(row.n)).where(row.endpoint_id.in_(endpoint_ids)).group_by(at)
