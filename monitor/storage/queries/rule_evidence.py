"""What rules of alerts look at: minutes of calls, settled spans, and what stronger rules told."""

from collections import defaultdict
from collections.abc import Collection, Iterable
from typing import Any, NamedTuple

from sqlalchemy import ColumnElement, Select, func, select
from sqlalchemy.orm import Session

from monitor.domain.calls import Kind
from monitor.domain.health import Policy
from monitor.domain.rule_shares import Explained, Minute
from monitor.domain.rules import RuleName
from monitor.domain.windows import HOUR_MS, MINUTE_MS, Window
from monitor.storage.models.health import HealthRow, IncidentRow
from monitor.storage.models.ledger import CallRow, EndpointRow

#: A live call that was recorded this long after its start is looked for nowhere.
_LONGEST_MS = HOUR_MS

Minutes = dict[int, list[Minute]]


class Stand(NamedTuple):
    """How a rule stands at a subject: whether it is open, and when that last changed."""

    is_open: bool
    changed_ms: int


class Watched(NamedTuple):
    """An endpoint of the settings in force, and up to when its states are settled."""

    id: int
    slug: str
    provider: str
    settled_ms: int


def minutes(session: Session, window: Window, endpoint_ids: Collection[int] = ()) -> Minutes:
    """Live calls that were recorded in a span of time, by endpoint and minute; none means all."""
    started = CallRow.started_ms
    chosen = [started >= window.from_ms - _LONGEST_MS, started < window.to_ms]
    if endpoint_ids:
        chosen.append(CallRow.endpoint_id.in_(endpoint_ids))
    return _minutes(session, window, chosen)


def minutes_after(session: Session, window: Window, call_id: int) -> Minutes:
    """As `minutes`, among the calls after a number."""
    return _minutes(session, window, [CallRow.id > call_id])


def last_before(session: Session, at_ms: int, after_id: int | None = None) -> int:
    """The number up to which all calls were recorded before an instant; looked for after one."""
    row = CallRow
    is_near = row.started_ms >= at_ms - _LONGEST_MS if after_id is None else row.id > after_id
    found = session.scalar(select(func.min(row.id)).where(is_near, row.recorded_ms >= at_ms))
    return newest(session)[0] if found is None else found - 1


def newest(session: Session) -> tuple[int, int]:
    """The number of the newest call, and when it was recorded; zeros in an empty ledger."""
    row = CallRow
    chosen = select(row.id, row.recorded_ms).order_by(row.id.desc()).limit(1)
    found = session.execute(chosen).one_or_none()
    return (0, 0) if found is None else (found[0], found[1])


def first_ms(session: Session) -> int:
    """When the first call of the ledger started; 0 in an empty one."""
    return session.scalar(select(func.min(CallRow.started_ms))) or 0


def watched(session: Session) -> list[Watched]:
    """The endpoints that are watched."""
    row, health = EndpointRow, HealthRow
    chosen = (
        select(row.id, row.slug, row.provider, health.settled_ms)
        .join(health, health.endpoint_id == row.id)
        .where(health.policy == Policy.PROVIDER, row.retired_ms.is_(None), row.model.is_not(None))
        .order_by(row.id)
    )
    return [Watched(*found) for found in session.execute(chosen)]


def stands(session: Session, rules: Iterable[RuleName]) -> dict[tuple[str, str], Stand]:
    """How rules stand at the subjects at which they ever opened anything, by rule and subject."""
    row = IncidentRow
    chosen = (
        select(
            row.rule,
            row.subject,
            func.count() - func.count(row.closed_ms),
            func.max(row.confirmed_ms),
            func.max(row.closed_ms),
        )
        .where(row.call_id.is_(None), row.rule.in_(list(rules)))
        .group_by(row.rule, row.subject)
    )
    return {
        (rule, subject): Stand(n_open > 0, max(confirmed_ms, closed_ms or 0))
        for rule, subject, n_open, confirmed_ms, closed_ms in session.execute(chosen)
    }


def explained(session: Session, rule: RuleName, since_ms: int) -> dict[int, list[Explained]]:
    """The incidents of a stronger rule that went on at or after an instant, by endpoint."""
    row = IncidentRow
    chosen: Select[*tuple[Any, ...]] = (
        select(
            row.endpoint_id,
            row.started_ms,
            row.ended_ms,
            row.confirmed_ms,
            row.closed_ms,
        )
        .where(row.endpoint_id.is_not(None), row.rule == rule)
        .where(row.closed_ms.is_(None) | (row.closed_ms >= since_ms))
        .order_by(row.started_ms)
    )
    found: defaultdict[int, list[Explained]] = defaultdict(list)
    for endpoint_id, *instants in session.execute(chosen):
        found[endpoint_id].append(Explained(*instants))
    return dict(found)


def _minutes(session: Session, window: Window, conditions: list[ColumnElement[bool]]) -> Minutes:
    row = CallRow
    minute = (row.recorded_ms // MINUTE_MS).label("minute")
    chosen = (
        select(row.endpoint_id, minute, row.outcome, func.count())
        .where(
            *conditions,
            row.recorded_ms >= window.from_ms,
            row.recorded_ms < window.to_ms,
            row.is_live,
            row.kind != Kind.REACH,
        )
        .group_by(row.endpoint_id, minute, row.outcome)
        .order_by(row.endpoint_id, minute)
    )
    return _group(session.execute(chosen).all())


def _group(rows: Iterable[Any]) -> Minutes:
    counts: dict[tuple[int, int], dict[Any, int]] = {}
    for endpoint_id, minute, outcome, n in rows:
        counts.setdefault((endpoint_id, minute), {})[outcome] = n
    found: defaultdict[int, list[Minute]] = defaultdict(list)
    for (endpoint_id, minute), each in counts.items():
        found[endpoint_id].append(Minute(minute, each))
    return dict(found)
