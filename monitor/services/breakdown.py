"""Breakdown: whose usage a window's is, beside the time before it. Page and command read the same.

A team's figures are without probes; those are told apart.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from zoneinfo import ZoneInfo

from monitor.domain.comparison import Comparison, compare
from monitor.domain.dimensions import EVERYTHING, Dimension, Filters
from monitor.domain.windows import Window, day_of
from monitor.storage import apps
from monitor.storage.engine import Session
from monitor.storage.queries import endpoints, usage
from monitor.storage.queries.owners import ALL, Audience, Owner
from monitor.storage.queries.totals import Totals, add_up
from monitor.storage.queries.usage import DayTotals

UNKNOWN = "not known"


@dataclass(frozen=True, slots=True)
class Question:
    """What is asked: the team's calls of a window of a zone, kept apart by a dimension."""

    window: Window
    zone: ZoneInfo
    by: Dimension = Dimension.MODEL
    filters: Filters = EVERYTHING

    @property
    def days(self) -> tuple[int, int]:
        """The first and last day that the window meets."""
        last_ms = max(self.window.from_ms, self.window.to_ms - 1)
        return day_of(self.window.from_ms, self.zone), day_of(last_ms, self.zone)


@dataclass(frozen=True, slots=True)
class Breakdown:
    """The team's calls by owner, and those of probes as a whole.

    `now` and `before` are the two periods of `compared`, `None` where there is nothing to compare.
    """

    found: Mapping[Owner, Totals]
    probes: Totals
    compared: Comparison | None
    now: Mapping[Owner, Totals]
    before: Mapping[Owner, Totals]

    @property
    def whole(self) -> Totals:
        """All the team's calls."""
        return add_up(self.found.values())


def break_down(session: Session, asked: Question) -> Breakdown:
    """Whose calls a window's are."""
    compared = compare(asked.window, asked.zone)
    found = _read(session, asked, asked.window)
    return Breakdown(
        found,
        _probes(session, asked),
        compared,
        {} if compared is None else _read(session, asked, compared.current),
        {} if compared is None else _read(session, asked, compared.previous),
    )


def by_day(session: Session, asked: Question) -> dict[Owner, list[DayTotals]]:
    """The same day by day, every day that the window meets as a whole."""
    return usage.by_day(
        session,
        *asked.days,
        asked.zone,
        by=asked.by,
        audience=Audience.TEAM,
        filters=asked.filters,
    )


def labels(session: Session, by: Dimension, owners: Sequence[Owner]) -> dict[Owner, str]:
    """What owners are called: an endpoint by its id in the settings, an app by its title."""
    if by is Dimension.ENDPOINT:
        slugs = {each.id: each.slug for each in endpoints.every(session)}
        return {owner: slugs.get(int(owner), str(owner)) for owner in owners}
    if by is Dimension.APP:
        known = apps.known(session)
        return {owner: known.title(str(owner)) or UNKNOWN for owner in owners}
    return {owner: str(owner) or UNKNOWN for owner in owners}


def _read(session: Session, asked: Question, window: Window) -> dict[Owner, Totals]:
    return usage.totals(
        session,
        window,
        asked.zone,
        by=asked.by,
        audience=Audience.TEAM,
        filters=asked.filters,
    )


def _probes(session: Session, asked: Question) -> Totals:
    found = usage.totals(
        session,
        asked.window,
        asked.zone,
        audience=Audience.PROBES,
        filters=asked.filters,
    )
    return found[ALL]
