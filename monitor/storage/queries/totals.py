"""Totals: what calls sum up to, with how much of it is known."""

from collections.abc import Iterable
from dataclasses import dataclass, fields
from operator import attrgetter

from monitor.domain.usage import LEAVES, Usage


@dataclass(frozen=True, slots=True)
class Totals:
    """Counts of calls by outcome group, usage state and cost state; sums of leaves and money.

    Leaves are sums over the calls with known usage, the money over those with known cost: read
    them beside `usage_share` and `cost_share`.
    """

    n: int = 0
    n_good: int = 0
    n_bad: int = 0
    n_excluded: int = 0
    n_local: int = 0
    n_wrong: int = 0
    n_measured: int = 0
    n_estimated: int = 0
    n_missing: int = 0
    n_reported: int = 0
    n_computed: int = 0
    n_unpriced: int = 0
    n_no_usage: int = 0
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
    cost_nano_usd: int = 0

    @property
    def leaves(self) -> Usage:
        """The sums of the leaves."""
        return Usage(**{leaf: getattr(self, leaf) for leaf in LEAVES})

    @property
    def tokens(self) -> int:
        """All tokens, in and out."""
        usage = self.leaves
        return usage.input_total + usage.output_total

    @property
    def n_costed(self) -> int:
        """The calls whose cost is known."""
        return self.n_reported + self.n_computed

    @property
    def usage_share(self) -> float | None:
        """The share of calls with known usage; `None` without calls."""
        return (self.n_measured + self.n_estimated) / self.n if self.n else None

    @property
    def cost_share(self) -> float | None:
        """The share of calls with known cost; `None` without calls."""
        return self.n_costed / self.n if self.n else None

    @property
    def spend_nano_usd(self) -> int | None:
        """The money to show: `None` where there were calls and the cost of none is known."""
        return self.cost_nano_usd if self.n_costed or not self.n else None


SUMS = tuple(field.name for field in fields(Totals))
_columns_of = attrgetter(*SUMS)


def add_up(parts: Iterable[Totals]) -> Totals:
    """The totals of several, as of all their calls together."""
    rows = [_columns_of(part) for part in parts]
    return Totals(*map(sum, zip(*rows, strict=True))) if rows else Totals()


def less(whole: Totals, part: Totals) -> Totals:
    """What is left of totals without a part of them; never below zero."""
    return Totals(
        *(max(0, a - b) for a, b in zip(_columns_of(whole), _columns_of(part), strict=True))
    )
