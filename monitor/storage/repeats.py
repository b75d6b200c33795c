"""Repeats: calls whose dedupe key is known, beside what the ledger has under it."""

from collections.abc import Iterable, Sequence
from dataclasses import replace
from typing import Any

from sqlalchemy.orm import Session

from monitor.domain.calls import Origin
from monitor.domain.dedupe import is_day_in_doubt, next_door
from monitor.domain.prices import CostState
from monitor.domain.usage import LEAVES, UsageState
from monitor.domain.windows import DAY_MS
from monitor.storage import calls, codes, statements
from monitor.storage.calls import COLUMNS, Entry, Written

_PROBE = Origin.PROBE
_AT_ONCE = 500
#: What a repeat is compared by. A computed cost follows from the rest.
_COMPARED = (
    "endpoint_id",
    "attribution_id",
    "outcome",
    "http_status",
    "ttft_us",
    "total_us",
    "usage_state",
    *LEAVES,
)
_PLACES = tuple(COLUMNS.index(name) for name in _COMPARED)
_KEY, _COST_STATE = COLUMNS.index("dedupe_key"), COLUMNS.index("cost_state")
_COSTS = (_COST_STATE, COLUMNS.index("cost_nano_usd"))
_REPORTED = codes.codes_of(codes.COST_STATES)[CostState.REPORTED]
#: What a repeat may change.
_FILLED = (*_COMPARED, "is_live", "service_tier", "cost_state", "cost_nano_usd", "price_list_id")
_CHANGE = statements.change("call", ("id",), _FILLED)
_COUNTED = statements.change("call_detail", ("call_id",), ("estimated_by",))


def rekey(session: Session, entries: Sequence[Entry]) -> Sequence[Entry]:
    """The entries; those that stand under the day next door take the key that stands there.

    Of two in one transaction the earlier day's stands. Probes are never dated twice, and most
    calls that are told as they end cannot be.
    """
    if _is_of_midday(entries):
        return entries
    told = {e.call.dedupe_key for e in entries if _may_be_dated_twice(e)} - {None}
    doors = {key: next_door(key) for key in told if key is not None}
    if not doors:
        return entries
    standing = _standing(session, [door for each in doors.values() for door in each])
    moved = {
        key: door
        for key, each in doors.items()
        for door in each
        if door in standing or (door in told and door < key)
    }
    return [_moved(entry, moved) for entry in entries] if moved else entries


def _is_of_midday(entries: Sequence[Entry]) -> bool:
    """Whether a batch was told as it ended, within one day and away from its ends: most are."""
    starts = [entry[0].started_ms for entry in entries]
    first, last = min(starts, default=0), max(starts, default=0)
    is_one_day = first // DAY_MS == last // DAY_MS
    is_sure = not any(is_day_in_doubt(each, is_live=True) for each in (first, last))
    return is_one_day and is_sure and all(entry.is_live for entry in entries)


def _may_be_dated_twice(entry: Entry) -> bool:
    call = entry.call
    is_told = call.origin is not _PROBE
    return is_told and is_day_in_doubt(call.started_ms, is_live=entry.is_live)


def alike(session: Session, entries: Iterable[Entry]) -> set[int]:
    """Those of some entries, by `id`, that say nothing but what their rows say."""
    told = {id(entry): calls.row_of((0, entry)) for entry in entries}
    keys = list({row[_KEY] for row in told.values()})
    rows: dict[bytes, Any] = {}
    for start in range(0, len(keys), _AT_ONCE):
        part = keys[start : start + _AT_ONCE]
        chosen = statements.select_among("call", COLUMNS, "dedupe_key", len(part))
        rows |= {row[_KEY]: row for row in statements.fetch_all(session, chosen, part)}
    return {n for n, row in told.items() if row[_KEY] in rows and _says(row, rows[row[_KEY]])}


def change(session: Session, written: Written) -> None:
    """Let a row say what is known of its call now."""
    number, entry = written
    row = calls.row_of(written)
    values = [row[COLUMNS.index(name)] for name in _FILLED]
    statements.run(session, _CHANGE, (*values, number))
    if entry.call.usage_state is UsageState.MEASURED:
        statements.run(session, _COUNTED, (None, number))


def _standing(session: Session, keys: list[bytes]) -> set[bytes]:
    """Those of some dedupe keys that calls have: through the driver, for each batch asks."""
    found: set[bytes] = set()
    for start in range(0, len(keys), _AT_ONCE):
        part = keys[start : start + _AT_ONCE]
        chosen = statements.select_among("call", ("dedupe_key",), "dedupe_key", len(part))
        found.update(row[0] for row in statements.fetch_all(session, chosen, part))
    return found


def _moved(entry: Entry, moved: dict[bytes, bytes]) -> Entry:
    door = moved.get(entry.call.dedupe_key or b"")
    return entry if door is None else entry._replace(call=replace(entry.call, dedupe_key=door))


def _says(told: Sequence[Any], standing: Sequence[Any]) -> bool:
    """Whether a row says the same as one that stands; only a reported cost is said."""
    is_reported = told[_COST_STATE] == _REPORTED
    return all(told[n] == standing[n] for n in (*_PLACES, *(_COSTS if is_reported else ())))
