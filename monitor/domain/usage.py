"""Usage: what a call consumed, as disjoint leaves that sum.

Providers count the same tokens in overlapping ways (cache inside input or beside it, reasoning
inside output or beside it). A leaf is counted once and belongs to one price.
"""

from enum import StrEnum
from typing import NamedTuple, Self


class UsageState(StrEnum):
    """How we know a call's usage. Missing is not zero; an explicit zero is measured."""

    MEASURED = "measured"
    ESTIMATED = "estimated"
    MISSING = "missing"


class ContradictoryUsage(ValueError):
    """Reported counts that cannot all be true: a child larger than its parent, or below zero."""


class Leaves(NamedTuple):
    """Disjoint leaves of one call, in tokens, but for the last three (units as named)."""

    input: int = 0
    cache_read: int = 0
    cache_write_5m: int = 0
    cache_write_1h: int = 0
    cache_write: int = 0
    output: int = 0
    reasoning: int = 0
    input_audio: int = 0
    cache_read_audio: int = 0
    output_audio: int = 0
    input_image: int = 0
    output_image: int = 0
    images: int = 0
    requests: int = 0
    searches: int = 0


class Usage(Leaves):
    """The leaves of one call, none of them below zero. Raises ContradictoryUsage."""

    __slots__ = ()

    def __new__(cls, *leaves: int, **named: int) -> Self:
        usage = super().__new__(cls, *leaves, **named)
        if min(usage) < 0:
            raise ContradictoryUsage(f"a usage leaf is below zero: {usage}")
        return usage

    @property
    def input_total(self) -> int:
        """All input tokens, cached ones included: the sum that context tiers look at."""
        return sum(getattr(self, leaf) for leaf in INPUT_LEAVES)

    @property
    def output_total(self) -> int:
        """All output tokens, reasoning included."""
        return self.output + self.reasoning + self.output_audio + self.output_image


LEAVES = Leaves._fields
INPUT_LEAVES = (
    "input",
    "cache_read",
    "cache_write_5m",
    "cache_write_1h",
    "cache_write",
    "input_audio",
    "cache_read_audio",
    "input_image",
)
