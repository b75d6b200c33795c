"""Trends: which apps are used most, and which are used more than they were."""

from collections.abc import Sequence
from dataclasses import dataclass
from zoneinfo import ZoneInfo

from monitor.domain.dimensions import EVERYTHING, Dimension, Filters
from monitor.domain.trends import Trend, windows
from monitor.domain.windows import Window
from monitor.storage import apps
from monitor.storage.engine import Session
from monitor.storage.queries import usage
from monitor.storage.queries.counterparts import is_covered
from monitor.storage.queries.owners import Audience, Owner
from monitor.storage.queries.ranking import rank
from monitor.storage.queries.totals import Totals


@dataclass(frozen=True, slots=True)
class AppUse:
    """An app in a window: its identity ("" where it told none), its title, the team's calls.

    `trend` is of tokens; `None` where there is nothing to compare: no day is over, or a window
    before is not wholly in the ledger.
    """

    app: str
    title: str
    totals: Totals
    trend: Trend | None


def of_apps(
    session: Session, window: Window, zone: ZoneInfo, filters: Filters = EVERYTHING
) -> list[AppUse]:
    """Every app with a call in the window or in those that it is judged by, the largest first."""

    def read(each: Window) -> dict[Owner, Totals]:
        return usage.totals(
            session, each, zone, by=Dimension.APP, audience=Audience.TEAM, filters=filters
        )

    found, known = read(window), apps.known(session)
    judged = windows(window, zone)
    is_known = judged is not None and is_covered(session, judged[-1])
    parts = [read(each) for each in judged or ()] if is_known else []
    every = {
        owner: found.get(owner, Totals())
        for owner in dict.fromkeys(owner for part in (found, *parts) for owner in part)
    }
    return [
        AppUse(str(app), known.title(str(app)), totals, _trend(app, parts))
        for app, totals in rank(every, len(every)).first.items()
    ]


def rising(used: Sequence[AppUse]) -> list[AppUse]:
    """Those that are used more than they were, by how much."""
    gains = [(each.trend.gain_thirds, each) for each in used if each.trend is not None]
    gains.sort(key=lambda pair: (-pair[0], pair[1].title))
    return [each for gain, each in gains if gain > 0]


def _trend(app: Owner, parts: list[dict[Owner, Totals]]) -> Trend | None:
    if not parts:
        return None
    now, first, second, third = (part.get(app, Totals()).tokens for part in parts)
    return Trend(now, (first, second, third))
