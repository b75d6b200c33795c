"""People sums: what the days of users and tags should hold, made from calls, and what they do.

Sums are in the order of `SUMS`.
"""

import json
from collections import defaultdict
from collections.abc import Iterator

from sqlalchemy import ColumnElement, Text, cast, or_, select
from sqlalchemy.orm import Session

from monitor.domain.windows import Window, bucket_of
from monitor.storage import codes, people
from monitor.storage.calls import Place
from monitor.storage.models.ledger import CallDetailRow, CallRow
from monitor.storage.models.rollups import TagDay, UserDay
from monitor.storage.people import Key, TagKey, UserKey
from monitor.storage.queries.ledger_sums import EXPRESSIONS
from monitor.storage.queries.totals import SUMS
from monitor.storage.usage import Sums, added

_ORIGIN = codes.codes_of(codes.ORIGINS)
#: Tags as they were written: equal ones in another order are told apart here, and not below.
TAGS: ColumnElement[str] = cast(CallDetailRow.tags, Text)


def of_calls(session: Session, day: int, window: Window) -> dict[Key, Sums]:
    """What the calls of a window add to a day, of which it is or is a part."""
    found: defaultdict[Key, list[Sums]] = defaultdict(list)
    whose = (CallRow.endpoint_id, CallRow.attribution_id, CallRow.origin)
    groups = (CallDetailRow.user_hash, TAGS, *whose)
    chosen = (
        select(*groups, *EXPRESSIONS)
        .join(CallDetailRow, CallDetailRow.call_id == CallRow.id)
        .where(CallRow.started_ms >= window.from_ms, CallRow.started_ms < window.to_ms)
        .where(or_(CallDetailRow.user_hash.is_not(None), CallDetailRow.tags.is_not(None)))
        .group_by(*groups)
    )
    for user_hash, told, *rest in session.execute(chosen):
        place = Place(bucket_of(window.from_ms), *rest[:3])
        for key in people.keys(day, place, user_hash, json.loads(told) if told else None):
            found[key].append(tuple(rest[3:]))
    return {key: added(rows) for key, rows in found.items()}


def of_rows(session: Session, day: int) -> Iterator[tuple[Key, Sums]]:
    """What the rows of a day hold."""
    for key, row in ((UserKey, UserDay), (TagKey, TagDay)):
        keys = [getattr(row, name) for name in key._fields[:-1]]
        sums = [getattr(row, name) for name in SUMS]
        chosen = select(*keys, row.origin, *sums).where(row.day == day)
        for found in session.execute(chosen):
            *whose, origin = found[: len(key._fields)]
            yield key._make((*whose, _ORIGIN[origin])), tuple(found[len(key._fields) :])
