"""Vitals: how the monitor fared, now and over time."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Select, func, select
from sqlalchemy.orm import Session

from monitor.domain.steps import Steps
from monitor.domain.vitals import Vitals
from monitor.storage.models.operations import GapRow, VitalsRow

_US_PER_SECOND = 1_000_000


@dataclass(frozen=True, slots=True)
class Step:
    """The looks of one step: the worst and the most of them, sums of runs, sizes at the end.

    `looks` is 0 where the monitor did not run, or could not write: then nothing is known.
    """

    from_ms: int
    looks: int = 0
    lag_s: float | None = None
    queued: int = 0
    spooled: int = 0
    missed_runs: int = 0
    skipped_runs: int = 0
    database_bytes: int | None = None
    wal_bytes: int | None = None


def newest(session: Session) -> Vitals | None:
    """The last look; `None` where the monitor has never taken one."""
    last_ms = select(func.max(VitalsRow.at_ms)).scalar_subquery()
    row = session.scalar(select(VitalsRow).where(VitalsRow.at_ms == last_ms))
    return None if row is None else read_look(row)


def over_time(session: Session, steps: Steps) -> list[Step]:
    """Every step of a window, in order."""
    made = [Step(from_ms) for from_ms in steps.starts]
    for grain, *found in session.execute(_by_grain(steps)):
        place = steps.place_of(grain * steps.grain_ms)
        made[place] = _merge(made[place], found)
    return made


def gaps_over_time(session: Session, steps: Steps) -> list[tuple[int, dict[str, int]]]:
    """How many probe runs were not made, by reason, in every step."""
    made: list[tuple[int, dict[str, int]]] = [(from_ms, {}) for from_ms in steps.starts]
    grain, whole = GapRow.at_ms // steps.grain_ms, steps.whole
    chosen = (
        select(grain, GapRow.reason, func.sum(GapRow.runs))
        .where(GapRow.at_ms >= whole.from_ms, GapRow.at_ms < whole.to_ms)
        .group_by(grain, GapRow.reason)
    )
    for at, reason, runs in session.execute(chosen):
        by_reason = made[steps.place_of(at * steps.grain_ms)][1]
        by_reason[reason] = by_reason.get(reason, 0) + runs
    return made


def _by_grain(steps: Steps) -> Select[*tuple[Any, ...]]:
    row, whole = VitalsRow, steps.whole
    grain = row.at_ms // steps.grain_ms
    return (
        select(
            grain,
            func.count(),
            func.max(row.lag_us),
            func.max(row.queued),
            func.max(row.spooled),
            func.sum(row.missed_runs),
            func.sum(row.skipped_runs),
            func.max(row.database_bytes),
            func.max(row.wal_bytes),
        )
        .where(row.at_ms >= whole.from_ms, row.at_ms < whole.to_ms)
        .group_by(grain)
        .order_by(grain)
    )


def _merge(step: Step, found: Sequence[int | None]) -> Step:
    looks, lag_us, queued, spooled, missed, skipped, database_bytes, wal_bytes = found
    lag_s = None if lag_us is None else lag_us / _US_PER_SECOND
    return Step(
        step.from_ms,
        step.looks + (looks or 0),
        max((each for each in (step.lag_s, lag_s) if each is not None), default=None),
        max(step.queued, queued or 0),
        max(step.spooled, spooled or 0),
        step.missed_runs + (missed or 0),
        step.skipped_runs + (skipped or 0),
        step.database_bytes if database_bytes is None else database_bytes,
        step.wal_bytes if wal_bytes is None else wal_bytes,
    )


def read_look(row: VitalsRow) -> Vitals:
    """A look as it was taken."""
    return Vitals(
        at_ms=row.at_ms,
        lag_s=None if row.lag_us is None else row.lag_us / _US_PER_SECOND,
        queued=row.queued,
        in_flight=row.in_flight,
        missed_runs=row.missed_runs,
        skipped_runs=row.skipped_runs,
        clock_steps=row.clock_steps,
        clock_behind_s=row.clock_behind_us / _US_PER_SECOND,
        is_writable=row.is_writable,
        spooled=row.spooled,
        spool_bytes=row.spool_bytes,
        spool_limit_bytes=row.spool_limit_bytes,
        lost=row.lost,
        quarantined=row.quarantined,
        database_bytes=row.database_bytes,
        wal_bytes=row.wal_bytes,
    )
