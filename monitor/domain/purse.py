"""Purse: the day's probe money, with what is in flight, so that concurrency cannot overrun a cap.

All amounts are integer nano-dollars. A hold is what a probe may cost at most; it is taken before
the probe is sent and laid down once the ledger has what the probe cost.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field

from monitor.domain.plan import Budgets


@dataclass(frozen=True, slots=True)
class Money:
    """An amount of the probes of all providers, and of each."""

    total: int = 0
    by_provider: Mapping[str, int] = field(default_factory=dict)

    def of(self, provider: str) -> int:
        """A provider's part of it."""
        return self.by_provider.get(provider, 0)


NOTHING = Money()


@dataclass(frozen=True, slots=True, eq=False)
class Hold:
    """Money laid aside for a probe under way; each is one of its own."""

    provider: str
    most_nano_usd: int


class Purse:
    """The holds of one process against the budgets of an installation."""

    def __init__(self, budgets: Budgets) -> None:
        self._budgets = budgets
        self._holds: set[Hold] = set()

    def go_by(self, budgets: Budgets) -> None:
        """Compare with other budgets from now on."""
        self._budgets = budgets

    def take(self, hold: Hold, spent: Money, kept_back: Money = NOTHING) -> bool:
        """Lay the hold aside if it fits beside what is spent, held and kept back; whether it did.

        `spent` has to be at least what the ledger held when the newest hold was laid down: a call
        may be counted both as spent and as held, never as neither.
        """
        if not hold.most_nano_usd:
            return True
        in_flight = sum(each.most_nano_usd for each in self._holds)
        theirs = sum(h.most_nano_usd for h in self._holds if h.provider == hold.provider)
        name, most = hold.provider, hold.most_nano_usd
        fits_all = spent.total + in_flight + kept_back.total + most <= self._budgets.total
        of_theirs = spent.of(name) + theirs + kept_back.of(name) + most
        if not (fits_all and of_theirs <= self._budgets.of(name)):
            return False
        self._holds.add(hold)
        return True

    def insist(self, hold: Hold) -> None:
        """Lay a hold aside that somebody asked for in person, whatever the budgets say."""
        self._holds.add(hold)

    def lay_down(self, hold: Hold) -> None:
        """End a hold; one that was not taken, or is ended, is left alone."""
        self._holds.discard(hold)
