"""Ranking: the largest owners by name, the rest as one."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TypeVar

from monitor.storage.queries.owners import Owner
from monitor.storage.queries.totals import Totals, add_up

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Ranked:
    """Owners with their totals, the largest first; `rest` are all others, `n_rest` so many."""

    first: dict[Owner, Totals]
    rest: Totals
    n_rest: int

    @property
    def whole(self) -> Totals:
        """All of them together."""
        return add_up([*self.first.values(), self.rest])


def by_tokens(totals: Totals) -> int:
    """The size of an owner in a figure of tokens."""
    return totals.tokens


def by_calls(totals: Totals) -> int:
    """The size of an owner in a figure of calls."""
    return totals.n


def by_money(totals: Totals) -> int:
    """The size of an owner in a figure of money, as far as it is known."""
    return totals.cost_nano_usd


def rank(
    found: Mapping[Owner, Totals], most: int, size: Callable[[Totals], int] = by_tokens
) -> Ranked:
    """At most `most` owners by name; of equal ones the one with more calls, then by name."""
    ordered = sorted(found.items(), key=lambda each: (-size(each[1]), -each[1].n, str(each[0])))
    rest = [totals for _, totals in ordered[most:]]
    return Ranked(dict(ordered[:most]), add_up(rest), len(rest))
