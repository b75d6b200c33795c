"""Ledger sums: what the rollups should hold, made from calls and slices themselves.

`EXPRESSIONS` are the columns of a usage rollup over the calls.
"""

from collections import Counter
from collections.abc import Iterable, Mapping
from typing import NamedTuple

from sqlalchemy import ColumnElement, case, func, select
from sqlalchemy.orm import Session

from monitor.domain.calls import Origin
from monitor.domain.health import Policy, State
from monitor.domain.histogram import Metric
from monitor.domain.maintenance import cut
from monitor.domain.outcomes import RULINGS, Group, Outcome, Result
from monitor.domain.prices import CostState
from monitor.domain.usage import LEAVES, UsageState
from monitor.domain.windows import BUCKET_MS, Window, split_by_bucket
from monitor.storage import maintenance
from monitor.storage.models.ledger import CallDetailRow, CallRow
from monitor.storage.queries import slices
from monitor.storage.queries.measures import GOOD, UNITS
from monitor.storage.queries.totals import SUMS

_BUCKET = CallRow.started_ms // BUCKET_MS


def _count(condition: ColumnElement[bool]) -> ColumnElement[int]:
    return func.coalesce(func.sum(case((condition, 1), else_=0)), 0)


def _in_group(group: Group) -> ColumnElement[int]:
    results = [result for result, ruling in RULINGS.items() if ruling.group is group]
    return _count(CallRow.outcome.in_(results))


def _expressions() -> Iterable[tuple[str, ColumnElement[int]]]:
    yield "n", func.count()
    yield from ((f"n_{group}", _in_group(group)) for group in Group)
    yield "n_wrong", _count(CallRow.outcome == Outcome.WRONG_ANSWER)
    yield from ((f"n_{state}", _count(CallRow.usage_state == state)) for state in UsageState)
    yield from ((f"n_{state}", _count(CallRow.cost_state == state)) for state in CostState)
    for column in (*LEAVES, "cost_nano_usd"):
        yield column, func.coalesce(func.sum(getattr(CallRow, column)), 0)


_BY_NAME: Mapping[str, ColumnElement[int]] = dict(_expressions())

#: One expression for each of `SUMS`, in their order.
EXPRESSIONS: tuple[ColumnElement[int], ...] = tuple(_BY_NAME[name] for name in SUMS)


class UsageKey(NamedTuple):
    """Whose usage, and when: `at` is a bucket or a day."""

    at: int
    endpoint_id: int
    attribution_id: int
    origin: Origin


class LatencyKey(NamedTuple):
    """Whose values, of what, and when: `at` is a bucket or a day."""

    at: int
    endpoint_id: int
    origin: Origin
    metric: Metric


class FailureKey(NamedTuple):
    """Whose failures, of which class, in which bucket."""

    at: int
    endpoint_id: int
    origin: Origin
    outcome: Result


class HealthKey(NamedTuple):
    """Whose time, in which state, and when: `at` is a bucket or a day."""

    at: int
    endpoint_id: int
    policy: Policy
    state: State
    in_maintenance: bool


def usage(session: Session, window: Window) -> dict[UsageKey, tuple[int, ...]]:
    """The sums, in the order of `SUMS`, of the calls that started in a window, by bucket."""
    keys = (_BUCKET, CallRow.endpoint_id, CallRow.attribution_id, CallRow.origin)
    chosen = select(*keys, *EXPRESSIONS).where(*_within(window)).group_by(*keys)
    return {UsageKey(*row[:4]): tuple(row[4:]) for row in session.execute(chosen)}


def latency(session: Session, window: Window) -> dict[LatencyKey, int]:
    """How many values the good calls have that started in a window, by bucket."""
    keys = (_BUCKET, CallRow.endpoint_id, CallRow.origin)
    counts = [func.count(units) for units in UNITS.values()]
    chosen = (
        select(*keys, *counts)
        .outerjoin(CallDetailRow, CallDetailRow.call_id == CallRow.id)
        .where(*_within(window), CallRow.outcome.in_(GOOD))
        .group_by(*keys)
    )
    return {
        LatencyKey(at, number, origin, metric): n
        for at, number, origin, *found in session.execute(chosen)
        for metric, n in zip(UNITS, found, strict=True)
        if n
    }


def failures(session: Session, window: Window) -> dict[FailureKey, int]:
    """How many calls of each class failed that started in a window, by bucket."""
    keys = (_BUCKET, CallRow.endpoint_id, CallRow.origin, CallRow.outcome)
    chosen = select(*keys, func.count()).where(*_within(window), CallRow.outcome.not_in(GOOD))
    return {FailureKey(*row[:4]): row[4] for row in session.execute(chosen.group_by(*keys))}


def health(session: Session, window: Window) -> Counter[HealthKey]:
    """The milliseconds of the settled slices in a window, by bucket, in maintenance or not."""
    sums: Counter[HealthKey] = Counter()
    held = maintenance.held(session, window)
    for policy in Policy:
        for number, from_ms, to_ms, state in slices.between(session, window, policy):
            for part, is_held in cut(Window(from_ms, to_ms), held.get(number, ())):
                for bucket, ms in split_by_bucket(part):
                    sums[HealthKey(bucket, number, policy, state, is_held)] += ms
    return sums


def _within(window: Window) -> tuple[ColumnElement[bool], ...]:
    return CallRow.started_ms >= window.from_ms, CallRow.started_ms < window.to_ms
