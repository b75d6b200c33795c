"""Health: state rows, settled slices, and the time by state in buckets and home days."""

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, fields
from typing import Any, NamedTuple
from zoneinfo import ZoneInfo

from sqlalchemy import insert
from sqlalchemy.orm import Session

from monitor.domain.accounts import Account
from monitor.domain.health import Health, Policy, Span, State
from monitor.domain.maintenance import cut
from monitor.domain.windows import Window, day_of_bucket, split_by_bucket
from monitor.storage import codes, maintenance, statements
from monitor.storage.models.health import AccountRow, HealthRow, SliceRow
from monitor.storage.packing import pack_whole, unpack_whole

_KEYS = ("endpoint_id", "policy", "state", "in_maintenance")
_ADD_15M = statements.add_up("health_15m", ("bucket", *_KEYS), ("ms",))
_ADD_DAY = statements.add_up("health_day", ("day", *_KEYS), ("ms",))
_POLICY, _STATE = codes.codes_of(codes.POLICIES), codes.codes_of(codes.STATES)
_FIELDS = tuple(field.name for field in fields(Health))
_SAVE = statements.change("health", ("endpoint_id", "policy"), _FIELDS)
_ACCOUNT_FIELDS = tuple(field.name for field in fields(Account))
_SAVE_ACCOUNT = statements.change("account", ("endpoint_id",), _ACCOUNT_FIELDS)
#: What the driver gives to what a row holds.
_DECODE: dict[str, Callable[[Any], Any]] = {
    "state": codes.STATES.__getitem__,
    "outcome": codes.RESULTS.get,
    "trail": unpack_whole,
    "is_interrupted": bool,
    "has_incident": bool,
}
_CODES: dict[Any, int] = {result: code for code, result in codes.RESULTS.items()} | _STATE


class Track(NamedTuple):
    """An endpoint under a policy."""

    endpoint_id: int
    policy: Policy


class Settled(NamedTuple):
    """A span of a track that was just settled."""

    track: Track
    span: Span


class Part(NamedTuple):
    """A part of a settled span, in or out of maintenance; taken away where `sign` is -1."""

    track: Track
    state: State
    window: Window
    is_held: bool
    sign: int = 1


def begin(session: Session, endpoint_id: int, created_ms: int) -> None:
    """Start both tracks of an endpoint, and its account row: nothing is known yet."""
    new = asdict(Health.new(created_ms))
    for policy in Policy:
        session.execute(insert(HealthRow).values(endpoint_id=endpoint_id, policy=policy, **new))
    session.execute(insert(AccountRow).values(endpoint_id=endpoint_id, **asdict(Account())))


def load(session: Session, endpoint_ids: Iterable[int]) -> dict[Track, Health]:
    """The state rows of endpoints."""
    rows = _read(session, "health", ("endpoint_id", "policy", *_FIELDS), endpoint_ids)
    return {
        Track(endpoint_id, codes.POLICIES[policy]): Health(*values)
        for endpoint_id, policy, *values in rows
    }


def load_accounts(session: Session, endpoint_ids: Iterable[int]) -> dict[int, Account]:
    """The account rows of endpoints."""
    rows = _read(session, "account", ("endpoint_id", *_ACCOUNT_FIELDS), endpoint_ids)
    return {endpoint_id: Account(*values) for endpoint_id, *values in rows}


def _read(
    session: Session, table: str, columns: Sequence[str], endpoint_ids: Iterable[int]
) -> Iterator[list[Any]]:
    """Rows through the driver: they are read in every transaction, with all their columns."""
    numbers = list(endpoint_ids)
    chosen = statements.select_among(table, columns, "endpoint_id", len(numbers))
    decoded = [(at, _DECODE[name]) for at, name in enumerate(columns) if name in _DECODE]
    for row in statements.fetch_all(session, chosen, numbers):
        values = list(row)
        for at, decode in decoded:
            values[at] = decode(values[at])
        yield values


def save(session: Session, rows: Mapping[Track, Health]) -> None:
    """Put state rows in the place of those that stand."""
    if rows:
        statements.run(
            session,
            _SAVE,
            [
                (*_coded(health), track.endpoint_id, _POLICY[track.policy])
                for track, health in rows.items()
            ],
        )


def save_accounts(session: Session, rows: Mapping[int, Account]) -> None:
    """Put account rows in the place of those that stand."""
    if rows:
        statements.run(
            session, _SAVE_ACCOUNT, [(*_coded(account), number) for number, account in rows.items()]
        )


def _coded(row: Health | Account) -> tuple[Any, ...]:
    values = map(row.__getattribute__, row.__slots__)
    return tuple(
        pack_whole(value) if isinstance(value, tuple) else _CODES.get(value, value)
        for value in values
    )


def settle(session: Session, track: Track, before: Health, spans: Iterable[Span]) -> None:
    """Write the slices that begin with these spans, which follow the row `before`."""
    state = before.state if before.since_ms < before.settled_ms else None
    for span in spans:
        if span.state is not state:
            _append_slice(session, track, span.from_ms, span.state)
        state = span.state


def add(session: Session, settled: Sequence[Settled], home_zone: ZoneInfo) -> None:
    """Add settled time to buckets and home days, apart what is held by maintenance."""
    if not settled:
        return
    from_ms, to_ms = min(s.from_ms for _, s in settled), max(s.to_ms for _, s in settled)
    held = maintenance.held(session, Window(from_ms, to_ms))
    parts = [
        Part(track, span.state, inside, is_held)
        for track, span in settled
        for inside, is_held in cut(
            Window(span.from_ms, span.to_ms), held.get(track.endpoint_id, ())
        )
    ]
    add_parts(session, parts, home_zone)


def add_parts(session: Session, parts: Iterable[Part], home_zone: ZoneInfo) -> None:
    """Add parts of settled spans to buckets and home days, or take them away."""
    buckets: Counter[tuple[int, int, int, int, bool]] = Counter()
    days: Counter[tuple[int, int, int, int, bool]] = Counter()
    for (endpoint_id, policy), state, window, is_held, sign in parts:
        key = (endpoint_id, _POLICY[policy], _STATE[state], is_held)
        for bucket, length_ms in split_by_bucket(window):
            buckets[bucket, *key] += sign * length_ms
            days[day_of_bucket(bucket, home_zone), *key] += sign * length_ms
    for statement, sums in ((_ADD_15M, buckets), (_ADD_DAY, days)):
        if sums:
            rows = [(*key, ms) for key, ms in sums.items()]
            statements.run(session, statement, rows)


def add_days(session: Session, home_zone: ZoneInfo) -> None:
    """Add the time by state of all buckets to the home days that these lie in."""
    columns = ", ".join(("bucket", *_KEYS, "ms"))
    chosen = f"SELECT {columns} FROM health_15m"  # noqa: S608 -- names are ours
    for part in statements.stream(session, chosen, 5_000):
        days = [(day_of_bucket(bucket, home_zone), *rest) for bucket, *rest in part]
        statements.run(session, _ADD_DAY, days)


def _append_slice(session: Session, track: Track, from_ms: int, state: State) -> None:
    session.execute(
        insert(SliceRow).values(
            endpoint_id=track.endpoint_id, policy=track.policy, from_ms=from_ms, state=state
        )
    )
