"""Capabilities: what each endpoint was last found able to do, and how fast at length."""

from collections.abc import Collection
from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session

from monitor.domain.calls import Kind
from monitor.domain.capabilities import Capability
from monitor.domain.outcomes import Result
from monitor.storage import codes
from monitor.storage.models.probing import NewestRow
from monitor.storage.queries.call_lines import CallLine, lines


@dataclass(frozen=True, slots=True)
class Tested:
    """The newest test of one capability: `ok`, `wrong_answer`, or why it could not be told."""

    endpoint_id: int
    capability: Capability
    outcome: Result | None
    at_ms: int
    call_id: int | None


def newest_tests(session: Session, endpoint_ids: Collection[int] | None = None) -> list[Tested]:
    """The newest test of each capability, by endpoint."""
    row = NewestRow
    chosen = select(row.endpoint_id, row.capability, row.outcome, row.started_ms, row.call_id)
    chosen = chosen.where(row.kind == Kind.CAPABILITY)
    if endpoint_ids is not None:
        chosen = chosen.where(row.endpoint_id.in_(endpoint_ids))
    return [
        Tested(number, codes.CAPABILITIES[code], outcome, at_ms, call_id)
        for number, code, outcome, at_ms, call_id in session.execute(
            chosen.order_by(row.endpoint_id, row.capability)
        )
    ]


def newest_performances(session: Session, endpoint_ids: Collection[int]) -> dict[int, CallLine]:
    """The newest performance probe of each endpoint, where its call is still kept."""
    row = NewestRow
    chosen = select(row.call_id).where(
        row.kind == Kind.PERFORMANCE, row.endpoint_id.in_(endpoint_ids)
    )
    numbers = [number for number in session.scalars(chosen) if number is not None]
    return {line.endpoint_id: line for line in lines(session, numbers)}
