"""Calls that are probes: a reply, as the ledger wants it."""

from monitor.domain.calls import Call, Kind, Origin
from monitor.domain.outcomes import Result
from monitor.domain.prices import CostState
from monitor.domain.usage import UsageState
from monitor.wire.replies import Reply


def call_from(
    reply: Reply, outcome: Result, endpoint: str, kind: Kind, span_ms: tuple[int, int]
) -> Call:
    """The call of a probe that began and ended at `span_ms`; its gap is the scheduler's to add."""
    started_ms, ended_ms = span_ms
    is_reported = reply.cost_nano_usd is not None
    return Call(
        endpoint=endpoint,
        origin=Origin.PROBE,
        kind=kind,
        started_ms=started_ms,
        ended_ms=max(started_ms, ended_ms),
        outcome=outcome,
        http_status=reply.http_status,
        phase=reply.phase,
        timings=reply.timings,
        usage=reply.usage,
        usage_state=UsageState.MISSING if reply.usage is None else UsageState.MEASURED,
        cost_nano_usd=reply.cost_nano_usd,
        cost_state=CostState.REPORTED if is_reported else None,
        service_tier=reply.service_tier,
        detail=reply.detail,
    )
