"""Pulse: how the monitor's own clockwork fares, for those who ask whether it can be trusted."""

import time
from collections import deque
from dataclasses import dataclass, field

#: The scheduler beats every few seconds; after this long without, it counts as dead.
DEAD_AFTER_S = 30.0
_LAG_SAMPLES = 60


@dataclass(slots=True)
class Pulse:
    """Counters since the start. `beat` is called by a scheduled job, `note_lag` once a second."""

    missed_runs: int = 0
    skipped_runs: int = 0
    in_flight: int = 0
    clock_steps: int = 0
    _last_beat_s: float | None = None
    _lags_s: deque[float] = field(default_factory=lambda: deque(maxlen=_LAG_SAMPLES))

    def beat(self) -> None:
        """The scheduler has just run a job."""
        self._last_beat_s = time.monotonic()

    def note_lag(self, lag_s: float) -> None:
        """How late the event loop was just now."""
        self._lags_s.append(lag_s)

    @property
    def is_alive(self) -> bool:
        """Whether the scheduler runs jobs."""
        last_s = self._last_beat_s
        return last_s is not None and time.monotonic() - last_s < DEAD_AFTER_S

    @property
    def worst_lag_s(self) -> float | None:
        """The worst lateness of the event loop over the last minute; `None` before the first."""
        return max(self._lags_s, default=None)
