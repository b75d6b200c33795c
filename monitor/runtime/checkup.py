"""Checkup: the monitor looks at itself, for those who ask later how it fared."""

from typing import NamedTuple

from monitor.domain.vitals import Vitals
from monitor.runtime.clock import Clock
from monitor.runtime.ledger import Ledger
from monitor.runtime.pulse import Pulse
from monitor.storage.engine import Database
from monitor.storage.sizes import measure


class _Counted(NamedTuple):
    """What only ever grows while the monitor runs."""

    missed_runs: int
    skipped_runs: int
    clock_steps: int


class Checkup:
    """Takes one look after the other; counters are told as what they grew by since the last."""

    def __init__(self, pulse: Pulse, ledger: Ledger, clock: Clock, database: Database) -> None:
        self._pulse, self._ledger, self._clock, self._database = pulse, ledger, clock, database
        self._told = _Counted(0, 0, 0)

    def look(self, now_ms: int) -> Vitals:
        """How the monitor is now. Reads file sizes, and may block for it."""
        pulse, ledger, sizes = self._pulse, self._ledger.status(), measure(self._database)
        counted = _Counted(pulse.missed_runs, pulse.skipped_runs, pulse.clock_steps)
        missed, skipped, steps = (a - b for a, b in zip(counted, self._told, strict=True))
        self._told = counted
        return Vitals(
            at_ms=now_ms,
            lag_s=pulse.worst_lag_s,
            queued=self._ledger.take_peak(),
            in_flight=pulse.in_flight,
            missed_runs=missed,
            skipped_runs=skipped,
            clock_steps=steps,
            clock_behind_s=max(0.0, self._clock.behind_s),
            is_writable=ledger.is_writable,
            spooled=ledger.spooled,
            spool_bytes=ledger.spool_bytes,
            spool_limit_bytes=ledger.spool_limit_bytes,
            lost=ledger.lost,
            quarantined=ledger.quarantined,
            database_bytes=sizes.database_bytes,
            wal_bytes=sizes.wal_bytes,
        )
