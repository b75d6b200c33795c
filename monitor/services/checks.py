"""Checks: what one probe found, as JSON for scripts. Durations in s, money in nano-dollars."""

from typing import Any

from monitor.domain.calls import Call, Detail
from monitor.domain.outcomes import RULINGS
from monitor.domain.prices import CostState
from monitor.services.calls import Receipt
from monitor.storage.engine import Database, DatabaseRefused
from monitor.storage.queries import calls
from monitor.storage.queries.calls import CallFull

_TIMINGS = {
    "connect": "connect_s",
    "tls": "tls_s",
    "first_byte": "first_byte_s",
    "ttft": "ttft_s",
    "total": "total_s",
}


def describe(call: Call, cost_nano_usd: int | None, cost_state: CostState | None) -> dict[str, Any]:
    """A call with what it cost. What is not known is null."""
    detail = call.detail or Detail()
    return {
        "endpoint": call.endpoint,
        "started_ms": call.started_ms,
        "outcome": call.outcome.value,
        "blame": RULINGS[call.outcome].blame.value,
        "http_status": call.http_status,
        "provider_code": detail.provider_code,
        "phase": call.phase.value,
        "timings_s": {name: getattr(call.timings, field) for name, field in _TIMINGS.items()},
        "usage": None if call.usage is None else call.usage._asdict(),
        "usage_state": call.usage_state.value,
        "cost_nano_usd": cost_nano_usd,
        "cost_state": None if cost_state is None else cost_state.value,
        "request_id": detail.request_id,
        "excerpt": detail.excerpt,
        "witness": detail.witness,
        "capability": detail.capability,
    }


def describe_recorded(database: Database, call: Call, receipt: Receipt) -> dict[str, Any]:
    """A recorded call with its cost as the ledger has it, null while it is in the spool."""
    full = None if receipt.call_id is None else _look_up(database, receipt.call_id)
    cost = (call.cost_nano_usd, call.cost_state)
    if full is not None:
        cost = (full.line.cost_nano_usd, full.line.cost_state)
    return describe(call, *cost) | {"call_id": receipt.call_id}


def _look_up(database: Database, call_id: int) -> CallFull | None:
    try:
        with database.reading() as session:
            return calls.detail(session, call_id)
    except DatabaseRefused:
        return None
