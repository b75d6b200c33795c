"""Call lines: calls as a list shows them."""

from collections.abc import Collection
from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session

from monitor.domain.calls import Kind, Origin, Phase
from monitor.domain.outcomes import Result
from monitor.domain.prices import CostState
from monitor.domain.usage import LEAVES, Usage, UsageState
from monitor.storage.models.ledger import AttributionRow, CallRow, EndpointRow


@dataclass(frozen=True, slots=True)
class CallLine:
    """One call in one line. Tokens are `None` where usage is missing."""

    id: int
    endpoint_id: int
    endpoint: str
    model: str | None
    team: str
    app: str
    origin: Origin
    kind: Kind
    outcome: Result
    http_status: int | None
    phase: Phase
    started_ms: int
    ended_ms: int
    ttft_s: float | None
    total_s: float | None
    usage_state: UsageState
    input_tokens: int | None
    output_tokens: int | None
    cost_state: CostState
    cost_nano_usd: int | None


def lines(session: Session, ids: Collection[int]) -> list[CallLine]:
    """The calls of these numbers, the newest first."""
    call, endpoint, attribution = CallRow, EndpointRow, AttributionRow
    chosen = (
        select(call, endpoint.slug, endpoint.model, attribution.team, attribution.app)
        .join(endpoint, endpoint.id == call.endpoint_id)
        .join(attribution, attribution.id == call.attribution_id)
        .where(call.id.in_(ids))
        .order_by(call.started_ms.desc(), call.id.desc())
    )
    return [_line(*row) for row in session.execute(chosen)]


def _line(row: CallRow, slug: str, model: str | None, team: str, app: str) -> CallLine:
    usage = usage_of(row)
    return CallLine(
        id=row.id,
        endpoint_id=row.endpoint_id,
        endpoint=slug,
        model=model,
        team=team,
        app=app,
        origin=row.origin,
        kind=row.kind,
        outcome=row.outcome,
        http_status=row.http_status,
        phase=row.phase,
        started_ms=row.started_ms,
        ended_ms=row.ended_ms,
        ttft_s=seconds(row.ttft_us),
        total_s=seconds(row.total_us),
        usage_state=row.usage_state,
        input_tokens=None if usage is None else usage.input_total,
        output_tokens=None if usage is None else usage.output_total,
        cost_state=row.cost_state,
        cost_nano_usd=row.cost_nano_usd,
    )


def usage_of(row: CallRow) -> Usage | None:
    """The leaves of a call; `None` where its usage is missing."""
    if row.usage_state is UsageState.MISSING:
        return None
    return Usage(**{leaf: getattr(row, leaf) or 0 for leaf in LEAVES})


def seconds(micros: int | None) -> float | None:
    """Seconds of whole microseconds."""
    return None if micros is None else micros / 1_000_000
