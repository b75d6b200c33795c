"""Breakdown: whose usage a window's is, beside the time before it. Page and command read the same.

A team's figures are without probes; those are told apart. By end user or tag all raise
`OutOfReachError` where more is asked than is read.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from zoneinfo import ZoneInfo

from monitor.domain.counterparts import Comparison, Kind, complete
from monitor.domain.dimensions import EVERYTHING, OF_DETAILS, Dimension, Filters
from monitor.domain.windows import Window, day_of
from monitor.storage import apps
from monitor.storage.engine import Session
from monitor.storage.queries import endpoints, people, usage
from monitor.storage.queries.counterparts import is_covered
from monitor.storage.queries.owners import ALL, Audience, Owner
from monitor.storage.queries.totals import Totals, add_up
from monitor.storage.queries.usage import DayTotals

UNKNOWN = "not known"
_DIGITS = 12


@dataclass(frozen=True, slots=True)
class Question:
    """What is asked: the team's calls of a window of a zone, kept apart by a dimension."""

    window: Window
    zone: ZoneInfo
    by: Dimension = Dimension.MODEL
    filters: Filters = EVERYTHING
    kind: Kind = Kind.DAYS

    @property
    def days(self) -> tuple[int, int]:
        """The first and last day that the window meets."""
        last_ms = max(self.window.from_ms, self.window.to_ms - 1)
        return day_of(self.window.from_ms, self.zone), day_of(last_ms, self.zone)


@dataclass(frozen=True, slots=True)
class Breakdown:
    """The team's calls by owner, and those of probes as a whole.

    `now` and `before` are the two periods of `compared`, `None` where there is nothing to compare:
    no day is over yet, or (`is_first`) the period before is not wholly in the ledger.
    `whole` and the two beside it are of all the team's calls: tags overlap, and add up to more.
    """

    found: Mapping[Owner, Totals]
    probes: Totals
    compared: Comparison | None
    now: Mapping[Owner, Totals]
    before: Mapping[Owner, Totals]
    whole: Totals
    whole_now: Totals
    whole_before: Totals
    is_first: bool


def break_down(session: Session, asked: Question) -> Breakdown:
    """Whose calls a window's are."""
    wanted = complete(asked.window, asked.zone, asked.kind, asked.window.to_ms)
    compared = _covered(session, asked, wanted)
    periods = [] if compared is None else [compared.after, compared.before]
    read = [_read(session, asked, window) for window in (asked.window, *periods)]
    wholes = [
        _whole(session, asked, window, found)
        for window, found in zip((asked.window, *periods), read, strict=True)
    ]
    found, now, before = [*read, {}, {}][:3]
    whole, whole_now, whole_before = [*wholes, Totals(), Totals()][:3]
    return Breakdown(
        found,
        _probes(session, asked),
        compared,
        now,
        before,
        whole,
        whole_now,
        whole_before,
        is_first=wanted is not None and compared is None,
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
    if by is Dimension.USER:
        return {owner: str(owner)[:_DIGITS] or UNKNOWN for owner in owners}
    return {owner: str(owner) or UNKNOWN for owner in owners}


def told_of(by: Dimension) -> str:
    """What a reader has to know of a dimension; "" where it is as any other."""
    if by not in OF_DETAILS:
        return ""
    apart = (
        "a call counts under each of its tags: they overlap, and do not add up to all calls"
        if by is Dimension.TAG
        else "users are shown as keyed hashes"
    )
    return f"{apart}; read from the calls themselves, of at most {people.MOST_DAYS} days"


def _covered(session: Session, asked: Question, wanted: Comparison | None) -> Comparison | None:
    """Only with what is known as a whole; of users and tags that is as long as details are kept."""
    if wanted is None or not is_covered(session, wanted.before):
        return None
    if asked.by not in OF_DETAILS:
        return wanted
    return wanted if wanted.before.from_ms >= people.known_from_ms(session) else None


def _whole(
    session: Session, asked: Question, window: Window, found: Mapping[Owner, Totals]
) -> Totals:
    if asked.by is not Dimension.TAG:
        return add_up(found.values())
    return _read(session, replace(asked, by=Dimension.ALL), window)[ALL]


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
