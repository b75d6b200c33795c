"""Steps: a window cut into equal parts, for what is drawn over time."""

from bisect import bisect_right
from dataclasses import dataclass
from zoneinfo import ZoneInfo

from monitor.domain.windows import BUCKET_MS, DAY_MS, Window, bucket_of, day_of, day_window


@dataclass(frozen=True, slots=True)
class Steps:
    """The starts of the parts, and the end of the last one. First and last part are whole.

    Instants may be rounded down to a multiple of `grain_ms` and stay in their part.
    """

    starts: tuple[int, ...]
    end_ms: int
    grain_ms: int = BUCKET_MS

    @property
    def whole(self) -> Window:
        """All of them together: at least the window that was cut."""
        return Window(self.starts[0], self.end_ms)

    @property
    def buckets(self) -> range:
        """The 15-minute buckets that they are made of."""
        return range(bucket_of(self.starts[0]), bucket_of(self.end_ms))

    def place_of(self, instant_ms: int) -> int:
        """Which part an instant of `whole` lies in."""
        return bisect_right(self.starts, instant_ms) - 1


def cut(window: Window, step_ms: int, zone: ZoneInfo) -> Steps:
    """A window in steps of whole buckets, or of a fraction of one, or in a zone's calendar days.

    Steps are counted from the one that the window starts in; a window without length has one.
    Raises ValueError for a step that does not go with buckets.
    """
    if step_ms == DAY_MS:
        last = day_of(max(window.from_ms, window.to_ms - 1), zone)
        days = range(day_of(window.from_ms, zone), last + 1)
        starts = tuple(day_window(day, zone).from_ms for day in days)
        return Steps(starts, day_window(last, zone).to_ms)
    if step_ms <= 0 or (step_ms % BUCKET_MS and BUCKET_MS % step_ms):
        raise ValueError(f"a step of {step_ms} ms is no multiple of 15 minutes; choose one")
    grain_ms = min(step_ms, BUCKET_MS)
    first_ms = window.from_ms // grain_ms * grain_ms
    starts = tuple(range(first_ms, max(window.to_ms, first_ms + 1), step_ms))
    return Steps(starts, starts[-1] + step_ms, grain_ms)
