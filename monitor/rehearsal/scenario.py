"""Scenarios: what happens to simulated endpoints, and when. The truth that rules are held against.

Instants are UTC milliseconds from 0 on, durations float seconds, shares from 0 to 1.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from math import exp, log
from random import Random
from typing import NamedTuple

DAY_MS = 86_400_000
WEEK_MS = 7 * DAY_MS
YEAR_MS = 365 * DAY_MS


class Trouble(StrEnum):
    """What can happen."""

    OUTAGE = "outage"
    BURST = "burst"
    SLOW_DOWN = "slow-down"
    RATE_LIMIT_STORM = "rate-limit storm"
    OWN_NETWORK = "loss of our own network"


class Event(NamedTuple):
    """A trouble over [from_ms, to_ms). `share` of the calls meet it."""

    from_ms: int
    to_ms: int
    trouble: Trouble
    share: float


@dataclass(frozen=True, slots=True)
class Kind:
    """A trouble that comes `per_month` (30 days), lasting log-uniformly between two bounds."""

    trouble: Trouble
    per_month: int
    shortest_s: float
    longest_s: float
    share: float = 1.0


@dataclass(frozen=True, slots=True)
class Scenario:
    """Simulated months. The same scenario gives the same events, to the millisecond.

    `blip_share` of all calls fail at any time, each for itself, and all calls of one burst of
    `burst_s` a week. A slow-down makes answers `slowdown` times slower. An outage is one of the
    whole API, or of inference alone, while the list of models still answers.
    """

    seed: int = 20261124
    endpoints: int = 12
    months: int = 12
    blip_share: float = 0.003
    burst_s: float = 20.0
    slowdown: float = 6.0
    is_whole_api: bool = True
    kinds: tuple[Kind, ...] = (
        Kind(Trouble.OUTAGE, 2, 300, 14_400, share=1.0),
        Kind(Trouble.OUTAGE, 2, 300, 14_400, share=0.6),
        Kind(Trouble.OUTAGE, 2, 300, 14_400, share=0.3),
        Kind(Trouble.OUTAGE, 2, 300, 14_400, share=0.1),
        Kind(Trouble.SLOW_DOWN, 1, 1_800, 14_400),
        Kind(Trouble.RATE_LIMIT_STORM, 1, 600, 3_600, share=0.5),
        Kind(Trouble.OWN_NETWORK, 1, 300, 1_800),
    )

    @property
    def length_ms(self) -> int:
        """How long each endpoint is watched."""
        return self.months * 30 * DAY_MS

    def rng(self, endpoint: int, purpose: str) -> Random:
        """The chance of one endpoint for one purpose: always the same."""
        return Random(f"{self.seed}/{endpoint}/{purpose}")  # noqa: S311 -- a simulation's chance

    def events(self, endpoint: int) -> list[Event]:
        """What happens to an endpoint, in order; nothing happens at the same time but bursts."""
        rng = self.rng(endpoint, "events")
        each_month = [kind for kind in self.kinds for _ in range(kind.per_month)]
        events = [
            event
            for month in range(self.months)
            for event in _spread(rng, each_month, month * 30 * DAY_MS)
        ]
        return sorted([*events, *self._bursts(rng)])

    def _bursts(self, rng: Random) -> Iterator[Event]:
        for from_ms in range(0, self.length_ms - WEEK_MS, WEEK_MS):
            at_ms = from_ms + rng.randrange(WEEK_MS)
            yield Event(at_ms, at_ms + round(self.burst_s * 1000), Trouble.BURST, 1.0)


def _spread(rng: Random, kinds: list[Kind], from_ms: int) -> Iterator[Event]:
    """One event of each kind, each somewhere in a slot of the month that it has for itself."""
    slot_ms = 30 * DAY_MS // len(kinds)
    for n, kind in enumerate(rng.sample(kinds, len(kinds))):
        span_s = exp(rng.uniform(log(kind.shortest_s), log(kind.longest_s)))
        lasts_ms = round(span_s * 1000)
        at_ms = from_ms + n * slot_ms + rng.randrange(max(1, slot_ms - lasts_ms))
        yield Event(at_ms, at_ms + lasts_ms, kind.trouble, kind.share)
