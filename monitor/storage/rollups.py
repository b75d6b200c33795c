"""Rollups: cleared, and read back, to be made again."""

from collections.abc import Iterable, Iterator
from typing import NamedTuple
from zoneinfo import ZoneInfo

from sqlalchemy import delete, func, select

from monitor.domain.health import Policy, Span, State
from monitor.domain.windows import Window, bucket_of, day_of, day_of_bucket, day_window
from monitor.storage import facts, health, latency, people, usage
from monitor.storage.engine import Session
from monitor.storage.health import Part, Settled, Track
from monitor.storage.models.health import HealthRow, SliceRow
from monitor.storage.models.ledger import CallDetailRow
from monitor.storage.models.rollups import (
    Failure15m,
    Health15m,
    HealthDay,
    Latency15m,
    LatencyDay,
    TagDay,
    Usage15m,
    UsageDay,
    UserDay,
)
from monitor.storage.queries import people_sums, slices


class Start(NamedTuple):
    """From where on rollups are made again: a home day, and its first instant and bucket."""

    day: int
    instant_ms: int
    bucket: int


def start_of(day: int, home_zone: ZoneInfo) -> Start:
    """The start of a home day."""
    instant_ms = day_window(day, home_zone).from_ms
    return Start(day, instant_ms, bucket_of(instant_ms))


def clear(session: Session, start: Start, people_start: Start, latency_start: Start) -> None:
    """Remove all rollups from a start on; those that are made from details from their own.

    What is older than these starts is kept truth.
    """
    for model in (Usage15m, Health15m, Failure15m):
        session.execute(delete(model).where(model.bucket >= start.bucket))
    for day_model in (UsageDay, HealthDay):
        session.execute(delete(day_model).where(day_model.day >= start.day))
    _clear_people(session, people_start.day)
    session.execute(delete(Latency15m).where(Latency15m.bucket >= latency_start.bucket))
    session.execute(delete(LatencyDay).where(LatencyDay.day >= latency_start.day))


def add_health(session: Session, start: Start, home_zone: ZoneInfo) -> None:
    """Add the time by state since a start, from settled slices."""
    for track, settled_ms in _tracks(session):
        since = [
            Settled(track, span._replace(from_ms=max(span.from_ms, start.instant_ms)))
            for span in _spans(session, track, settled_ms)
            if span.to_ms > start.instant_ms
        ]
        health.add(session, since, home_zone)


def move_held(
    session: Session,
    endpoint_id: int,
    windows: Iterable[Window],
    home_zone: ZoneInfo,
    *,
    is_held: bool,
) -> None:
    """Move the settled time of windows into maintenance, or out of it."""
    for window in windows:
        moved = [
            part
            for policy in Policy
            for _, from_ms, to_ms, state in slices.between(session, window, policy, [endpoint_id])
            for part in _move(Track(endpoint_id, policy), state, Window(from_ms, to_ms), is_held)
        ]
        health.add_parts(session, moved, home_zone)
        _drop_empty(session, window, home_zone)


def _move(track: Track, state: State, window: Window, is_held: bool) -> Iterator[Part]:  # noqa: FBT001 -- a part's own field
    yield Part(track, state, window, is_held)
    yield Part(track, state, window, not is_held, sign=-1)


def _drop_empty(session: Session, window: Window, home_zone: ZoneInfo) -> None:
    """A row that holds nothing any more is one that a rebuild would not make."""
    first, last = bucket_of(window.from_ms), bucket_of(window.to_ms)
    days = day_of_bucket(first, home_zone), day_of_bucket(last, home_zone)
    in_buckets = delete(Health15m).where(Health15m.bucket.between(first, last), Health15m.ms == 0)
    on_days = delete(HealthDay).where(HealthDay.day.between(*days), HealthDay.ms == 0)
    for statement in (in_buckets, on_days):
        session.execute(statement.execution_options(synchronize_session=False))


def move_home(session: Session, home_zone: ZoneInfo) -> None:
    """Make the day rows again in another home zone: from the buckets, those of people from calls.

    Latency days older than the oldest bucket are kept as they are, in the zone they were made in,
    and so are days of users and tags whose calls have no details any more.
    """
    old = facts.home_zone(session)
    facts.state(session, facts.HOME_ZONE, home_zone.key)
    _clear_days(session, home_zone)
    for sums in usage.buckets(session):
        usage.add_days(session, sums, home_zone)
    for histograms in latency.buckets(session):
        latency.add_days(session, histograms, home_zone)
    health.add_days(session, home_zone)
    _move_people(session, old, home_zone)
    _move_boundaries(session, old, home_zone)


def _move_boundaries(session: Session, old: ZoneInfo, new: ZoneInfo) -> None:
    """What was whole from a day of the old zone on is so from the first whole day of the new."""
    for name in facts.BOUNDARIES:
        if facts.read(session, name) is not None:
            start_ms = day_window(facts.read_day(session, name), old).from_ms
            facts.state(session, name, str(day_of(start_ms - 1, new) + 1))


def _move_people(session: Session, old: ZoneInfo, new: ZoneInfo) -> None:
    """The day in which details begin is parted at the old zone's midnight: no call is lost."""
    from_day, told_ms = facts.details_from_day(session), CallDetailRow.started_ms
    first_ms, last_ms = session.execute(select(func.min(told_ms), func.max(told_ms))).one()
    _clear_people(session, from_day)
    if first_ms is None:
        return
    start_ms = max(first_ms, day_window(from_day, old).from_ms)
    for day in range(day_of(start_ms, new), day_of(last_ms, new) + 1):
        sums = people_sums.of_calls(session, day, day_window(day, new).clip(start_ms, last_ms + 1))
        people.move(session, {key: [row] for key, row in sums.items()})


def _clear_people(session: Session, from_day: int) -> None:
    for model in (UserDay, TagDay):
        session.execute(delete(model).where(model.day >= from_day))


def _clear_days(session: Session, home_zone: ZoneInfo) -> None:
    session.execute(delete(UsageDay))
    session.execute(delete(HealthDay))
    oldest = session.scalar(select(func.min(Latency15m.bucket)))
    if oldest is not None:
        first_day = day_of_bucket(oldest, home_zone)
        session.execute(delete(LatencyDay).where(LatencyDay.day >= first_day))


def _tracks(session: Session) -> list[tuple[Track, int]]:
    chosen = select(HealthRow.endpoint_id, HealthRow.policy, HealthRow.settled_ms)
    return [(Track(number, policy), settled) for number, policy, settled in session.execute(chosen)]


def _spans(session: Session, track: Track, settled_ms: int) -> list[Span]:
    chosen = (
        select(SliceRow.from_ms, SliceRow.state)
        .where(SliceRow.endpoint_id == track.endpoint_id, SliceRow.policy == track.policy)
        .order_by(SliceRow.from_ms)
    )
    begun = [(from_ms, state) for from_ms, state in session.execute(chosen)]
    ends = [from_ms for from_ms, _ in begun[1:]] + [settled_ms]
    return [Span(from_ms, to_ms, state) for (from_ms, state), to_ms in zip(begun, ends)]  # noqa: B905 -- without slices there is no end either
