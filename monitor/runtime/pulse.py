"""Pulse: how the monitor's own clockwork fares, for those who ask whether it can be trusted."""

import time
from collections import deque
from dataclasses import dataclass, field

#: The scheduler beats every few seconds; after this long without, it counts as dead.
DEAD_AFTER_S = 30.0
#: The ledger's writer is asked for a word every minute; after this long without, it hangs.
SILENT_AFTER_S = 150.0
_LAG_SAMPLES = 60
_START_SAMPLES = 2_000


@dataclass(slots=True)
class Pulse:
    """Counters since the start. `beat` is called by a scheduled job, `note_lag` once a second.

    `note_start` is called at the start of each job.
    """

    missed_runs: int = 0
    skipped_runs: int = 0
    in_flight: int = 0
    clock_steps: int = 0
    _last_beat_s: float | None = None
    _last_write_s: float = field(default_factory=time.monotonic)
    _lags_s: deque[float] = field(default_factory=lambda: deque(maxlen=_LAG_SAMPLES))
    _starts_s: deque[float] = field(default_factory=lambda: deque(maxlen=_START_SAMPLES))

    def beat(self) -> None:
        """The scheduler has just run a job."""
        self._last_beat_s = time.monotonic()

    def note_write(self) -> None:
        """The ledger's writer has just answered, as it has to once a minute."""
        self._last_write_s = time.monotonic()

    def note_lag(self, lag_s: float) -> None:
        """How late the event loop was just now."""
        self._lags_s.append(lag_s)

    def note_start(self, late_s: float) -> None:
        """How long after it was due a job has just begun."""
        self._starts_s.append(late_s)

    @property
    def is_alive(self) -> bool:
        """Whether the scheduler runs jobs."""
        last_s = self._last_beat_s
        return last_s is not None and time.monotonic() - last_s < DEAD_AFTER_S

    @property
    def is_written(self) -> bool:
        """Whether the ledger's writer answers."""
        return time.monotonic() - self._last_write_s < SILENT_AFTER_S

    @property
    def worst_lag_s(self) -> float | None:
        """The worst lateness of the event loop over the last minute; `None` before the first."""
        return max(self._lags_s, default=None)

    @property
    def start_lag_p99_s(self) -> float | None:
        """How late all but one in a hundred of the last 2,000 jobs began at most."""
        late_s = sorted(self._starts_s)
        return late_s[(99 * len(late_s) + 99) // 100 - 1] if late_s else None
