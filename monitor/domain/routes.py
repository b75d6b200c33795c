"""Routes: which channels hear of an alert, and when; all of it comes from the settings."""

from dataclasses import dataclass
from datetime import date, time, timedelta
from zoneinfo import ZoneInfo

from monitor.domain.alerts import AlertKind, Root, Severity
from monitor.domain.channels import Channel
from monitor.domain.recurrence import at_clock_ms
from monitor.domain.windows import moment


@dataclass(frozen=True, slots=True)
class Hours:
    """The time of each day from one clock time to another, over midnight where it is earlier."""

    from_: time
    to: time
    zone: ZoneInfo

    def holds(self, now_ms: int) -> bool:
        """Whether an instant is within them."""
        clock = moment(now_ms, self.zone).time()
        if self.from_ <= self.to:
            return self.from_ <= clock < self.to
        return clock >= self.from_ or clock < self.to

    def end_ms(self, now_ms: int) -> int:
        """When they end next, for an instant within them."""
        today = moment(now_ms, self.zone).date()
        ends = (at_clock_ms(day, self.to, self.zone) for day in (today, _next(today)))
        return next(end for end in ends if end > now_ms)


def _next(day: date) -> date:
    return day + timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Route:
    """Which alerts go to which channels; what it does not name may be anything."""

    to: tuple[str, ...]
    severity: Severity | None = None
    kinds: frozenset[AlertKind] = frozenset()
    providers: frozenset[str] = frozenset()
    hours: Hours | None = None

    def takes(self, root: Root, severity: Severity, now_ms: int) -> bool:
        """Whether an alert that opens now goes this way."""
        return (
            self.severity in {None, severity}
            and (not self.kinds or root.kind in self.kinds)
            and (not self.providers or root.provider in self.providers)
            and (self.hours is None or self.hours.holds(now_ms))
        )


@dataclass(frozen=True, slots=True)
class Alerting:
    """Channels by name, routes, quiet hours, and where the pages are reached from elsewhere.

    Without routes everything goes to every channel. `link` has no slash at its end. `fallback`
    tells what is left for a channel that is no longer there.
    """

    channels: tuple[Channel, ...] = ()
    routes: tuple[Route, ...] = ()
    quiet: Hours | None = None
    link: str = ""
    fallback: str | None = None

    def channel(self, name: str) -> Channel | None:
        """The channel of that name, if there is one."""
        return next((each for each in self.channels if each.name == name), None)

    def fallback_of(self, name: str) -> str | None:
        """Which channel tells what the one of that name cannot take."""
        channel = self.channel(name)
        return self.fallback if channel is None else channel.fallback

    def channels_for(self, root: Root, severity: Severity, now_ms: int) -> tuple[str, ...]:
        """The names of the channels that hear of an alert which opens now, each once."""
        if not self.routes:
            return tuple(each.name for each in self.channels)
        taken = (each.to for each in self.routes if each.takes(root, severity, now_ms))
        return tuple(dict.fromkeys(name for names in taken for name in names))

    def due_ms(self, severity: Severity, due_ms: int) -> int:
        """When a message may go out: in quiet hours what does not wake anybody waits."""
        is_held = self.quiet is not None and severity is not Severity.CRITICAL
        if self.quiet is None or not is_held or not self.quiet.holds(due_ms):
            return due_ms
        return self.quiet.end_ms(due_ms)
