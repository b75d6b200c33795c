"""Failures: calls that were not good, counted by class and bucket as they are written.

A good call costs nothing here, so the table grows with what goes wrong and with nothing else.
"""

from collections import Counter
from collections.abc import Mapping

from monitor.domain.outcomes import RULINGS, Group
from monitor.storage import codes, statements
from monitor.storage.calls import Placed
from monitor.storage.engine import Session

_KEYS = ("bucket", "endpoint_id", "origin", "outcome")
_ADD = statements.add_up("failure_15m", _KEYS, ("n",))
_DROP = statements.drop_empty("failure_15m", _KEYS, "n", "0")
_ORIGIN = codes.codes_of(codes.ORIGINS)
_FAILED = {
    result: code
    for code, result in codes.RESULTS.items()
    if RULINGS[result].group is not Group.GOOD
}
_Key = tuple[int, int, int, int]


def add(session: Session, placed: Placed) -> None:
    """Count the failed ones among calls in the buckets of their start."""
    _add_up(session, _count(placed))


def exchange(session: Session, gone: Placed, come: Placed) -> None:
    """Let calls that are known otherwise now count as such."""
    moved = _count(come)
    moved.subtract(_count(gone))
    _add_up(session, moved)
    if moved:
        statements.run(session, _DROP, list(moved))


def _count(placed: Placed) -> Counter[_Key]:
    counts: Counter[_Key] = Counter()
    for place, entries in placed.items():
        where = place.bucket, place.endpoint_id, _ORIGIN[place.origin]
        for outcome, n in Counter([entry.call.outcome for entry in entries]).items():
            if outcome in _FAILED:
                counts[*where, _FAILED[outcome]] += n
    return counts


def _add_up(session: Session, counts: Mapping[_Key, int]) -> None:
    if counts:
        rows = [(*key, n) for key, n in counts.items()]
        statements.run(session, _ADD, rows)
