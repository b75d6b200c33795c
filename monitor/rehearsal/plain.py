"""Plain rules, as other products have them: probes at one interval, and a count of failures.

`failures` of the last `probes` open an alarm. With both alike that is "N in a row" (Gatus, Uptime
Kuma); with more probes it is an error share over a window (llmstatus). Two good probes in a row
close it. Every failure counts, whosever fault it is.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from math import log
from random import Random
from typing import NamedTuple

from monitor.rehearsal.alarms import Tally
from monitor.rehearsal.scenario import Event, Scenario, Trouble

PASSES_TO_CLOSE = 2
#: Troubles in which calls fail, as a plain rule sees it.
_FAILING = {Trouble.OUTAGE, Trouble.BURST, Trouble.RATE_LIMIT_STORM, Trouble.OWN_NETWORK}
WINDOWS = (2, 3, 4, 5, 6, 8, 10, 12, 16, 20, 24)


@dataclass(frozen=True, slots=True)
class PlainRule:
    """Opens when `failures` of the last `probes` failed."""

    failures: int
    probes: int

    def __str__(self) -> str:
        if self.failures == self.probes:
            return f"{self.failures} in a row"
        return f"{self.failures} of {self.probes} ({100 * self.failures / self.probes:.0f} %)"

    @property
    def is_row(self) -> bool:
        """Whether it counts failures in a row."""
        return self.failures == self.probes


ROWS = tuple(PlainRule(n, n) for n in range(1, 11))
SHARES = tuple(PlainRule(k, m) for m in WINDOWS for k in range(1, min(m, 9)))


class Stretch(NamedTuple):
    """Time in which one share of all calls fails."""

    from_ms: int
    to_ms: int
    share: float


def rehearse(
    scenario: Scenario, rules: Iterable[PlainRule], interval_s: float
) -> dict[PlainRule, Tally]:
    """How each rule does at one interval. All see the same probes."""
    tallies = {rule: Tally() for rule in rules}
    for endpoint in range(scenario.endpoints):
        events = scenario.events(endpoint)
        failing = list(_failing(scenario, endpoint, events, interval_s))
        for rule, tally in tallies.items():
            opened = [round(n * interval_s * 1000) for n in alarms(failing, rule)]
            tally.judge(opened, events)
            tally.paid += int(scenario.length_ms / (interval_s * 1000))
            tally.watched_ms += scenario.length_ms
    return tallies


def alarms(failing: Sequence[int], rule: PlainRule) -> Iterator[int]:
    """The numbers of the probes at which an alarm opens, of the numbers of those that failed."""
    is_open, opened_at = False, -1
    for i, number in enumerate(failing):
        if is_open and number - failing[i - 1] > PASSES_TO_CLOSE:
            is_open, opened_at = False, i - 1
        first = i - rule.failures + 1
        is_met = first > opened_at and number - failing[first] < rule.probes
        if not is_open and is_met:
            is_open = True
            yield number


def stretches(events: Sequence[Event], length_ms: int, blip_share: float) -> Iterator[Stretch]:
    """The whole time, in pieces of one share of failing calls."""
    at_ms = 0
    for event in events:
        if event.trouble not in _FAILING or event.to_ms <= at_ms:
            continue
        from_ms = max(event.from_ms, at_ms)
        yield Stretch(at_ms, from_ms, blip_share)
        yield Stretch(from_ms, event.to_ms, event.share)
        at_ms = event.to_ms
    yield Stretch(at_ms, length_ms, blip_share)


def _failing(
    scenario: Scenario, endpoint: int, events: Sequence[Event], interval_s: float
) -> Iterator[int]:
    """The numbers of the probes that fail, of one endpoint: probe n starts at n intervals."""
    rng, step_ms = scenario.rng(endpoint, "plain"), interval_s * 1000
    for piece in stretches(events, scenario.length_ms, scenario.blip_share):
        first, last = -(-piece.from_ms // step_ms), -(-piece.to_ms // step_ms)
        yield from _hits(rng, int(first), int(last), piece.share)


def _hits(rng: Random, first: int, stop: int, share: float) -> Iterator[int]:
    """The numbers in [first, stop) that chance hits, by the lengths of the runs between hits."""
    if share >= 1 or share <= 0:
        yield from range(first, stop if share > 0 else first)
        return
    number = first - 1
    while True:
        number += 1 + int(log(1 - rng.random()) / log(1 - share))
        if number >= stop:
            return
        yield number
