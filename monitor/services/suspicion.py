"""Suspicion: traffic that fails brings the next probe forward, and decides nothing itself.

Counted in memory, by minutes of UTC: what is lost with it is a hint.
"""

from collections.abc import Sequence
from typing import NamedTuple

from monitor.domain.calls import Kind
from monitor.domain.health import Rule
from monitor.domain.outcomes import RULINGS, Group
from monitor.domain.traffic import is_failing, minute_of
from monitor.domain.windows import MINUTE_MS
from monitor.storage.calls import Written

_REQUEST = Kind.REQUEST
_GOOD = frozenset(r for r, ruling in RULINGS.items() if ruling.group is Group.GOOD)


class Tally(NamedTuple):
    """The good and the charged calls of one endpoint's users in one minute.

    `callers` are the attributions that failed, `is_told` says that a look was asked for.
    """

    minute: int
    good: int = 0
    failed: int = 0
    callers: frozenset[int] = frozenset()
    is_told: bool = False

    def is_suspicious(self, rule: Rule) -> bool:
        """Whether a large share failed, or all calls of several users."""
        is_lost = self.good == 0 and len(self.callers) >= rule.traffic_callers
        return is_lost or is_failing(self.good, self.failed, rule)


def count(tally: Tally | None, calls: Sequence[Written], complaints: Sequence[Written]) -> Tally:
    """The tally after calls of an endpoint, of which `complaints` are those that are charged."""
    minute = minute_of(calls[-1][1].call.ended_ms)
    if tally is None or minute > tally.minute:
        tally = Tally(minute)
    from_ms = tally.minute * MINUTE_MS
    now = [e.call for _, e in calls if from_ms <= e.call.ended_ms < from_ms + MINUTE_MS]
    good = sum(call.kind is _REQUEST and call.outcome in _GOOD for call in now)
    failed = [e for _, e in complaints if minute_of(e.call.ended_ms) == tally.minute]
    return tally._replace(
        good=tally.good + good,
        failed=tally.failed + len(failed),
        callers=tally.callers.union(entry.attribution_id for entry in failed),
    )
