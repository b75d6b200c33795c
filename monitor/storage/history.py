"""History: calls read back from the ledger as they were written, in their order of recording."""

from collections.abc import Iterator
from dataclasses import replace

from sqlalchemy import Select, func, select

from monitor.domain.calls import Attribution, Call, Detail, Timings
from monitor.domain.prices import Cost, CostState
from monitor.domain.usage import LEAVES, Usage
from monitor.storage.calls import Entry, Written
from monitor.storage.engine import Session
from monitor.storage.models.ledger import AttributionRow, CallDetailRow, CallRow, EndpointRow

CHUNK = 2_000
_US_PER_SECOND = 1_000_000


def calls(session: Session, from_ms: int = 0) -> Iterator[list[Written]]:
    """All calls that started at or after an instant, some thousand at a time.

    Their attribution is known by its number only.
    """
    last = 0
    while rows := session.execute(_chunk(last, from_ms)).all():
        last = rows[-1].CallRow.id
        yield [_written(*row) for row in rows]


def by_key(session: Session, dedupe_key: bytes) -> Written | None:
    """The call that a dedupe key names, with its attribution."""
    row = session.execute(
        select(CallRow, EndpointRow.slug, CallDetailRow, AttributionRow)
        .join(EndpointRow, EndpointRow.id == CallRow.endpoint_id)
        .join(AttributionRow, AttributionRow.id == CallRow.attribution_id)
        .outerjoin(CallDetailRow, CallDetailRow.call_id == CallRow.id)
        .where(CallRow.dedupe_key == dedupe_key)
        .execution_options(populate_existing=True)
    ).first()
    if row is None:
        return None
    number, entry = _written(row[0], row[1], row[2])
    whose = row[3]
    names = (whose.team or None, whose.project or None, whose.app or None, whose.key or None)
    return number, entry._replace(call=replace(entry.call, attribution=Attribution(*names)))


def count(session: Session, from_ms: int = 0) -> int:
    """How many calls started at or after an instant."""
    return session.scalar(select(func.count(CallRow.id)).where(CallRow.started_ms >= from_ms)) or 0


def _chunk(after: int, from_ms: int) -> Select[CallRow, str, CallDetailRow]:
    return (
        select(CallRow, EndpointRow.slug, CallDetailRow)
        .join(EndpointRow, EndpointRow.id == CallRow.endpoint_id)
        .outerjoin(CallDetailRow, CallDetailRow.call_id == CallRow.id)
        .where(CallRow.id > after, CallRow.started_ms >= from_ms)
        .order_by(CallRow.id)
        .limit(CHUNK)
        .execution_options(populate_existing=True)
    )


def _written(row: CallRow, endpoint: str, detail: CallDetailRow | None) -> Written:
    call = Call(
        endpoint=endpoint,
        origin=row.origin,
        kind=row.kind,
        started_ms=row.started_ms,
        ended_ms=row.ended_ms,
        outcome=row.outcome,
        http_status=row.http_status,
        phase=row.phase,
        timings=_timings(row, detail),
        usage=_usage(row),
        usage_state=row.usage_state,
        cost_nano_usd=row.cost_nano_usd if row.cost_state is CostState.REPORTED else None,
        cost_state=row.cost_state,
        attribution=Attribution(),
        gap_s=row.gap_ms / 1000,
        is_live=row.is_live,
        dedupe_key=row.dedupe_key,
        service_tier=row.service_tier,
        detail=None if detail is None else _detail(detail),
    )
    cost = Cost(row.cost_state, row.cost_nano_usd, row.price_list_id)
    entry = Entry(
        call,
        row.endpoint_id,
        row.attribution_id,
        cost,
        row.recorded_ms,
        row.is_live,
        row.gap_ms,
        row.ttft_us,
        row.total_us,
    )
    return row.id, entry


def _timings(row: CallRow, detail: CallDetailRow | None) -> Timings:
    answered = Timings(ttft_s=_seconds(row.ttft_us), total_s=_seconds(row.total_us))
    if detail is None:
        return answered
    return replace(
        answered,
        connect_s=_seconds(detail.connect_us),
        tls_s=_seconds(detail.tls_us),
        first_byte_s=_seconds(detail.first_byte_us),
        loop_lag_s=_seconds(detail.loop_lag_us),
    )


def _usage(row: CallRow) -> Usage | None:
    leaves = [getattr(row, leaf) for leaf in LEAVES]
    return None if leaves[0] is None else Usage(*leaves)


def _detail(row: CallDetailRow) -> Detail:
    return Detail(
        request_id=row.request_id,
        provider_code=row.provider_code,
        finish_reason=row.finish_reason,
        served_model=row.served_model,
        excerpt=row.excerpt,
        usage_reported=row.usage_reported,
        retry_after_s=_seconds(row.retry_after_us),
        is_reused=row.is_reused,
        witness=row.witness,
        estimated_by=row.estimated_by,
        user_hash=row.user_hash,
        tags=tuple((row.tags or {}).items()),
    )


def _seconds(micros: int | None) -> float | None:
    return None if micros is None else micros / _US_PER_SECOND
