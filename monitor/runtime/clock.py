"""The clock: wall time that never runs backwards while the process lives."""

import time
from collections.abc import Callable

_NS_PER_MS = 1_000_000


class Clock:
    """Instants in UTC milliseconds: the wall clock at the start plus monotonic time since.

    Re-anchored only forwards (a corrected clock, a machine that slept); a wall clock that was set
    back is told by `behind_s`, and not followed.
    """

    def __init__(
        self,
        wall_ns: Callable[[], int] = time.time_ns,
        monotonic_ns: Callable[[], int] = time.monotonic_ns,
    ) -> None:
        self._wall_ns, self._monotonic_ns = wall_ns, monotonic_ns
        self._offset_ns = wall_ns() - monotonic_ns()

    def now_ms(self) -> int:
        """The instant now."""
        self._offset_ns = max(self._offset_ns, self._wall_ns() - self._monotonic_ns())
        return (self._monotonic_ns() + self._offset_ns) // _NS_PER_MS

    @property
    def behind_s(self) -> float:
        """How far the wall clock is behind this one, in seconds."""
        return (self._monotonic_ns() + self._offset_ns - self._wall_ns()) / 1e9
