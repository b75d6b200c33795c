"""People: sums by home day of calls that name an end user or tags; the others add nothing."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from typing import NamedTuple
from zoneinfo import ZoneInfo

from sqlalchemy.orm import Session

from monitor.domain import tags
from monitor.domain.calls import Detail
from monitor.domain.windows import day_of_bucket
from monitor.storage import codes, statements
from monitor.storage.calls import Entry, Place, Placed
from monitor.storage.usage import SUMS, Sums, added, sum_up

#: The tag that stands for all calls with any.
TAGGED = ""
_ORIGIN = codes.codes_of(codes.ORIGINS)


class UserKey(NamedTuple):
    """Whose usage, and on which home day."""

    day: int
    user_hash: bytes
    endpoint_id: int
    attribution_id: int
    origin: int


class TagKey(NamedTuple):
    """Usage under which tag, and on which home day."""

    day: int
    tag: str
    endpoint_id: int
    attribution_id: int
    origin: int


Key = UserKey | TagKey
_TABLES: Mapping[type[Key], str] = {UserKey: "user_day", TagKey: "tag_day"}
_ADD = {kind: statements.add_up(table, kind._fields, SUMS) for kind, table in _TABLES.items()}
_DROP = {
    kind: statements.drop_empty(table, kind._fields, "n", "0") for kind, table in _TABLES.items()
}


def add(session: Session, placed: Placed, home_zone: ZoneInfo) -> None:
    """Add calls to the days of their users and tags."""
    found = _by_key(placed, home_zone)
    if found:
        move(session, {key: [sums] for key, sums in found.items()})


def exchange(session: Session, gone: Placed, come: Placed, home_zone: ZoneInfo) -> None:
    """Let calls that are known otherwise now count as such."""
    moved: defaultdict[Key, list[Sums]] = defaultdict(list)
    for key, sums in _by_key(come, home_zone).items():
        moved[key].append(sums)
    for key, sums in _by_key(gone, home_zone).items():
        moved[key].append(tuple(-each for each in sums))
    move(session, moved)
    for kind, keys in _by_kind(moved).items():
        statements.run(session, _DROP[kind], keys)


def move(session: Session, moved: Mapping[Key, Iterable[Sums]]) -> None:
    """Add sums to days."""
    for kind, keys in _by_kind(moved).items():
        statements.run(session, _ADD[kind], [(*key, *added(moved[key])) for key in keys])


def keys(
    day: int, place: Place, user_hash: bytes | None, told: Mapping[str, str] | None
) -> Iterator[Key]:
    """Where a call counts that names an end user, or tags by their names."""
    whose = (place.endpoint_id, place.attribution_id, _ORIGIN[place.origin])
    if user_hash is not None:
        yield UserKey(day, user_hash, *whose)
    if told:
        yield TagKey(day, TAGGED, *whose)
        yield from (TagKey(day, tags.write(*each), *whose) for each in told.items())


def _by_key(placed: Placed, home_zone: ZoneInfo) -> dict[Key, Sums]:
    found: defaultdict[Key, list[Entry]] = defaultdict(list)
    for place, entries in placed.items():
        for entry, detail in _naming(entries):
            day = day_of_bucket(place.bucket, home_zone)
            for key in keys(day, place, detail.user_hash, dict(detail.tags)):
                found[key].append(entry)
    return {key: sum_up(entries) for key, entries in found.items()}


def _naming(entries: Sequence[Entry]) -> Iterator[tuple[Entry, Detail]]:
    for entry in entries:
        detail = entry[0].detail
        if detail is not None and (detail.user_hash is not None or detail.tags):
            yield entry, detail


def _by_kind(found: Collection[Key]) -> dict[type[Key], list[Key]]:
    kinds = {kind: [key for key in found if type(key) is kind] for kind in _TABLES}
    return {kind: own for kind, own in kinds.items() if own}
