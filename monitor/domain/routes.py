"""Routes: which channels hear of an alert, and when; all of it comes from the settings."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, time, timedelta
from fnmatch import fnmatchcase
from typing import NamedTuple
from zoneinfo import ZoneInfo

from monitor.domain.alerts import AlertKind, Root, Severity
from monitor.domain.channels import Channel
from monitor.domain.digests import Schedule
from monitor.domain.escalation import Escalation, Reminders
from monitor.domain.recurrence import at_clock_ms
from monitor.domain.windows import moment

_A_DAY = timedelta(days=1)


class Matter(NamedTuple):
    """What routes ask of an alert: its root and severity, and whom it befalls.

    `teams` are those whose calls it affects, `models` those that its endpoints serve.
    """

    root: Root
    severity: Severity
    endpoints: frozenset[str] = frozenset()
    models: frozenset[str] = frozenset()
    teams: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Hours:
    """The time of each day from one clock time to another, over midnight where it is earlier.

    From a time to the same is a whole day. Of `weekdays` (Monday is 0) those count on which it
    begins; without any it is every day.
    """

    from_: time
    to: time
    zone: ZoneInfo
    weekdays: frozenset[int] = frozenset()

    def holds(self, now_ms: int) -> bool:
        """Whether an instant is within them."""
        now = moment(now_ms, self.zone)
        clock, day = now.time(), now.date()
        if self.from_ < self.to:
            return self.from_ <= clock < self.to and self._begins_on(day)
        if clock >= self.from_:
            return self._begins_on(day)
        return clock < self.to and self._begins_on(day - _A_DAY)

    def end_ms(self, now_ms: int) -> int:
        """When they end next, for an instant within them."""
        today = moment(now_ms, self.zone).date()
        ends = (at_clock_ms(day, self.to, self.zone) for day in (today, today + _A_DAY))
        return next(end for end in ends if end > now_ms)

    def _begins_on(self, day: date) -> bool:
        return not self.weekdays or day.weekday() in self.weekdays


@dataclass(frozen=True, slots=True)
class Route:
    """Which alerts go to which channels; what it does not name may be anything.

    `endpoints` and `models` are patterns, of which one has to fit one that the alert befalls.
    `digest` is when its warnings are told as one. `escalate` is who is told beside all others of
    what it takes; where it `is_last`, what it took goes no further.
    """

    to: tuple[str, ...]
    severity: Severity | None = None
    kinds: frozenset[AlertKind] = frozenset()
    providers: frozenset[str] = frozenset()
    hours: Hours | None = None
    teams: frozenset[str] = frozenset()
    endpoints: tuple[str, ...] = ()
    models: tuple[str, ...] = ()
    escalate: tuple[Escalation, ...] = ()
    is_last: bool = False
    digest: Schedule | None = None

    def takes(self, matter: Matter, now_ms: int) -> bool:
        """Whether an alert that opens now goes this way."""
        return (
            self.severity in {None, matter.severity}
            and (not self.kinds or matter.root.kind in self.kinds)
            and (not self.providers or matter.root.provider in self.providers)
            and (not self.teams or bool(self.teams & matter.teams))
            and _fits(self.endpoints, matter.endpoints)
            and _fits(self.models, matter.models)
            and (self.hours is None or self.hours.holds(now_ms))
        )


def _fits(patterns: tuple[str, ...], names: frozenset[str]) -> bool:
    return not patterns or any(fnmatchcase(name, each) for each in patterns for name in names)


@dataclass(frozen=True, slots=True)
class Alerting:
    """Channels by name, routes, quiet hours, and where the pages are reached from elsewhere.

    Without routes everything goes to every channel. `link` has no slash at its end. `fallback`
    tells what is left for a channel that is no longer there. `reminders` and `escalate` are of
    all alerts.
    """

    channels: tuple[Channel, ...] = ()
    routes: tuple[Route, ...] = ()
    quiet: Hours | None = None
    link: str = ""
    fallback: str | None = None
    reminders: Reminders | None = None
    escalate: tuple[Escalation, ...] = ()

    @property
    def is_escalating(self) -> bool:
        """Whether anything is told again of what lasts."""
        named = (self.escalate, *(route.escalate for route in self.routes))
        return self.reminders is not None or any(named)

    def channel(self, name: str) -> Channel | None:
        """The channel of that name, if there is one."""
        return next((each for each in self.channels if each.name == name), None)

    def fallback_of(self, name: str) -> str | None:
        """Which channel tells what the one of that name cannot take."""
        channel = self.channel(name)
        return self.fallback if channel is None else channel.fallback

    def taken_by(self, matter: Matter, now_ms: int) -> Iterator[Route]:
        """The routes that an alert which opens now goes, in their order."""
        for route in self.routes:
            if route.takes(matter, now_ms):
                yield route
                if route.is_last:
                    return

    @property
    def is_gathering(self) -> bool:
        """Whether anything waits for a digest."""
        return any(route.digest is not None for route in self.routes)

    def schedule_for(self, matter: Matter, at_ms: int, channel: str) -> Schedule | None:
        """When a channel is told of an alert that opened then; `None`: at once.

        Only warnings wait, and only where no other route leads there.
        """
        if matter.severity is Severity.CRITICAL:
            return None
        taken = [each.digest for each in self.taken_by(matter, at_ms) if channel in each.to]
        return taken[0] if taken and None not in taken else None

    def channels_for(self, matter: Matter, now_ms: int) -> tuple[str, ...]:
        """The names of the channels that hear of an alert which opens now, each once."""
        if not self.routes:
            return tuple(each.name for each in self.channels)
        taken = (each.to for each in self.taken_by(matter, now_ms))
        return tuple(dict.fromkeys(name for names in taken for name in names))

    def due_ms(self, severity: Severity, due_ms: int) -> int:
        """When a message may go out: in quiet hours what does not wake anybody waits."""
        is_held = self.quiet is not None and severity is not Severity.CRITICAL
        if self.quiet is None or not is_held or not self.quiet.holds(due_ms):
            return due_ms
        return self.quiet.end_ms(due_ms)
