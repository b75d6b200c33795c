"""Newest: the last probe of each purpose, kept beside the ledger in the same transaction."""

from collections.abc import Iterable
from typing import Any, NamedTuple

from sqlalchemy import select
from sqlalchemy.orm import Session

from monitor.domain.calls import Call, Kind
from monitor.domain.capabilities import Capability
from monitor.domain.outcomes import RULINGS, Result
from monitor.domain.purposes import Purpose
from monitor.storage import codes, statements
from monitor.storage.calls import Entry, Written
from monitor.storage.models.probing import NewestRow

_KIND, _CAPABILITY = codes.codes_of(codes.KINDS), codes.codes_of(codes.CAPABILITIES)
_RESULT = {result: code for code, result in codes.RESULTS.items()}
_NONE = 0
_KEYS = ("endpoint_id", "kind", "capability")
_VALUES = ("call_id", "started_ms", "ended_ms", "outcome", "retry_ms")
_REQUEST = Kind.REQUEST
#: A call that is written late takes no newer one's place, and its failure is not forgotten.
_PUT = f"""
INSERT INTO newest_probe ({", ".join((*_KEYS, *_VALUES, "failed_ms"))})
VALUES ({", ".join("?" * (len(_KEYS) + len(_VALUES) + 1))})
ON CONFLICT ({", ".join(_KEYS)}) DO UPDATE SET
{", ".join(f"{name} = excluded.{name}" for name in _VALUES)},
failed_ms = coalesce(excluded.failed_ms, newest_probe.failed_ms)
WHERE excluded.started_ms >= newest_probe.started_ms
"""  # noqa: S608 -- names are ours, values bound


class Newest(NamedTuple):
    """The last probe of a purpose; `outcome` and `call_id` are `None` for a team's own calls."""

    call_id: int | None
    started_ms: int
    ended_ms: int
    outcome: Result | None
    failed_ms: int | None
    retry_ms: int | None


def note(session: Session, written: Iterable[Written]) -> None:
    """Remember probes just written, in their order."""
    rows = [_row(number, entry) for number, entry in written if entry.call.kind is not _REQUEST]
    if rows:
        statements.run(session, _PUT, rows)


def note_traffic(session: Session, endpoint_id: int, at_ms: int) -> None:
    """Remember when a team's own calls were seen to fail."""
    key = (endpoint_id, _KIND[_REQUEST], _NONE)
    statements.run(session, _PUT, (*key, None, at_ms, at_ms, None, None, at_ms))


def load(session: Session, endpoint_ids: Iterable[int]) -> dict[int, dict[Purpose, Newest]]:
    """What is remembered of endpoints and targets, by their numbers."""
    row = NewestRow
    fields = (getattr(row, name) for name in Newest._fields)
    ids = list(endpoint_ids)
    chosen = select(row.endpoint_id, row.kind, row.capability, *fields).where(
        row.endpoint_id.in_(ids)
    )
    found: dict[int, dict[Purpose, Newest]] = {number: {} for number in ids}
    for number, kind, capability, *values in session.execute(chosen):
        found[number][Purpose(kind, codes.CAPABILITIES.get(capability))] = Newest(*values)
    return found


def _row(number: int, entry: Entry) -> tuple[Any, ...]:
    call = entry.call
    capability, retry_ms = _of_detail(call)
    return (
        entry.endpoint_id,
        _KIND[call.kind],
        _NONE if capability is None else _CAPABILITY[capability],
        number,
        call.started_ms,
        call.ended_ms,
        _RESULT[call.outcome],
        retry_ms,
        call.ended_ms if RULINGS[call.outcome].is_charged else None,
    )


def _of_detail(call: Call) -> tuple[Capability | None, int | None]:
    if call.detail is None:
        return None, None
    wait_s = call.detail.retry_after_s
    retry_ms = None if wait_s is None else call.ended_ms + round(wait_s * 1000)
    return call.detail.capability, retry_ms
