"""Failures: calls that were not good, counted by class and bucket as they are written.

A good call costs nothing here, so the table grows with what goes wrong and with nothing else.
"""

from collections import Counter
from collections.abc import Iterable

from monitor.domain.outcomes import RULINGS, Group
from monitor.domain.windows import BUCKET_MS
from monitor.storage import codes, statements
from monitor.storage.calls import Written
from monitor.storage.engine import Session

_ADD = statements.add_up("failure_15m", ("bucket", "endpoint_id", "origin", "outcome"), ("n",))
_ORIGIN = codes.codes_of(codes.ORIGINS)
_FAILED = {
    result: code
    for code, result in codes.RESULTS.items()
    if RULINGS[result].group is not Group.GOOD
}


def add(session: Session, written: Iterable[Written]) -> None:
    """Count the failed ones among calls in the buckets of their start."""
    counts = Counter(
        (call.started_ms // BUCKET_MS, entry.endpoint_id, _ORIGIN[call.origin], code)
        for _, entry in written
        if (code := _FAILED.get((call := entry.call).outcome)) is not None
    )
    if counts:
        rows = [(*key, n) for key, n in counts.items()]
        session.connection().exec_driver_sql(_ADD, rows)
