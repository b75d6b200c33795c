"""Detection: how soon our default rules see simulated outages, beside the best plain rules.

Each goal is what the best tuned plain rule reached at this very figure in the same run. What only
part of the calls meets (10 and 30 %) has no goal: its curves are printed.
"""

from collections.abc import Iterator
from math import inf

from rich.console import Console

from monitor.cli import rehearsing
from monitor.rehearsal.comparison import MAX_FALSE_PER_YEAR, Comparison, delay_s, detected_share
from monitor.rehearsal.ours import OurRules
from tests.performance.figures import Figure

ENDPOINTS, MONTHS = 12, 12
_HELD = (1.0, 0.6)
_QUANTILES = {"median": 0.5, "p95": 0.95}
#: Longer than any outage: what stands for "not in time" where only numbers can stand.
NOT_IN_TIME_S = 14_400.0


def measure() -> list[Figure]:
    """Both scopes: outages of the whole API, and of inference alone."""
    return [
        figure
        for key, is_whole_api in (("api", True), ("inference", False))
        for figure in _tell(key, _rehearse(is_whole_api=is_whole_api))
    ]


def _rehearse(*, is_whole_api: bool) -> Comparison:
    scenario = rehearsing.make_scenario(ENDPOINTS, MONTHS, is_whole_api=is_whole_api)
    found = rehearsing.run(scenario, OurRules())
    console = Console(width=110)
    for table in (rehearsing.outages, rehearsing.curves, rehearsing.others):
        console.print(table(found))
    return found


def _tell(key: str, found: Comparison) -> Iterator[Figure]:
    ours = found.ours
    false = ours.false_per_year
    yield Figure(
        f"{key}_false_alarms",
        false,
        "a year",
        f"{key}: false alarms per endpoint",
        MAX_FALSE_PER_YEAR,
        is_ceiling=True,
    )
    yield Figure(f"{key}_paid_probes", ours.paid_per_day, "a day", f"{key}: paid probes")
    for share in found.shares:
        name = f"{key}_{round(100 * share)}"
        seen = detected_share(ours, share)
        yield Figure(f"{name}_seen", seen, "", f"{key}: outages of {share:.0%} of calls, seen")
        yield from _tell_delays(name, found, share)


def _tell_delays(name: str, found: Comparison, share: float) -> Iterator[Figure]:
    for word, q in _QUANTILES.items():
        rule, theirs_s = found.best(share, q)
        ours_s = delay_s(found.ours, share, q)
        yield Figure(
            f"{name}_{word}",
            min(ours_s, NOT_IN_TIME_S),
            "s",
            f"{word} delay at {share:.0%}; the goal is what {rule} took",
            # where neither is in time there is nothing to compare
            min(theirs_s, NOT_IN_TIME_S)
            if share in _HELD and min(ours_s, theirs_s) < inf
            else None,
            is_ceiling=True,
        )
