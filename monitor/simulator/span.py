"""Span: the time that a simulated history covers, and when its monitor was off."""

from dataclasses import dataclass

from monitor.simulator.pace import DAY_MS, HOUR_MS

_OFF_DAYS_AGO = 12
_OFF_FROM_MS = 22 * HOUR_MS
_OFF_FOR_MS = 7 * HOUR_MS


@dataclass(frozen=True, slots=True)
class Span:
    """Half-open in UTC ms. In the night that began `_OFF_DAYS_AGO`, nothing was recorded."""

    start_ms: int
    end_ms: int

    @property
    def off_from_ms(self) -> int:
        """When the monitor was switched off; it came back seven hours later."""
        return (self.end_ms // DAY_MS - _OFF_DAYS_AGO) * DAY_MS + _OFF_FROM_MS

    def is_watched(self, instant_ms: int) -> bool:
        """Whether the monitor was running then, within the span."""
        is_off = self.off_from_ms <= instant_ms < self.off_from_ms + _OFF_FOR_MS
        return self.start_ms <= instant_ms < self.end_ms and not is_off

    def since_ms(self, age_days: int | None) -> int:
        """When what is that many days old (`None`: any number) entered the span."""
        return (
            self.start_ms
            if age_days is None
            else max(self.start_ms, self.end_ms - age_days * DAY_MS)
        )
