"""People: calls by end user or by tag, and calls that are chosen by them.

An end user is the hexadecimal digits of his keyed hash, a tag as `domain.tags` writes it; "" are
the calls without. A call counts under each of its tags: these overlap, and do not add up to all
calls.
"""

from collections import defaultdict
from collections.abc import Iterable
from typing import Any

from sqlalchemy import exists, select
from sqlalchemy.orm import Session

from monitor.domain.cover import cover
from monitor.domain.dimensions import OF_PEOPLE, Dimension
from monitor.domain.windows import Window, day_of, day_window
from monitor.storage import facts
from monitor.storage.models.ledger import CallRow
from monitor.storage.queries import extents
from monitor.storage.queries.extents import Extent, Part
from monitor.storage.queries.known_people import known
from monitor.storage.queries.owners import Whose
from monitor.storage.queries.totals import Totals, add_up, less
from monitor.storage.queries.usage_rows import Keys

#: By (at, values of the keys, user or tag).
Found = dict[tuple[int, tuple[Any, ...], str], Totals]


def of_window(session: Session, window: Window) -> Extent:
    """A window as home days and what is beside; a day after which nothing came is a whole one."""
    home = facts.home_zone(session)
    end_ms = day_window(day_of(max(window.from_ms, window.to_ms - 1), home), home).to_ms
    later = exists().where(CallRow.started_ms >= window.to_ms, CallRow.started_ms < end_ms)
    is_open = bool(session.scalar(select(later)))
    whole = Window(window.from_ms, window.to_ms if is_open else end_ms)
    return extents.of_cover(cover(whole, home, home))


def is_within_reach(session: Session, window: Window) -> bool:
    """Whether users and tags of a window are known: from its days, and the calls beside them."""
    since_ms = day_window(facts.people_from_day(session), facts.home_zone(session)).from_ms
    spans = extents.beside(of_window(session, window))
    beside_ms = spans[0].first if spans else window.to_ms
    return window.from_ms >= since_ms and beside_ms >= facts.details_from_ms(session)


def read(session: Session, extent: Extent, whose: Whose, keys: Keys) -> Found:
    """The sums of an extent; "" is who is not known, where users or tags are kept apart.

    Raises OutOfReachError.
    """
    for by, name in whose.filters.given():
        if by in OF_PEOPLE and not name:
            left = Dimension.ALL if by is whose.by else whose.by
            plain = whose._replace(by=left, only=None, filters=whose.filters.without(by))
            return _without(session, extent, plain, keys, by)
    if not whose.people:
        return _gathered(("", part) for part in extents.read(session, extent, whose, keys))
    found = _gathered(known(session, extent, whose, keys))
    if whose.by in OF_PEOPLE and whose.filters.of(whose.by) is None and whose.asks_for(""):
        every = whose._replace(by=Dimension.ALL, only=None)
        found |= _without(session, extent, every, keys, whose.by)
    return found


def _without(session: Session, extent: Extent, whose: Whose, keys: Keys, by: Dimension) -> Found:
    """Calls that name no user, or no tag: all of them less those that do.

    Never below zero, as where a call was priced anew when its user was known no more.
    """
    whole = read(session, extent, whose, keys)
    named = read(session, extent, whose._replace(told=whose.told | {by}), keys)
    found = {key: less(totals, named.get(key, Totals())) for key, totals in whole.items()}
    return {key: totals for key, totals in found.items() if totals.n}


def _gathered(parts: Iterable[tuple[str, Part]]) -> Found:
    several: defaultdict[tuple[int, tuple[Any, ...], str], list[Totals]] = defaultdict(list)
    for who, (at, values, totals) in parts:
        several[at, values, who].append(totals)
    return {key: each[0] if len(each) == 1 else add_up(each) for key, each in several.items()}
