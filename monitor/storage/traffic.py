"""Traffic: the newest minute of endpoints without probes, under each policy."""

from collections.abc import Iterable, Mapping
from dataclasses import astuple, fields

from sqlalchemy import select
from sqlalchemy.orm import Session

from monitor.domain.traffic import Meter
from monitor.storage import codes, statements
from monitor.storage.health import Track
from monitor.storage.models.health import MeterRow

_FIELDS = tuple(field.name for field in fields(Meter))
_PUT = statements.replace("meter", ("endpoint_id", "policy"), _FIELDS)
_POLICY = codes.codes_of(codes.POLICIES)


def load(session: Session, endpoint_ids: Iterable[int]) -> dict[Track, Meter]:
    """The meters of endpoints; one that never had traffic has none yet."""
    columns = (getattr(MeterRow, name) for name in _FIELDS)
    chosen = select(MeterRow.endpoint_id, MeterRow.policy, *columns).where(
        MeterRow.endpoint_id.in_(endpoint_ids)
    )
    return {
        Track(endpoint_id, policy): Meter(*values)
        for endpoint_id, policy, *values in session.execute(chosen)
    }


def save(session: Session, meters: Mapping[Track, Meter]) -> None:
    """Put meters in the place of those that stand."""
    rows = [(track.endpoint_id, _POLICY[track.policy], *astuple(m)) for track, m in meters.items()]
    if rows:
        statements.run(session, _PUT, rows)
