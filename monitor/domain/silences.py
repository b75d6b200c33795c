"""Silences: alerts that are held for a while, because somebody said so, or for maintenance.

What is held is told afterwards, or is left to the log where that was the wish; nothing is lost.
Everything here is pure. All instants are integer UTC milliseconds.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import NamedTuple

from monitor.domain.alerts import AlertKind
from monitor.domain.maintenance import Maintenance


class Subject(NamedTuple):
    """What an incident befell: an endpoint by id, where it did; "" is no provider's."""

    kind: AlertKind
    provider: str
    endpoint: str | None


class Scope(NamedTuple):
    """One alert, by number; or those of an endpoint, a provider, a kind; or, naming none, all."""

    alert: int | None = None
    endpoint: str | None = None
    provider: str | None = None
    kind: AlertKind | None = None

    def __str__(self) -> str:
        named = (f"{name} {value}" for name, value in self._asdict().items() if value is not None)
        return next(named, "everything")

    def covers(self, alert_id: int | None, subject: Subject) -> bool:
        """Whether it speaks of an incident of an alert; one without a number is to come."""
        return (
            self.alert in {None, alert_id}
            and self.endpoint in {None, subject.endpoint}
            and self.provider in {None, subject.provider}
            and self.kind in {None, subject.kind}
        )


@dataclass(frozen=True, slots=True)
class Silence:
    """A silence: `by` whom, since when, until when (`None`: until its alert is over).

    `ended_ms` is when it was over, be it before its time.
    """

    scope: Scope
    made_ms: int
    until_ms: int | None
    by: str
    reason: str = ""
    ended_ms: int | None = None

    def holds(self, at_ms: int) -> bool:
        """Whether it is in force at an instant."""
        ends = (end for end in (self.until_ms, self.ended_ms) if end is not None)
        return self.made_ms <= at_ms and all(at_ms < end for end in ends)


class HoldKind(StrEnum):
    """Why an alert is held; `RECOVERY`: nobody wants to hear more of it, its end included."""

    MAINTENANCE = "maintenance"
    SILENCE = "silence"
    RECOVERY = "recovery"


class Fate(StrEnum):
    """What becomes of held messages: told, told with others as one, or left to the log."""

    TELL = "tell"
    SUM = "sum"
    LOG = "log"


@dataclass(frozen=True, slots=True)
class Holds:
    """The silences and windows of maintenance of a time."""

    silences: tuple[Silence, ...] = ()
    windows: tuple[Maintenance, ...] = ()

    def of(
        self, alert_id: int | None, subjects: Sequence[Subject], at_ms: int
    ) -> frozenset[HoldKind]:
        """What holds an alert at an instant: nothing, unless all that it befell is held.

        Where not all of it is held for the same reason, that is as good as a silence.
        """
        each = [self._of_one(alert_id, subject, at_ms) for subject in subjects]
        if not each or not all(each):
            return frozenset()
        return frozenset.intersection(*each) or frozenset({HoldKind.SILENCE})

    def _of_one(self, alert_id: int | None, subject: Subject, at_ms: int) -> frozenset[HoldKind]:
        kinds = {
            HoldKind.RECOVERY if each.until_ms is None else HoldKind.SILENCE
            for each in self.silences
            if each.holds(at_ms) and each.scope.covers(alert_id, subject)
        }
        if any(_is_expected(subject, window, at_ms) for window in self.windows):
            kinds.add(HoldKind.MAINTENANCE)
        return frozenset(kinds)


#: What maintenance of endpoints explains; all of it, our own network too.
_OF_ENDPOINTS = frozenset(
    {
        AlertKind.AVAILABILITY,
        AlertKind.ACCOUNT,
        AlertKind.MONITOR,
        AlertKind.DEGRADED,
        AlertKind.ERRORS,
        AlertKind.RATE_LIMITS,
        AlertKind.BURN,
    }
)


def _is_expected(subject: Subject, declared: Maintenance, at_ms: int) -> bool:
    """Money, prices and the monitor itself go on as ever."""
    return (
        subject.kind in _OF_ENDPOINTS
        and declared.window.from_ms <= at_ms < declared.window.to_ms
        and declared.endpoint in {None, subject.endpoint}
        and declared.provider in {None, subject.provider}
    )


def hold_after(before: HoldKind | None, now: Collection[HoldKind]) -> HoldKind | None:
    """What an alert is held for, after what held it before.

    Only what maintenance alone held all the while was to be expected; a silence that is wanted
    until the recovery goes before both.
    """
    if not now:
        return None
    if HoldKind.RECOVERY in now:
        return HoldKind.RECOVERY
    if before in {None, HoldKind.MAINTENANCE} and HoldKind.MAINTENANCE in now:
        return HoldKind.MAINTENANCE
    return HoldKind.SILENCE


def fate_of(hold: HoldKind, *, is_over: bool, was_told: bool) -> Fate:
    """What becomes of the messages of an alert to a channel once it is no longer held.

    `was_told`: the channel heard of it before it was held.
    """
    if not is_over:
        return Fate.TELL
    if hold is HoldKind.RECOVERY:
        return Fate.LOG
    if was_told:
        return Fate.TELL
    return Fate.SUM if hold is HoldKind.SILENCE else Fate.LOG
