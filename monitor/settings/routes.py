"""Routes of a settings file: which alerts go to which channels, and at which hours."""

from collections.abc import Iterable, Iterator, Mapping
from datetime import time
from typing import Annotated
from zoneinfo import ZoneInfo

from pydantic import Field, PlainValidator, WithJsonSchema

from monitor.domain.alerts import AlertKind, Severity
from monitor.domain.digests import Schedule
from monitor.domain.escalation import Escalation, Reminders
from monitor.domain.routes import Hours, Route
from monitor.settings.base import TEXT_SCHEMA, Duration, Flag, Name, Shape, Text, Whole, Zone
from monitor.settings.maintenance import Weekdays
from monitor.settings.times import read_clock

Clock = Annotated[time, PlainValidator(read_clock), WithJsonSchema(TEXT_SCHEMA)]

_SOONEST_S, _OFTEN_S = 60.0, 300.0
_KINDS = [each for each in AlertKind if each is not AlertKind.DIGEST]


def _read_kind(value: object) -> AlertKind:
    if value not in _KINDS:
        raise ValueError(f"is no kind of alert; these are: {', '.join(_KINDS)}")
    return AlertKind(str(value))


Kind = Annotated[
    AlertKind,
    PlainValidator(_read_kind),
    WithJsonSchema({"type": "string", "enum": [each.value for each in _KINDS]}),
]


class TimesShape(Shape):
    """The time of each day from one clock time to another, over midnight where it is earlier."""

    from_: Clock = Field(alias="from", description="Begin: 22:00.")
    to: Clock = Field(description="End: 07:00; the same as the begin: a whole day.")
    every: Weekdays | None = Field(
        None, description="Weekdays on which they begin: sunday, [monday, friday]; else every day."
    )
    zone: Zone | None = Field(None, description="Zone of these times; else the home zone.")


class RemindersShape(Shape):
    """How often those who heard of an alert are told again while nobody acknowledges it."""

    every: Duration = Field(3600.0, description="After how long: 60m; at least 5m.")
    most: Whole = Field(6, description="How often at most; 0: never.")


class EscalationShape(Shape):
    """Who is told, too, of what nobody acknowledged for so long."""

    after: Duration = Field(description="For how long: 15m; at least 1m.")
    to: tuple[Name, ...] = Field(description="Names of channels.")


class DigestShape(Shape):
    """When the warnings of a route are told as one message."""

    at: Clock = Field(description="The time of the day: 08:00.")
    every: Weekdays = Field(
        frozenset(range(7)), description="Weekdays: monday, [monday, thursday]; else every day."
    )
    zone: Zone | None = Field(None, description="Zone of the time; else the home zone.")
    empty: Flag = Field(default=False, description="Also where there is nothing to tell.")


class RouteShape(Shape):
    """Which alerts go to which channels; what it does not name may be anything."""

    to: tuple[Name, ...] = Field(description="Names of channels.")
    severity: Severity | None = Field(
        None, description="critical: endpoint down, account refused. warning: all else."
    )
    kinds: tuple[Kind, ...] = Field(
        (),
        description="Of availability, account, monitor, budget, spend, catalogue, self; none: all.",
    )
    providers: tuple[Name, ...] = Field((), description="Names of providers; none: all.")
    teams: tuple[Text, ...] = Field(
        (), description="Teams whose calls of the last 7 days it affects; none: any."
    )
    endpoints: tuple[Text, ...] = Field(
        (), description="Patterns of endpoints' ids, such as openai/gpt-4o*; none: all."
    )
    models: tuple[Text, ...] = Field(
        (), description="Patterns of models, such as openai/*; none: all."
    )
    hours: TimesShape | None = Field(None, description="Only for what opens in these hours.")
    escalate: tuple[EscalationShape, ...] = Field(
        (), description="Who else is told of what it takes, where nobody acknowledges it."
    )
    digest: DigestShape | None = Field(
        None, description="When its warnings are told as one; without, each at once."
    )
    stop: Flag = Field(default=False, description="What it takes goes no further routes.")


def build_route(shape: RouteShape, home: ZoneInfo) -> Route:
    """What the shape of a route comes to."""
    return Route(
        shape.to,
        shape.severity,
        frozenset(shape.kinds),
        frozenset(shape.providers),
        build_hours(shape.hours, home),
        frozenset(shape.teams),
        shape.endpoints,
        shape.models,
        build_escalations(shape.escalate),
        shape.stop,
        _build_schedule(shape.digest, home),
    )


def _build_schedule(shape: DigestShape | None, home: ZoneInfo) -> Schedule | None:
    if shape is None:
        return None
    return Schedule(shape.at, shape.every, shape.zone or home, shape.empty)


def build_escalations(shapes: Iterable[EscalationShape]) -> tuple[Escalation, ...]:
    """What the shapes of an escalation come to."""
    return tuple(Escalation(round(each.after * 1000), each.to) for each in shapes)


def build_reminders(shape: RemindersShape) -> Reminders | None:
    """What the shape of reminders comes to; `None` where nobody is reminded."""
    return Reminders(round(shape.every * 1000), shape.most) if shape.most > 0 else None


def build_hours(shape: TimesShape | None, home: ZoneInfo) -> Hours | None:
    """What the shape of hours comes to; their zone is the home zone where it names none."""
    if shape is None:
        return None
    weekdays = shape.every or frozenset()
    return Hours(shape.from_, shape.to, shape.zone or home, weekdays)


def find_strangers(
    shape: RouteShape, channels: Mapping[str, object], providers: Mapping[str, object]
) -> Iterator[tuple[str, str]]:
    """The keys of a route that name nothing of this file, and what is wrong with them."""
    for key, names, known in (
        ("to", shape.to, channels),
        ("providers", shape.providers, providers),
    ):
        for text in _find_strangers(key, names, known):
            yield key, text
    for keys, text in find_faults_of_steps(shape.escalate, channels):
        yield "escalate", f"{keys}: {text}"


def find_faults_of_steps(
    shapes: Iterable[EscalationShape], channels: Mapping[str, object]
) -> Iterator[tuple[str, str]]:
    """The keys of escalations that cannot be meant, and what is wrong with them."""
    for each in shapes:
        if each.after < _SOONEST_S:
            yield "after", "is sooner than a minute; raise it"
        for text in _find_strangers("to", each.to, channels):
            yield "to", text


def find_fault_of_reminders(shape: RemindersShape) -> Iterator[tuple[str, str]]:
    """The key of reminders that cannot be meant, and what is wrong with it."""
    if shape.every < _OFTEN_S:
        yield "every", "is more often than every five minutes; raise it"


def _find_strangers(key: str, named: tuple[str, ...], known: Mapping[str, object]) -> Iterator[str]:
    if key == "to" and not named:
        yield "names no channel; add one"
    for name in named:
        if name not in known:
            listed = ", ".join(sorted(known)) or "none"
            yield f"{name!r} is not in this file; these are: {listed}"
