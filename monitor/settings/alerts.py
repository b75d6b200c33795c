"""Alerts of a settings file: channels, routes, quiet hours; their shapes, and what they come to."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import time
from typing import Annotated
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

from pydantic import Field, PlainValidator, WithJsonSchema

from monitor.domain.alerts import AlertKind, Severity
from monitor.domain.routes import (
    Alerting,
    Channel,
    ChannelKind,
    Hours,
    Route,
    show_address,
)
from monitor.domain.secrets import Secret
from monitor.settings.base import TEXT_SCHEMA, Name, Shape, Zone
from monitor.settings.problems import KeyPath
from monitor.settings.times import read_clock
from monitor.settings.values import read_key

_LEAST_SECRET = 16

Blame = Callable[[KeyPath, str], None]


def read_address(value: object) -> Secret:
    """An http(s) URL, all of which is kept secret: many services put a token into it."""
    text = value.strip() if isinstance(value, str) else ""
    try:
        parts = urlsplit(text)
        is_url = parts.scheme in {"http", "https"} and parts.hostname and parts.port != 0
    except ValueError:
        is_url = False
    if not is_url or not text.isascii() or not text.isprintable() or " " in text:
        raise ValueError("is no http(s) URL; write it like https://hooks.example.com/inferwatch")
    if parts.username or parts.password or parts.fragment:
        raise ValueError("carries a user name, password or fragment; remove it: each is signed")
    return Secret(text)


def read_secret(value: object) -> Secret:
    """What a webhook is signed with."""
    secret = read_key(value)
    if len(secret.reveal()) < _LEAST_SECRET:
        raise ValueError(f"is shorter than {_LEAST_SECRET} characters; take `openssl rand -hex 32`")
    return secret


Clock = Annotated[time, PlainValidator(read_clock), WithJsonSchema(TEXT_SCHEMA)]
Address = Annotated[Secret, PlainValidator(read_address), WithJsonSchema(TEXT_SCHEMA)]
SigningSecret = Annotated[Secret, PlainValidator(read_secret), WithJsonSchema(TEXT_SCHEMA)]


class ChannelShape(Shape):
    """Where messages go."""

    webhook: Address = Field(description="A URL of yours that is sent signed JSON.")
    secret: SigningSecret = Field(
        description="What it is signed with, at least 16 characters: ${ALERTS_SECRET}."
    )


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
    kinds: tuple[AlertKind, ...] = Field(
        (), description="Of availability, account, monitor and budget; none: all."
    )
    providers: tuple[Name, ...] = Field((), description="Names of providers; none: all.")
    hours: TimesShape | None = Field(None, description="Only for what opens in these hours.")


class AlertsShape(Shape):
    """Who is told, and when. With a channel everything is told; without one nothing."""

    link: Address | None = Field(
        None, description="Where the pages are reached from a phone: https://watch.example.com."
    )
    quiet: TimesShape | None = Field(
        None, description="Hours in which warnings wait; what is critical goes out at once."
    )
    channels: dict[Name, ChannelShape] = Field({}, description="Where messages go, by name.")
    routes: tuple[RouteShape, ...] = Field(
        (), description="Which alerts go where; without any, all of them to every channel."
    )


def fields_of_alerts(path: Sequence[str | int]) -> frozenset[str] | None:
    """The keys that a place below `alerts` may hold; `None` where names are free."""
    match path:
        case []:
            shape: type[Shape] = AlertsShape
        case ["quiet"] | ["routes", _, "hours"]:
            shape = TimesShape
        case ["channels", _]:
            shape = ChannelShape
        case ["routes", _]:
            shape = RouteShape
        case _:
            return None
    return frozenset(field.alias or name for name, field in shape.model_fields.items())


def connect(
    shape: AlertsShape,
    providers: Mapping[str, object],
    home: ZoneInfo,
    blame: Blame,
) -> Alerting:
    """What the shapes of a file come to; what is wrong with them is blamed, place by place."""
    for number, route in enumerate(shape.routes):
        path: KeyPath = ("alerts", "routes", number)
        for key, names, known in (
            ("to", route.to, shape.channels),
            ("providers", route.providers, providers),
        ):
            for text in _find_strangers(key, names, known):
                blame((*path, key), text)
    return Alerting(
        channels=tuple(_channel(name, each) for name, each in shape.channels.items()),
        routes=tuple(_route(each, home) for each in shape.routes),
        quiet=_hours(shape.quiet, home),
        link="" if shape.link is None else shape.link.reveal().rstrip("/"),
    )


def _route(shape: RouteShape, home: ZoneInfo) -> Route:
    return Route(
        shape.to,
        shape.severity,
        frozenset(shape.kinds),
        frozenset(shape.providers),
        _hours(shape.hours, home),
    )


def _hours(shape: TimesShape | None, home: ZoneInfo) -> Hours | None:
    return None if shape is None else Hours(shape.from_, shape.to, shape.zone or home)


def _channel(name: str, shape: ChannelShape) -> Channel:
    shown = show_address(shape.webhook.reveal())
    return Channel(name, ChannelKind.WEBHOOK, shape.webhook, shown, shape.secret)


def _find_strangers(key: str, named: tuple[str, ...], known: Mapping[str, object]) -> Iterator[str]:
    if key == "to" and not named:
        yield "names no channel; add one"
    for name in named:
        if name not in known:
            listed = ", ".join(sorted(known)) or "none"
            yield f"{name!r} is not in this file; these are: {listed}"
