"""Alarms: what a rule said, held against what really happened."""

from bisect import bisect_right
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from math import inf

from monitor.rehearsal.scenario import DAY_MS, YEAR_MS, Event, Trouble

#: An alarm that comes this long after the end still means the trouble that was.
LATE_MS = 600_000


@dataclass(slots=True)
class Tally:
    """How one rule did over a scenario.

    `delays_s` holds, by the share of calls that failed, the seconds from the start of each outage
    to the alarm, infinite where none came before its end. `false` counts alarms in quiet times and
    bursts, `strange` those that were raised by what is no outage of the provider, by its name.
    """

    delays_s: dict[float, list[float]] = field(default_factory=dict)
    slow_s: list[float] = field(default_factory=list)
    false: int = 0
    strange: Counter[Trouble] = field(default_factory=Counter)
    paid: int = 0
    free: int = 0
    watched_ms: int = 0

    @property
    def false_per_year(self) -> float:
        """False alarms per endpoint and year."""
        return self.false * YEAR_MS / self.watched_ms if self.watched_ms else 0.0

    @property
    def paid_per_day(self) -> float:
        """Paid probes per endpoint and day."""
        return self.paid * DAY_MS / self.watched_ms if self.watched_ms else 0.0

    @property
    def probes_per_day(self) -> float:
        """All probes per endpoint and day, the free ones too."""
        return (self.paid + self.free) * DAY_MS / self.watched_ms if self.watched_ms else 0.0

    def delays(self, shares: Callable[[float], bool] = lambda _: True) -> list[float]:
        """The delays of all outages whose share is chosen, sorted."""
        return sorted(d for share, all_s in self.delays_s.items() if shares(share) for d in all_s)

    def judge(self, alarms_ms: Sequence[int], events: Sequence[Event]) -> None:
        """Add the alarms of one endpoint, in order, to which these events happened, in order."""
        for event in events:
            if event.trouble is Trouble.OUTAGE:
                delay_s = _delay_s(alarms_ms, event)
                self.delays_s.setdefault(event.share, []).append(delay_s)
        for at_ms in alarms_ms:
            self._blame(at_ms, events)

    def judge_slow(self, alarms_ms: Sequence[int], events: Iterable[Event]) -> None:
        """Add when an endpoint was found slow."""
        slow = (event for event in events if event.trouble is Trouble.SLOW_DOWN)
        self.slow_s += [_delay_s(alarms_ms, event) for event in slow]

    def _blame(self, at_ms: int, events: Sequence[Event]) -> None:
        meant = [e for e in events if e.from_ms <= at_ms < e.to_ms + LATE_MS]
        troubles = {event.trouble for event in meant} - {Trouble.BURST}
        if not troubles:
            self.false += 1
        elif Trouble.OUTAGE not in troubles:
            self.strange[min(troubles)] += 1


def _delay_s(alarms_ms: Sequence[int], event: Event) -> float:
    first = bisect_right(alarms_ms, event.from_ms)
    if first == len(alarms_ms) or alarms_ms[first] >= event.to_ms:
        return inf
    return (alarms_ms[first] - event.from_ms) / 1000


def quantile(values: Sequence[float], q: float) -> float:
    """The smallest of sorted values that at least the share `q` does not exceed; `inf` of none."""
    if not values:
        return inf
    return values[min(len(values) - 1, max(0, -(-round(q * len(values) * 1e6) // 1_000_000) - 1))]


def detected(delays_s: Sequence[float]) -> float:
    """The share of outages that an alarm was raised for."""
    return sum(delay < inf for delay in delays_s) / len(delays_s) if delays_s else 0.0
