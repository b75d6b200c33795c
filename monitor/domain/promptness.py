"""Promptness: how soon messages arrive after what they tell of was confirmed.

What waits by design (for others of its cause, in quiet hours, in a silence) is held, and counted
apart from what we took ourselves. Percentiles are nearest-rank. All spans are milliseconds.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import NamedTuple


class Took(NamedTuple):
    """A message that arrived at an instant: how long it was held, and took beyond that."""

    channel: str
    at_ms: int
    own_ms: int
    held_ms: int


@dataclass(frozen=True, slots=True)
class Promptness:
    """How soon `n` messages arrived, what held them left out, and the longest that one was held."""

    n: int
    p50_ms: int
    p95_ms: int
    worst_ms: int
    held_ms: int


def sum_up(arrived: Collection[Took]) -> Promptness | None:
    """What messages come to; `None` without any."""
    if not arrived:
        return None
    own_ms = sorted(each.own_ms for each in arrived)
    return Promptness(
        len(own_ms),
        rank(own_ms, 50),
        rank(own_ms, 95),
        own_ms[-1],
        max(each.held_ms for each in arrived),
    )


def rank(ordered: Sequence[int], percent: int) -> int:
    """The nearest-rank percentile of values in order."""
    return ordered[max(0, -(-len(ordered) * percent // 100) - 1)]
