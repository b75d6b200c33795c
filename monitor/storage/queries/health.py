"""Health: how endpoints stand now, and how available they were.

Availability is read from settled time only: what is pending is in no figure.
"""

from collections.abc import Collection
from dataclasses import dataclass, fields
from zoneinfo import ZoneInfo

from sqlalchemy import select
from sqlalchemy.orm import Session

from monitor.domain.availability import Availability, judge
from monitor.domain.cover import cover
from monitor.domain.health import Health, Policy, State, current
from monitor.domain.windows import BUCKET_MS, HOUR_MS, Window, bucket_of, day_window
from monitor.storage import pauses
from monitor.storage.facts import home_zone
from monitor.storage.models.health import HealthRow
from monitor.storage.queries import maintenance, states

Ids = Collection[int] | None

_FIELDS = tuple(field.name for field in fields(Health))


@dataclass(frozen=True, slots=True)
class Standing:
    """How an endpoint stands at an instant.

    `state` is the one to show: unknown where no tick vouches any more, and then since the last
    one. `settled_ms` is how far it is certain; `first_failed_ms` is set while a failure is being
    checked. Maintenance is an overlay: checks and states go on beneath it. Where it is paused,
    nobody checks.
    """

    endpoint_id: int
    state: State
    since_ms: int
    settled_ms: int
    first_failed_ms: int | None
    last_tick_ms: int | None
    has_incident: bool
    is_in_maintenance: bool
    is_paused: bool


@dataclass(frozen=True, slots=True)
class DayAvailability:
    """One day (proleptic ordinal in the zone asked for)."""

    day: int
    availability: Availability


@dataclass(frozen=True, slots=True)
class HourAvailability:
    """The hour that starts at an instant."""

    from_ms: int
    availability: Availability


def standings(
    session: Session, now_ms: int, policy: Policy = Policy.PROVIDER
) -> dict[int, Standing]:
    """How every endpoint stands now, retired ones included."""
    chosen = select(HealthRow).where(HealthRow.policy == policy)
    held = maintenance.running(session, now_ms)
    paused = pauses.paused_ids(session)
    return {
        row.endpoint_id: _standing(
            row, now_ms, is_held=row.endpoint_id in held, is_paused=row.endpoint_id in paused
        )
        for row in session.scalars(chosen)
    }


def _standing(row: HealthRow, now_ms: int, *, is_held: bool, is_paused: bool) -> Standing:
    state = current(Health(**{name: getattr(row, name) for name in _FIELDS}), now_ms)
    lapsed_ms = row.last_tick_ms if state is not row.state else None
    return Standing(
        endpoint_id=row.endpoint_id,
        state=state,
        since_ms=row.since_ms if lapsed_ms is None else lapsed_ms,
        settled_ms=row.settled_ms,
        first_failed_ms=row.first_failed_ms,
        last_tick_ms=row.last_tick_ms,
        has_incident=row.has_incident,
        is_in_maintenance=is_held,
        is_paused=is_paused,
    )


def availability(
    session: Session,
    window: Window,
    zone: ZoneInfo,
    policy: Policy = Policy.PROVIDER,
    endpoint_ids: Ids = None,
) -> dict[int, Availability]:
    """Of each endpoint, over the part of the window from its creation to where it is settled."""
    lives = states.lives(session, policy, endpoint_ids)
    parts = cover(window, zone, home_zone(session))
    sums = states.sums(session, parts, policy, endpoint_ids)
    return {number: _judge(sums, number, life, window) for number, life in lives.items()}


def days(
    session: Session,
    first_day: int,
    last_day: int,
    zone: ZoneInfo,
    *,
    policy: Policy = Policy.PROVIDER,
    endpoint_ids: Ids = None,
) -> dict[int, list[DayAvailability]]:
    """Of each endpoint, every day from the first to the last, both included."""
    lives = states.lives(session, policy, endpoint_ids)
    result: dict[int, list[DayAvailability]] = {number: [] for number in lives}
    run = range(first_day, last_day + 1)
    for day, sums in states.sums_by_day(session, run, zone, policy, endpoint_ids):
        window = day_window(day, zone)
        for number, life in lives.items():
            result[number].append(DayAvailability(day, _judge(sums, number, life, window)))
    return result


def hours(
    session: Session,
    window: Window,
    policy: Policy = Policy.PROVIDER,
    endpoint_ids: Ids = None,
) -> dict[int, list[HourAvailability]]:
    """Of each endpoint, every hour counted from the bucket that the window starts in.

    So they are the hours of the clock on the wall wherever the window starts on one. The last
    hour is whole, too.
    """
    starts = range(bucket_of(window.from_ms) * BUCKET_MS, window.to_ms, HOUR_MS)
    run = range(bucket_of(starts.start), bucket_of(starts.start) + len(starts) * 4)
    sums = states.sums_by_step(session, run, HOUR_MS // BUCKET_MS, policy, endpoint_ids)
    return {
        number: [
            HourAvailability(
                at, _judge(sums.get(place, {}), number, life, Window(at, at + HOUR_MS))
            )
            for place, at in enumerate(starts)
        ]
        for number, life in states.lives(session, policy, endpoint_ids).items()
    }


def _judge(sums: states.Sums, number: int, life: states.Life, window: Window) -> Availability:
    return judge(sums.get(number, {}), life.clip(window).length_ms)
