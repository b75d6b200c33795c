"""Escalation: what is told again of an alert that lasts while nobody acknowledges it.

Everything here is pure. Each step has a name, by which it is taken once for an alert.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import NamedTuple

from monitor.domain.alerts import Alert, Telling
from monitor.domain.windows import HOUR_MS

_REMINDER, _ESCALATION = "reminder", "escalation"


@dataclass(frozen=True, slots=True)
class Reminders:
    """After how long those who heard of an alert are told again, and how often at most."""

    every_ms: int = HOUR_MS
    most: int = 6


@dataclass(frozen=True, slots=True)
class Escalation:
    """Who is told of what nobody acknowledged for so long."""

    after_ms: int
    to: tuple[str, ...]


class Step(NamedTuple):
    """One more message of an alert: to these channels, or (naming none) to all that heard of it."""

    name: str
    telling: Telling
    to: tuple[str, ...] = ()


def reminder_due(
    alert: Alert, taken: Mapping[str, int], reminders: Reminders, now_ms: int
) -> Iterator[Step]:
    """The reminder that is due, if one is; `taken` says when each step was taken.

    They are counted from the last one, so that a monitor that was away reminds once. What flaps
    was told to be silent.
    """
    if alert.closed_ms is not None or alert.told_ms is None or alert.is_flapping:
        return
    mine = [at_ms for name, at_ms in taken.items() if name.startswith(_REMINDER)]
    newest_ms = max([alert.told_ms, *mine])
    if len(mine) < reminders.most and now_ms - newest_ms >= reminders.every_ms:
        yield Step(f"{_REMINDER} {len(mine) + 1}", Telling.REMINDER)


def escalations_due(
    alert: Alert, taken: Mapping[str, int], wanted: Iterable[Escalation], now_ms: int
) -> Iterator[Step]:
    """The channels that are to be told by now, and were not."""
    if alert.closed_ms is not None or alert.told_ms is None:
        return
    names: set[str] = set(taken)
    for each in wanted:
        for channel in each.to:
            name = f"{_ESCALATION} {each.after_ms} {channel}"
            if now_ms - alert.told_ms >= each.after_ms and name not in names:
                names.add(name)
                yield Step(name, Telling.ESCALATED, (channel,))
