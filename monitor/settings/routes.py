"""Routes of a settings file: which alerts go to which channels, and at which hours."""

from collections.abc import Iterator, Mapping
from datetime import time
from typing import Annotated
from zoneinfo import ZoneInfo

from pydantic import Field, PlainValidator, WithJsonSchema

from monitor.domain.alerts import AlertKind, Severity
from monitor.domain.routes import Hours, Route
from monitor.settings.base import TEXT_SCHEMA, Name, Shape, Zone
from monitor.settings.times import read_clock

Clock = Annotated[time, PlainValidator(read_clock), WithJsonSchema(TEXT_SCHEMA)]

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
    to: Clock = Field(description="End: 07:00.")
    zone: Zone | None = Field(None, description="Zone of these times; else the home zone.")


class RouteShape(Shape):
    """Which alerts go to which channels; what it does not name may be anything."""

    to: tuple[Name, ...] = Field(description="Names of channels.")
    severity: Severity | None = Field(
        None, description="critical: endpoint down, account refused. warning: all else."
    )
    kinds: tuple[Kind, ...] = Field(
        (), description="Of availability, account, monitor and budget; none: all."
    )
    providers: tuple[Name, ...] = Field((), description="Names of providers; none: all.")
    hours: TimesShape | None = Field(None, description="Only for what opens in these hours.")


def build_route(shape: RouteShape, home: ZoneInfo) -> Route:
    """What the shape of a route comes to."""
    return Route(
        shape.to,
        shape.severity,
        frozenset(shape.kinds),
        frozenset(shape.providers),
        build_hours(shape.hours, home),
    )


def build_hours(shape: TimesShape | None, home: ZoneInfo) -> Hours | None:
    """What the shape of hours comes to; their zone is the home zone where it names none."""
    return None if shape is None else Hours(shape.from_, shape.to, shape.zone or home)


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


def _find_strangers(key: str, named: tuple[str, ...], known: Mapping[str, object]) -> Iterator[str]:
    if key == "to" and not named:
        yield "names no channel; add one"
    for name in named:
        if name not in known:
            listed = ", ".join(sorted(known)) or "none"
            yield f"{name!r} is not in this file; these are: {listed}"
