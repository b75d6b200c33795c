"""Confirmation: what is remembered of failures that were not in a row, and when it is enough.

Two rules beside "so many in a row", over probes only: few of the last many, and a share that is
exceeded by so much (`monitor.domain.health.Rule`). Both forget in an incident and out of sight.
"""

from typing import NamedTuple

from monitor.domain.health import Rule

#: The place of a good probe in a trail.
PASSED = -1


class Counts(NamedTuple):
    """The memory of both rules, as a row of health holds it."""

    trail: tuple[int, ...] = ()
    excess: int = 0
    excess_from_ms: int | None = None


NOTHING = Counts()


def add_failure(counts: Counts, from_ms: int, rule: Rule) -> Counts:
    """The memory after a probe that failed since `from_ms`."""
    trail, excess, excess_from_ms = counts
    if rule.window_failures:
        trail = _trim((*trail, from_ms), rule.window_probes)
    if rule.share_points:
        excess_from_ms = excess_from_ms if excess else from_ms
        excess += 100 - rule.share_percent
    return Counts(trail, excess, excess_from_ms)


def add_pass(counts: Counts, rule: Rule) -> Counts:
    """The memory after a good probe."""
    trail, excess, excess_from_ms = counts
    if trail:
        trail = _trim((*trail, PASSED), rule.window_probes)
    excess = max(0, excess - rule.share_percent)
    return Counts(trail, excess, excess_from_ms if excess else None)


def confirmed_from_ms(counts: Counts, rule: Rule) -> int | None:
    """Since when it fails, by the rule with the earliest start; `None` where neither is met."""
    trail, excess, excess_from_ms = counts
    starts = []
    if rule.window_failures and len(trail) - trail.count(PASSED) >= rule.window_failures:
        starts.append(trail[0])
    if rule.share_points and excess >= rule.share_points and excess_from_ms is not None:
        starts.append(excess_from_ms)
    return min(starts, default=None)


def _trim(trail: tuple[int, ...], probes: int) -> tuple[int, ...]:
    """The last probes, from the first failure among them on."""
    last = trail[-probes:]
    first = next((place for place, from_ms in enumerate(last) if from_ms != PASSED), len(last))
    return last[first:]
