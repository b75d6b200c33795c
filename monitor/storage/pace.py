"""Pace: the last probes of endpoints, and what is usual at an hour."""

from collections.abc import Iterable, Mapping
from dataclasses import fields

from sqlalchemy import select
from sqlalchemy.orm import Session

from monitor.domain.calls import Kind
from monitor.domain.outcomes import RULINGS, Group
from monitor.domain.pace import Pace, same_hours
from monitor.storage import codes, statements
from monitor.storage.models.health import PaceRow
from monitor.storage.packing import pack_whole

_FIELDS = tuple(field.name for field in fields(Pace))
_PUT = statements.replace("pace", ("endpoint_id",), _FIELDS)
_GOOD = [code for code, r in codes.RESULTS.items() if RULINGS[r].group is Group.GOOD]
#: As text, for the index of infer probes is used only where their code stands in the question.
_AT_HOUR = f"""
SELECT ttft_us FROM call
WHERE kind = {codes.codes_of(codes.KINDS)[Kind.INFER]} AND endpoint_id = ?
AND started_ms >= ? AND started_ms < ? AND id < ? AND is_live AND ttft_us IS NOT NULL
AND outcome IN ({", ".join(map(str, _GOOD))})
"""  # noqa: S608 -- codes are ours, values bound


def load(session: Session, endpoint_ids: Iterable[int]) -> dict[int, Pace]:
    """The rows of endpoints; one that was never probed well has none yet."""
    columns = (getattr(PaceRow, name) for name in _FIELDS)
    chosen = select(PaceRow.endpoint_id, *columns).where(PaceRow.endpoint_id.in_(endpoint_ids))
    return {endpoint_id: Pace(*values) for endpoint_id, *values in session.execute(chosen)}


def save(session: Session, rows: Mapping[int, Pace]) -> None:
    """Put rows in the place of those that stand."""
    if rows:
        statements.run(session, _PUT, [_row(*each) for each in rows.items()])


def measured(session: Session, endpoint_id: int, hour: int, before_id: int) -> list[int]:
    """Times to first token, in microseconds, at that hour of the days before.

    Of live infer probes that were recorded before a call, so that a replay finds the same.
    """
    return [
        ttft_us
        for window in same_hours(hour)
        for (ttft_us,) in statements.fetch_all(
            session, _AT_HOUR, (endpoint_id, window.from_ms, window.to_ms, before_id)
        )
    ]


def _row(endpoint_id: int, pace: Pace) -> tuple[int | bytes | None, ...]:
    values = (getattr(pace, name) for name in _FIELDS)
    packed = (pack_whole(value) if isinstance(value, tuple) else value for value in values)
    return (endpoint_id, *packed)
