"""Cadence: the standings of all endpoints that are probed, and when each is looked at next.

The rules are `monitor.domain.cadence`; here they are kept for a running monitor.
"""

from collections.abc import Iterable, Mapping
from dataclasses import replace
from random import Random
from typing import NamedTuple

from monitor.domain.cadence import DEFAULT, CadenceRules, Look, Standing, next_look
from monitor.domain.calls import Call
from monitor.domain.health import Health, Rule
from monitor.services.health import Failing

#: Of an interval: a probe that comes earlier than this after the last planned one is extra.
_EARLY = 0.9


class Last(NamedTuple):
    """When an endpoint's newest infer probe began, and when its newest probe of all ended."""

    regular_ms: int | None = None
    ended_ms: int | None = None


class Cadence:
    """For one event loop. `last` is what the ledger remembers from before we started."""

    def __init__(
        self,
        standings: dict[str, Standing],
        rule: Rule,
        rules: CadenceRules = DEFAULT,
        last: Mapping[str, Last] | None = None,
    ) -> None:
        self._standings = standings
        self._rule = rule
        self._rules = rules
        self._last = dict(last or {})
        self._alarmed: set[str] = set()
        self._chance = Random()  # noqa: S311 - it spreads starts and keeps no secret

    def foresee(self, endpoint: str, call: Call, interval_s: float) -> Look:
        """The look that will follow this call, once it is recorded."""
        return self._look(self._standings[endpoint].after(call, self._rule), call, interval_s)

    def look(self, endpoint: str, call: Call, interval_s: float) -> Look:
        """The look that follows this call, which was the newest."""
        return self._look(self._standings[endpoint], call, interval_s)

    def take(self, endpoint: str, call: Call, failing: Iterable[Failing] | None) -> None:
        """Move an endpoint by a call that was made.

        `failing` is what the ledger says of it, which knows of calls that we did not make;
        `None` while it cannot say.
        """
        standing = self._standings[endpoint].after(call, self._rule)
        if failing is not None:
            counts = {each.endpoint: each.failures for each in failing}
            health = replace(standing.health, failures=counts.get(endpoint, 0))
            standing = replace(standing, health=health)
        self._standings[endpoint] = standing
        last = self._last.get(endpoint, Last())
        self._last[endpoint] = last._replace(ended_ms=max(last.ended_ms or 0, call.ended_ms))

    def hear(self, endpoint: str, row: Health) -> None:
        """Take over what the ledger holds of an endpoint, unless we know of something newer."""
        standing = self._standings[endpoint]
        if (row.last_tick_ms or 0) >= (standing.health.last_tick_ms or 0):
            self._standings[endpoint] = replace(standing, health=row)

    def alarm(self, endpoint: str, at_ms: int) -> None:
        """Its users' own calls were seen to fail: the next planned probe is due now."""
        self._standings[endpoint] = self._standings[endpoint].troubled_at([at_ms])
        self._alarmed.add(endpoint)

    def failures(self, endpoint: str) -> int:
        """How many failures in a row wait for confirmation."""
        return self._standings[endpoint].failures

    def last_tick_ms(self, endpoint: str) -> int | None:
        """The end of the newest call that said something of the endpoint."""
        return self._standings[endpoint].health.last_tick_ms

    def begin(self, endpoint: str, at_ms: int) -> None:
        """A planned infer probe begins."""
        self._alarmed.discard(endpoint)
        self._last[endpoint] = self._last.get(endpoint, Last())._replace(regular_ms=at_ms)

    def early_s(self, endpoint: str, interval_s: float, now_ms: int) -> float | None:
        """How long before it is due an infer probe would come now, if it is a closer look.

        `None` where it is due, brought forward, or confirms a failure or a recovery.
        """
        standing, last_ms = self._standings[endpoint], self._last.get(endpoint, Last()).regular_ms
        if standing.failures or standing.health.passes or last_ms is None:
            return None
        if endpoint in self._alarmed:
            return None
        since_s = (now_ms - last_ms) / 1000
        return None if since_s >= interval_s * _EARLY else interval_s - since_s

    def vouched_s(self, endpoint: str, interval_s: float, now_ms: int) -> float | None:
        """For how long good traffic still stands in for a due infer probe; `None`: it does not."""
        health = self._standings[endpoint].health
        last_ms, own_ms = health.last_tick_ms, self._last.get(endpoint, Last()).ended_ms
        if last_ms is None or own_ms is None or last_ms <= own_ms:
            return None
        if health.failures or health.has_incident or health.is_interrupted:
            return None
        if endpoint in self._alarmed:
            return None
        left_s = interval_s - (now_ms - last_ms) / 1000
        return left_s if left_s > 0 else None

    def _look(self, standing: Standing, call: Call, interval_s: float) -> Look:
        retry_after_s = call.detail.retry_after_s if call.detail else None
        jitter = self._chance.uniform(-1, 1)
        return next_look(standing, interval_s, call.ended_ms, retry_after_s, jitter, self._rules)
