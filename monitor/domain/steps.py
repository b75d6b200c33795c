"""Steps: a window cut into equal parts, for what is drawn over time."""

from bisect import bisect_right
from dataclasses import dataclass
from zoneinfo import ZoneInfo

from monitor.domain.windows import BUCKET_MS, DAY_MS, Window, bucket_of, day_of, day_window


@dataclass(frozen=True, slots=True)
class Steps:
    """The starts of the parts, and the end of the last one. First and last part are whole."""

    starts: tuple[int, ...]
    end_ms: int

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
    """A window in steps of whole buckets, or (a step of a day) in calendar days of the zone.

    Steps are counted from the bucket that the window starts in. A window is never empty here:
    one without length has one step.
    """
    if step_ms == DAY_MS:
        last = day_of(max(window.from_ms, window.to_ms - 1), zone)
        days = range(day_of(window.from_ms, zone), last + 1)
        starts = tuple(day_window(day, zone).from_ms for day in days)
        return Steps(starts, day_window(last, zone).to_ms)
    if step_ms % BUCKET_MS or step_ms <= 0:
        raise ValueError(f"a step of {step_ms} ms is no multiple of 15 minutes; choose one")
    first_ms = bucket_of(window.from_ms) * BUCKET_MS
    starts = tuple(range(first_ms, max(window.to_ms, first_ms + 1), step_ms))
    return Steps(starts, starts[-1] + step_ms)
