"""Rollup sums: what the rollups do hold, keyed as `ledger_sums` keys what they should."""

from dataclasses import dataclass

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from monitor.domain.histogram import decode
from monitor.domain.windows import BUCKET_MS
from monitor.storage.models.health import HealthRow
from monitor.storage.models.ledger import CallDetailRow, CallRow, EndpointRow
from monitor.storage.models.rollups import (
    Failure15m,
    Health15m,
    HealthDay,
    Latency15m,
    LatencyDay,
    Usage15m,
    UsageDay,
)
from monitor.storage.queries.ledger_sums import FailureKey, HealthKey, LatencyKey, UsageKey
from monitor.storage.queries.totals import SUMS


@dataclass(frozen=True, slots=True)
class Extent:
    """From when to when there is anything to compare; `None` where there is none of it.

    Details of calls and buckets of latency are kept for less time: they begin where they begin.
    """

    first_ms: int
    last_ms: int
    detail_from_ms: int | None
    latency_from_ms: int | None


def extent(session: Session) -> Extent | None:
    """What there is to compare; `None` in an empty ledger."""
    starts = (
        select(func.min(CallRow.started_ms)),
        select(func.min(Usage15m.bucket) * BUCKET_MS),
        select(func.min(Health15m.bucket) * BUCKET_MS),
        select(func.min(HealthRow.created_ms)),
    )
    ends = (
        select(func.max(CallRow.started_ms)),
        select(func.max(Usage15m.bucket) * BUCKET_MS),
        select(func.max(Health15m.bucket) * BUCKET_MS),
        select(func.max(HealthRow.settled_ms)),
    )
    first, last = ([session.scalar(each) for each in bounds] for bounds in (starts, ends))
    if not any(each is not None for each in first):
        return None
    return Extent(
        first_ms=min(each for each in first if each is not None),
        last_ms=max(each for each in last if each is not None),
        detail_from_ms=session.scalar(select(func.min(CallDetailRow.started_ms))),
        latency_from_ms=session.scalar(select(func.min(Latency15m.bucket) * BUCKET_MS)),
    )


def usage(
    session: Session, row: type[Usage15m | UsageDay], run: range
) -> dict[UsageKey, tuple[int, ...]]:
    """The sums, in the order of `SUMS`, of a run of buckets or days."""
    at = Usage15m.bucket if row is Usage15m else UsageDay.day
    sums = [getattr(row, name) for name in SUMS]
    chosen = select(at, row.endpoint_id, row.attribution_id, row.origin, *sums)
    found = session.execute(chosen.where(at >= run.start, at < run.stop))
    return {UsageKey(*each[:4]): tuple(each[4:]) for each in found}


def latency(
    session: Session, row: type[Latency15m | LatencyDay], run: range
) -> dict[LatencyKey, int]:
    """How many values the histograms of a run of buckets or days hold."""
    at = Latency15m.bucket if row is Latency15m else LatencyDay.day
    chosen = select(at, row.endpoint_id, row.origin, row.metric, row.histogram)
    return {
        LatencyKey(*each[:4]): sum(decode(each[4]).values())
        for each in session.execute(chosen.where(at >= run.start, at < run.stop))
    }


def failures(session: Session, run: range) -> dict[FailureKey, int]:
    """How many calls of each class failed in a run of buckets."""
    row = Failure15m
    chosen = select(row.bucket, row.endpoint_id, row.origin, row.outcome, row.n)
    # The table is led by the endpoint: each is looked up.
    chosen = chosen.where(row.endpoint_id.in_(select(EndpointRow.id)))
    found = session.execute(chosen.where(row.bucket >= run.start, row.bucket < run.stop))
    return {FailureKey(*each[:4]): each[4] for each in found}


def health(session: Session, row: type[Health15m | HealthDay], run: range) -> dict[HealthKey, int]:
    """The milliseconds of a run of buckets or days, in maintenance or not."""
    at = Health15m.bucket if row is Health15m else HealthDay.day
    chosen = select(at, row.endpoint_id, row.policy, row.state, row.in_maintenance, row.ms)
    found = session.execute(chosen.where(at >= run.start, at < run.stop))
    return {HealthKey(*each[:5]): each[5] for each in found}
