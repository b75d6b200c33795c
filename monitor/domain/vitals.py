"""Vitals: how the monitor itself fared, as it says once a minute in the database."""

from dataclasses import dataclass

#: A wall clock that is further than this behind the one that instants come from is told of.
ALERT_BEHIND_S = 5.0


@dataclass(frozen=True, slots=True)
class Vitals:
    """One look of the monitor at itself; `None` is not known.

    Since the look before: `lag_s`, the worst lateness of the event loop; `queued`, the most calls
    that waited for the writer; `missed_runs`, `skipped_runs` and `clock_steps`. At the moment of
    the look: everything else. `lost` counts the calls for which the spool had no room; sizes are
    bytes, `spool_bytes` what is used of `spool_limit_bytes`.
    """

    at_ms: int
    lag_s: float | None
    queued: int
    in_flight: int
    missed_runs: int
    skipped_runs: int
    clock_steps: int
    clock_behind_s: float
    is_writable: bool
    spooled: int
    spool_bytes: int
    spool_limit_bytes: int
    lost: int
    quarantined: int
    database_bytes: int | None
    wal_bytes: int | None
