"""Maintenance windows of a settings file: their shape, and what they come to."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import datetime, time
from typing import Annotated
from zoneinfo import ZoneInfo

from pydantic import Field, PlainValidator, WithJsonSchema

from monitor.domain.endpoints import Endpoint
from monitor.domain.pauses import Scope
from monitor.domain.recurrence import Every, Once, Planned
from monitor.domain.secrets import redact
from monitor.domain.windows import Window
from monitor.settings.base import NAMES_SCHEMA, TEXT_SCHEMA, Duration, Id, Name, Shape, Text, Zone
from monitor.settings.problems import KeyPath
from monitor.settings.times import at_ms, read_clock, read_moment, read_weekdays

_LASTS_S = (60.0, 7 * 86_400.0)

Moment = Annotated[datetime, PlainValidator(read_moment), WithJsonSchema(TEXT_SCHEMA)]
Clock = Annotated[time, PlainValidator(read_clock), WithJsonSchema(TEXT_SCHEMA)]
Weekdays = Annotated[frozenset[int], PlainValidator(read_weekdays), WithJsonSchema(NAMES_SCHEMA)]
Blame = Callable[[KeyPath, str], None]


class MaintenanceShape(Shape):
    """A time in which failures are expected: once (`from`, `to`), or again and again (`every`)."""

    from_: Moment | None = Field(None, alias="from", description="Begin: 2026-12-01 22:00.")
    to: Moment | None = Field(None, description="End of a window that comes once.")
    every: Weekdays | None = Field(
        None, description="Weekdays of one that comes again: sunday, [monday, friday], day."
    )
    at: Clock | None = Field(None, description="When it begins on these days: 02:00.")
    for_: Duration | None = Field(None, alias="for", description="How long it lasts: 2h.")
    zone: Zone | None = Field(None, description="Zone of its times; else the home zone.")
    provider: Name | None = Field(None, description="Only for this provider's endpoints.")
    endpoint: Id | None = Field(None, description="Only for the endpoint of this id.")
    reason: Text = Field("", description="What is done then; shown with the window.")


class Planner:
    """Turns shapes into plans; what is wrong with them is blamed, place by place."""

    def __init__(
        self,
        home: ZoneInfo,
        watched: Iterable[Endpoint],
        blame: Blame,
        lines: Mapping[KeyPath, int],
    ) -> None:
        self._home, self._blame, self._lines = home, blame, lines
        self._known = {"endpoint": set[str](), "provider": set[str]()}
        for endpoint in watched:
            self._known["endpoint"].add(endpoint.id)
            self._known["provider"].add(endpoint.target.provider)

    def plan(self, shapes: Iterable[MaintenanceShape]) -> Iterator[Planned]:
        """What the shapes of a file come to."""
        for number, shape in enumerate(shapes):
            faults = [*_find_faults(shape), *self._find_strangers(shape)]
            path: KeyPath = ("maintenance", number)
            for key, text in faults:
                self._blame((*path, key) if key else path, text)
            planned = None if faults else self._read(shape, self._lines.get(path))
            if isinstance(planned, Once) and not planned.window.length_ms:
                self._blame((*path, "to"), "is not after `from`; write a later end")
            elif planned is not None:
                yield planned

    def _find_strangers(self, shape: MaintenanceShape) -> Iterator[tuple[str, str]]:
        for key, name in (("endpoint", shape.endpoint), ("provider", shape.provider)):
            known = self._known[key]
            if name is not None and name not in known:
                listed = ", ".join(sorted(known)) or "none"
                yield key, f"{key} {name!r} is not in this file; these are: {listed}"

    def _read(self, shape: MaintenanceShape, line: int | None) -> Planned | None:
        scope, zone = Scope(shape.endpoint, shape.provider), shape.zone or self._home
        reason = redact(" ".join(shape.reason.split()))
        if shape.from_ is not None and shape.to is not None:
            window = Window(at_ms(shape.from_, zone), at_ms(shape.to, zone))
            return Once(window, scope, reason, line)
        if shape.every is None or shape.at is None or shape.for_ is None:
            return None
        lasts_ms = round(shape.for_ * 1000)
        return Every(shape.every, shape.at, lasts_ms, zone, scope, reason, line)


def _find_faults(shape: MaintenanceShape) -> Iterator[tuple[str, str]]:
    once = {"from": shape.from_, "to": shape.to}
    again = {"every": shape.every, "at": shape.at, "for": shape.for_}
    given = {key: value for key, value in (once | again).items() if value is not None}
    if not given:
        yield "", "says no time; add from and to, or every, at and for"
    elif given.keys() & once.keys() and given.keys() & again.keys():
        key = next(key for key in given if key in again)
        yield key, "does not go with from and to; remove it, or those"
    else:
        group = once if given.keys() & once.keys() else again
        yield from ((key, "is missing; add it") for key in group if key not in given)
    least_s, most_s = _LASTS_S
    if shape.for_ is not None and not least_s <= shape.for_ <= most_s:
        yield "for", "is outside of 1 minute to 7 days; change it"
    if shape.provider and shape.endpoint:
        yield "provider", "does not go with endpoint; keep one"
