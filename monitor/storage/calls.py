"""Calls: rows of the ledger, written through the driver in one list.

The writer numbers its own rows: one transaction at a time writes to a SQLite file, so the next
number is known, and which rows really stand afterwards is asked once, and only where the count
says that some do not.
"""

import json
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, NamedTuple

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from monitor.domain.calls import Call, Detail, Origin
from monitor.domain.prices import Cost
from monitor.domain.usage import LEAVES
from monitor.domain.windows import BUCKET_MS
from monitor.storage import codes, statements
from monitor.storage.models.ledger import CallDetailRow, CallRow

_ORIGIN = codes.codes_of(codes.ORIGINS)
_KIND = codes.codes_of(codes.KINDS)
_PHASE = codes.codes_of(codes.PHASES)
_CAPABILITY = codes.codes_of(codes.CAPABILITIES)
_RESULT = {result: code for code, result in codes.RESULTS.items()}
_USAGE_STATE = codes.codes_of(codes.USAGE_STATES)
_COST_STATE = codes.codes_of(codes.COST_STATES)
_SERVICE_TIER = {None: None} | codes.codes_of(codes.SERVICE_TIERS)
_NO_LEAVES = (None,) * len(LEAVES)
_NO_DETAIL = Detail()

COLUMNS = (
    "id",
    "endpoint_id",
    "attribution_id",
    "origin",
    "kind",
    "outcome",
    "http_status",
    "phase",
    "started_ms",
    "ended_ms",
    "recorded_ms",
    "is_live",
    "gap_ms",
    "ttft_us",
    "total_us",
    "usage_state",
    "cost_state",
    "cost_nano_usd",
    "price_list_id",
    "dedupe_key",
    "service_tier",
    *LEAVES,
)
DETAIL_COLUMNS = (
    "call_id",
    "started_ms",
    "connect_us",
    "tls_us",
    "first_byte_us",
    "loop_lag_us",
    "is_reused",
    "request_id",
    "provider_code",
    "finish_reason",
    "served_model",
    "excerpt",
    "witness",
    "retry_after_us",
    "usage_reported",
    "capability",
    "estimated_by",
    "user_hash",
    "tags",
)


class Entry(NamedTuple):
    """A call ready to be written: its names are numbers, and it is priced."""

    call: Call
    endpoint_id: int
    attribution_id: int
    cost: Cost
    recorded_ms: int
    is_live: bool
    gap_ms: int
    ttft_us: int | None
    total_us: int | None


#: The number of a row, and its entry.
Written = tuple[int, Entry]


class Place(NamedTuple):
    """Where a call counts: the bucket of its start, and whose it is."""

    bucket: int
    endpoint_id: int
    attribution_id: int
    origin: Origin


Placed = Mapping[Place, Sequence[Entry]]


def place(written: Iterable[Written]) -> Placed:
    """Calls by where they count."""
    placed: defaultdict[tuple[int, int, int, Origin], list[Entry]] = defaultdict(list)
    for _, entry in written:
        call = entry[0]
        placed[call.started_ms // BUCKET_MS, entry[1], entry[2], call.origin].append(entry)
    return {Place(*key): entries for key, entries in placed.items()}


def insert(session: Session, entries: Sequence[Entry]) -> list[Written]:
    """Append entries; those whose dedupe key is known already are left out of the answer."""
    first = _next_id(session)
    numbered = list(enumerate(entries, start=first))
    written = statements.run(session, INSERT, [row_of(w) for w in numbered])
    if written != len(numbered):
        numbered = _standing(session, numbered)
    details = [
        _detail_row(number, entry.call) for number, entry in numbered if _has_detail(entry.call)
    ]
    if details:
        statements.run(session, INSERT_DETAIL, details)
    return numbered


def find(session: Session, dedupe_keys: Iterable[bytes]) -> dict[bytes, int]:
    """The rows that hold these dedupe keys."""
    keys = list(dedupe_keys)
    found: dict[bytes, int] = {}
    for start in range(0, len(keys), 500):
        chosen = select(CallRow.dedupe_key, CallRow.id).where(
            CallRow.dedupe_key.in_(keys[start : start + 500])
        )
        found.update((key, number) for key, number in session.execute(chosen) if key is not None)
    return found


def _next_id(session: Session) -> int:
    return (session.scalar(select(func.max(CallRow.id))) or 0) + 1


def _standing(session: Session, numbered: list[Written]) -> list[Written]:
    ids = set(session.scalars(select(CallRow.id).where(CallRow.id >= numbered[0][0])))
    return [w for w in numbered if w[0] in ids]


def row_of(written: Written) -> tuple[Any, ...]:
    """The row of a call, in the order of `COLUMNS`."""
    number, entry = written
    call, endpoint_id, attribution_id, cost, recorded_ms, is_live, gap_ms, ttft_us, total_us = entry
    cost_state, nano_usd, price_list_id = cost
    return (
        number,
        endpoint_id,
        attribution_id,
        _ORIGIN[call.origin],
        _KIND[call.kind],
        _RESULT[call.outcome],
        call.http_status,
        _PHASE[call.phase],
        call.started_ms,
        call.ended_ms,
        recorded_ms,
        is_live,
        gap_ms,
        ttft_us,
        total_us,
        _USAGE_STATE[call.usage_state],
        _COST_STATE[cost_state],
        nano_usd,
        price_list_id,
        call.dedupe_key,
        _SERVICE_TIER[call.service_tier],
        *(_NO_LEAVES if call.usage is None else call.usage),
    )


def _has_detail(call: Call) -> bool:
    timings = call.timings
    return call.detail is not None or not (
        timings.connect_s is None and timings.tls_s is None and timings.first_byte_s is None
    )


def _detail_row(call_id: int, call: Call) -> tuple[Any, ...]:
    timings, detail = call.timings, call.detail or _NO_DETAIL
    return (
        call_id,
        call.started_ms,
        micros(timings.connect_s),
        micros(timings.tls_s),
        micros(timings.first_byte_s),
        micros(timings.loop_lag_s),
        detail.is_reused,
        detail.request_id,
        detail.provider_code,
        detail.finish_reason,
        detail.served_model,
        detail.excerpt,
        detail.witness,
        micros(detail.retry_after_s),
        _json(detail.usage_reported),
        None if detail.capability is None else _CAPABILITY[detail.capability],
        detail.estimated_by,
        detail.user_hash,
        _json(dict(detail.tags)) if detail.tags else None,
    )


def micros(seconds: float | None) -> int | None:
    """Whole microseconds of a duration."""
    return None if seconds is None else round(seconds * 1_000_000)


def _json(value: dict[str, Any] | None) -> str | None:
    return None if value is None else _encode(value)


#: `json.dumps` would make an encoder for each row.
_encode = json.JSONEncoder(default=str).encode
INSERT = statements.insert_once(CallRow.__tablename__, COLUMNS, unique="dedupe_key")
INSERT_DETAIL = statements.insert(CallDetailRow.__tablename__, DETAIL_COLUMNS)
