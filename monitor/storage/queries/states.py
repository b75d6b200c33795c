"""States: milliseconds by state and maintenance, of each endpoint, from day rows down to slices."""

from collections import Counter, defaultdict
from collections.abc import Collection, Iterator
from typing import NamedTuple
from zoneinfo import ZoneInfo

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from monitor.domain.availability import Milliseconds
from monitor.domain.cover import Cover, cover_days
from monitor.domain.health import Policy, State
from monitor.domain.maintenance import cut
from monitor.domain.windows import Window
from monitor.storage import maintenance
from monitor.storage.facts import home_zone
from monitor.storage.models.health import HealthRow
from monitor.storage.models.rollups import Health15m, HealthDay
from monitor.storage.queries import slices

Ids = Collection[int] | None
Sums = dict[int, Milliseconds]


class Life(NamedTuple):
    """What is known of an endpoint: from its creation to where it is settled."""

    created_ms: int
    settled_ms: int

    def clip(self, window: Window) -> Window:
        """The part of a window that can be judged."""
        return window.clip(self.created_ms, self.settled_ms)


class Run(NamedTuple):
    """Consecutive buckets or days, kept apart every `step` of them where one is given."""

    row: type[Health15m | HealthDay]
    span: range
    step: int | None = None


def lives(session: Session, policy: Policy, endpoint_ids: Ids) -> dict[int, Life]:
    """The life of each endpoint that has a state row."""
    chosen = select(HealthRow.endpoint_id, HealthRow.created_ms, HealthRow.settled_ms).where(
        HealthRow.policy == policy
    )
    if endpoint_ids is not None:
        chosen = chosen.where(HealthRow.endpoint_id.in_(endpoint_ids))
    return {number: Life(created, settled) for number, created, settled in session.execute(chosen)}


def sums(session: Session, parts: Cover, policy: Policy, endpoint_ids: Ids) -> Sums:
    """The milliseconds of a window; endpoints without any are left out."""
    result: defaultdict[int, Counter[tuple[State, bool]]] = defaultdict(Counter)
    runs = [Run(HealthDay, parts.days)]
    runs += [Run(Health15m, run) for run in parts.buckets]
    for run in runs:
        for number, by_state in _grouped(session, run, policy, endpoint_ids).get(0, {}).items():
            result[number].update(by_state)
    for edge in parts.edges:
        held = maintenance.held(session, edge)
        for number, from_ms, to_ms, state in slices.between(session, edge, policy, endpoint_ids):
            for part, is_held in cut(Window(from_ms, to_ms), held.get(number, ())):
                result[number][state, is_held] += part.length_ms
    return {number: dict(counter) for number, counter in result.items()}


def sums_by_day(
    session: Session, days: range, zone: ZoneInfo, policy: Policy, endpoint_ids: Ids
) -> Iterator[tuple[int, Sums]]:
    """The milliseconds of each day of a run; one statement where day rows are of that zone."""
    home = home_zone(session)
    if zone.key == home.key:
        grouped = _grouped(session, Run(HealthDay, days, step=1), policy, endpoint_ids)
        yield from ((each, grouped.get(each - days.start, {})) for each in days)
    else:
        for each in days:
            parts = cover_days(range(each, each + 1), zone, home)
            yield each, sums(session, parts, policy, endpoint_ids)


def sums_by_step(
    session: Session, buckets: range, step: int, policy: Policy, endpoint_ids: Ids
) -> dict[int, Sums]:
    """The milliseconds of every `step` buckets, by their place in the run."""
    return _grouped(session, Run(Health15m, buckets, step), policy, endpoint_ids)


def _grouped(session: Session, run: Run, policy: Policy, endpoint_ids: Ids) -> dict[int, Sums]:
    """The milliseconds of a run by the place of their step; all in place 0 without steps."""
    row, span, step = run
    if not span:
        return {}
    at = Health15m.bucket if row is Health15m else HealthDay.day
    keys = (row.endpoint_id, row.state, row.in_maintenance)
    places = () if step is None else ((at - span.start) // step,)
    chosen = select(*keys, func.sum(row.ms), *places).group_by(*places, *keys)
    chosen = chosen.where(at >= span.start, at < span.stop, row.policy == policy)
    if endpoint_ids is not None:
        chosen = chosen.where(row.endpoint_id.in_(endpoint_ids))
    result: defaultdict[int, Sums] = defaultdict(dict)
    for number, state, is_held, ms, *found in session.execute(chosen):
        result[found[0] if found else 0].setdefault(number, {})[state, is_held] = ms
    return result
