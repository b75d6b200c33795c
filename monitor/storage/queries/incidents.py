"""Incidents: confirmed failures, open and past."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, Select, func, select
from sqlalchemy.orm import Session

from monitor.domain.findings import cause
from monitor.domain.outcomes import Result
from monitor.domain.rules import RuleName
from monitor.domain.windows import Window
from monitor.storage.models.health import IncidentRow
from monitor.storage.models.ledger import EndpointRow


@dataclass(frozen=True, slots=True)
class Incident:
    """What a rule holds against a subject: from its start to its end.

    One without an endpoint is our own. `outcome` and `call_id` are of the call that confirmed it,
    `None` where `facts` tells what was found; `closed_ms` is when its end was confirmed;
    `unobserved_ms` since when an open one could not be watched.
    """

    id: int
    endpoint_id: int | None
    kind: str
    outcome: Result | None
    started_ms: int
    confirmed_ms: int
    ended_ms: int | None
    closed_ms: int | None
    unobserved_ms: int | None
    rule_version: int
    call_id: int | None
    rule: str
    subject: str
    severity: str
    facts: Mapping[str, Any]

    @property
    def cause(self) -> str:
        """What is wrong, in a few words."""
        return cause(self.rule, self.outcome, self.facts)

    @property
    def is_open(self) -> bool:
        """Whether no recovery is confirmed yet."""
        return self.closed_ms is None


def open_incidents(session: Session) -> list[Incident]:
    """All that are open, the newest first, but for endpoints that are watched no more."""
    watched = select(EndpointRow.id).where(EndpointRow.retired_ms.is_(None))
    is_watched = IncidentRow.endpoint_id.is_(None) | IncidentRow.endpoint_id.in_(watched)
    return _select(session, IncidentRow.closed_ms.is_(None), is_watched)


def network_away(session: Session) -> Incident | None:
    """The notice that the network we watch from is away; `None` while it is there."""
    is_network = IncidentRow.rule == RuleName.NETWORK
    return next(iter(_select(session, is_network, IncidentRow.closed_ms.is_(None))), None)


def recent(
    session: Session,
    window: Window,
    endpoint_ids: Collection[int] | None = None,
    limit: int = 100,
) -> list[Incident]:
    """The newest that a window meets, the newest first."""
    is_after = IncidentRow.ended_ms.is_(None) | (IncidentRow.ended_ms > window.from_ms)
    conditions = [IncidentRow.started_ms < window.to_ms, is_after]
    if endpoint_ids is not None:
        conditions.append(IncidentRow.endpoint_id.in_(endpoint_ids))
    return _select(session, *conditions, limit=limit)


def opened(session: Session, rule: RuleName, window: Window, limit: int = 1_000) -> list[Incident]:
    """The newest incidents of a rule that opened in a window, the newest first."""
    row = IncidentRow
    is_within = (row.confirmed_ms >= window.from_ms) & (row.confirmed_ms < window.to_ms)
    return _select(session, row.rule == rule, is_within, limit=limit)


def count_by_rule(session: Session, window: Window) -> dict[str, int]:
    """How many incidents of each rule opened in a window; a rule without any is left out."""
    row = IncidentRow
    chosen = select(row.rule, func.count()).where(
        row.confirmed_ms >= window.from_ms, row.confirmed_ms < window.to_ms
    )
    return {each[0]: each[1] for each in session.execute(chosen.group_by(row.rule))}


def numbered(session: Session, incident_id: int) -> Incident | None:
    """The incident of a number."""
    return next(iter(_select(session, IncidentRow.id == incident_id)), None)


def _select(
    session: Session, *conditions: ColumnElement[bool], limit: int = 1_000
) -> list[Incident]:
    row = IncidentRow
    chosen: Select[*tuple[Any, ...]] = (
        select(
            row.id,
            row.endpoint_id,
            row.kind,
            row.outcome,
            row.started_ms,
            row.confirmed_ms,
            row.ended_ms,
            row.closed_ms,
            row.unobserved_ms,
            row.rule_version,
            row.call_id,
            row.rule,
            row.subject,
            row.severity,
            row.facts,
        )
        .where(*conditions)
        .order_by(row.started_ms.desc(), row.id.desc())
        .limit(limit)
    )
    return [Incident(*found) for found in session.execute(chosen)]
