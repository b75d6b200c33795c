"""Comparison: our rules beside plain ones that cost as much and cry wolf as seldom.

Plain rules are tuned: of all that stay within `MAX_FALSE_PER_YEAR`, each figure of an outage is
held against the rule that is best at this very figure. They send as many probes as ours do. Where
outages are of the whole API that is all of ours, the free ones too (they may be free for others as
well); where inference alone fails, which a free check does not see, it is as many paid ones.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from math import inf

from monitor.rehearsal import ours, plain
from monitor.rehearsal.alarms import Tally, detected, quantile
from monitor.rehearsal.ours import OurRules
from monitor.rehearsal.plain import ROWS, SHARES, PlainRule
from monitor.rehearsal.scenario import Scenario, Trouble

MAX_FALSE_PER_YEAR = 1.0
DAY_S = 86_400
#: Minutes after the start of an outage, for the curves of detection.
MINUTES = (1, 2, 5, 10, 20, 30, 60, 120, 240)


@dataclass(frozen=True, slots=True)
class Comparison:
    """One scenario under our rules, and under the plain ones that keep the bound."""

    scenario: Scenario
    rules: OurRules
    ours: Tally
    plain_interval_s: float
    plain: Mapping[PlainRule, Tally]

    @property
    def shares(self) -> list[float]:
        """The shares of calls that fail in outages, the hardest first."""
        found = {kind.share for kind in self.scenario.kinds if kind.trouble is Trouble.OUTAGE}
        return sorted(found, reverse=True)

    def best(self, share: float, q: float) -> tuple[PlainRule | None, float]:
        """The plain rule whose delay at quantile `q` is the shortest, and that delay in seconds."""
        delays = {rule: delay_s(tally, share, q) for rule, tally in self.plain.items()}
        rule = min(delays, key=lambda each: (delays[each], str(each)), default=None)
        return rule, inf if rule is None else delays[rule]

    def champion(self, share: float, *, is_row: bool) -> PlainRule | None:
        """The plain rule, of rows or of windows, that is soonest to see such an outage."""
        alike = [rule for rule in self.plain if rule.is_row is is_row]
        ranks = {rule: _rank(self.plain[rule], share) for rule in alike}
        return min(ranks, key=lambda each: (ranks[each], str(each)), default=None)


def compare(
    scenario: Scenario, rules: OurRules, note: Callable[[int], None] = lambda _done: None
) -> Comparison:
    """Rehearse a scenario under both. `note` is told how many endpoints are done."""
    tally = Tally()
    for done, tally in enumerate(ours.rehearse(scenario, rules), start=1):  # noqa: B007 -- the last
        note(done)
    a_day = tally.probes_per_day if scenario.is_whole_api else tally.paid_per_day
    interval_s = DAY_S / a_day
    tallies = plain.rehearse(scenario, (*ROWS, *SHARES), interval_s)
    kept = {r: t for r, t in tallies.items() if t.false_per_year <= MAX_FALSE_PER_YEAR}
    return Comparison(scenario, rules, tally, interval_s, kept)


def delay_s(tally: Tally, share: float, q: float) -> float:
    """Seconds to the alarm at a quantile of the outages of a share; `inf`: no alarm in time."""
    return quantile(sorted(tally.delays_s.get(share, [])), q)


def detected_share(tally: Tally, share: float) -> float:
    """The share of those outages that an alarm was raised for before they ended."""
    return detected(tally.delays_s.get(share, []))


def curve(tally: Tally, share: float) -> list[float]:
    """The share of those outages seen within each of `MINUTES` from their start."""
    delays = tally.delays_s.get(share, [])
    return [sum(delay <= 60 * m for delay in delays) / len(delays) for m in MINUTES]


def _rank(tally: Tally, share: float) -> tuple[float, float, float]:
    return (
        delay_s(tally, share, 0.5),
        delay_s(tally, share, 0.95),
        -detected_share(tally, share),
    )
