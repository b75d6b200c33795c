"""Failures: calls that were not good, counted by class and bucket as they are written.

A good call costs nothing here, so the table grows with what goes wrong and with nothing else.
"""

from collections import Counter

from monitor.domain.outcomes import RULINGS, Group
from monitor.storage import codes, statements
from monitor.storage.calls import Placed
from monitor.storage.engine import Session

_ADD = statements.add_up("failure_15m", ("bucket", "endpoint_id", "origin", "outcome"), ("n",))
_ORIGIN = codes.codes_of(codes.ORIGINS)
_FAILED = {
    result: code
    for code, result in codes.RESULTS.items()
    if RULINGS[result].group is not Group.GOOD
}


def add(session: Session, placed: Placed) -> None:
    """Count the failed ones among calls in the buckets of their start."""
    counts: Counter[tuple[int, int, int, int]] = Counter()
    for place, entries in placed.items():
        where = place.bucket, place.endpoint_id, _ORIGIN[place.origin]
        for outcome, n in Counter([entry.call.outcome for entry in entries]).items():
            if outcome in _FAILED:
                counts[*where, _FAILED[outcome]] += n
    if counts:
        rows = [(*key, n) for key, n in counts.items()]
        session.connection().exec_driver_sql(_ADD, rows)
