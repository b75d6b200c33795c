"""Holds: until when a provider asked us to wait (`Retry-After`).

A rate limit holds for the whole target, since its key is what is limited; anything else for the
endpoint that it was said of.
"""

from monitor.domain.cadence import DEFAULT, CadenceRules
from monitor.domain.calls import Call
from monitor.domain.endpoints import Target
from monitor.domain.outcomes import Outcome, Result

#: A timer that fires this much early is in time.
_TOLERANCE_S = 0.25


class Holds:
    """For one event loop. `until_ms` has endpoints and targets by their ids."""

    def __init__(self, rules: CadenceRules = DEFAULT) -> None:
        self.until_ms: dict[str, int] = {}
        self._longest_ms = round(rules.longest_retry_after_s * 1000)

    def take(self, watched: str, target: Target, call: Call) -> None:
        """Heed what the answer to a call of an endpoint or target asked for."""
        if call.detail is not None and call.detail.retry_after_s is not None:
            retry_ms = call.ended_ms + round(call.detail.retry_after_s * 1000)
            self.restore(watched, target, call.outcome, call.ended_ms, retry_ms)

    def restore(
        self, watched: str, target: Target, outcome: Result | None, ended_ms: int, retry_ms: int
    ) -> None:
        """Heed what was asked for by an answer that ended at an instant."""
        held = target.id if outcome is Outcome.RATE_LIMITED else watched
        until_ms = min(retry_ms, ended_ms + self._longest_ms)
        self.until_ms[held] = max(self.until_ms.get(held, 0), until_ms)

    def follow(self, newer: "Holds") -> None:
        """Heed what is remembered besides, too."""
        for held, until_ms in newer.until_ms.items():
            self.until_ms[held] = max(self.until_ms.get(held, 0), until_ms)

    def wait_s(self, watched: str, target: Target, now_ms: int) -> float:
        """How long an endpoint or target still has to be left alone; 0 where it has not."""
        until_ms = max(self.until_ms.get(name, 0) for name in (watched, target.id))
        wait_s = (until_ms - now_ms) / 1000
        return wait_s if wait_s > _TOLERANCE_S else 0.0
