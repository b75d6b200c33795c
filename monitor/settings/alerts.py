"""Alerts of a settings file: channels, routes and quiet hours, and what they come to."""

from collections.abc import Callable, Mapping, Sequence
from zoneinfo import ZoneInfo

from pydantic import Field

from monitor.domain.routes import Alerting
from monitor.settings.base import Name, Shape
from monitor.settings.channels import (
    PARTS,
    Address,
    ChannelShape,
    Common,
    build_channel,
    find_bad_fallback,
    find_faults,
)
from monitor.settings.problems import KeyPath
from monitor.settings.routes import (
    DigestShape,
    EscalationShape,
    RemindersShape,
    RouteShape,
    TimesShape,
    build_escalations,
    build_hours,
    build_reminders,
    build_route,
    find_fault_of_reminders,
    find_faults_of_steps,
    find_strangers,
)
from monitor.settings.rules import RulesShape
from monitor.settings.templates import TemplatesShape

Blame = Callable[[KeyPath, str], None]


class AlertsShape(Shape):
    """Who is told, and when. With a channel everything is told; without one nothing."""

    link: Address | None = Field(
        None, description="Where the pages are reached from a phone: https://watch.example.com."
    )
    quiet: TimesShape | None = Field(
        None, description="Hours in which warnings wait; what is critical goes out at once."
    )
    rules: RulesShape = Field(RulesShape(), description="What is told of, and when.")
    channels: dict[Name, ChannelShape] = Field({}, description="Where messages go, by name.")
    templates: TemplatesShape = Field(
        TemplatesShape(), description="How all channels word messages that say nothing else."
    )
    fallback: Name | None = Field(
        None, description="The channel that tells what one without its own fallback cannot take."
    )
    reminders: RemindersShape = Field(
        RemindersShape(), description="Telling again of what lasts, until it is acknowledged."
    )
    escalate: tuple[EscalationShape, ...] = Field(
        (), description="Who else is told of any alert that nobody acknowledges."
    )
    routes: tuple[RouteShape, ...] = Field(
        (), description="Which alerts go where; without any, all of them to every channel."
    )


_SINGLE: Mapping[str | int, type[Shape]] = {
    "quiet": TimesShape,
    "hours": TimesShape,
    "reminders": RemindersShape,
    "rules": RulesShape,
    "digest": DigestShape,
}


def fields_of_alerts(path: Sequence[str | int]) -> frozenset[str] | None:
    """The keys that a place below `alerts` may hold; `None` where names are free."""
    match path:
        case []:
            shape: type[Shape] = AlertsShape
        case ["quiet" | "reminders" | "rules" as key] | [
            "routes",
            _,
            "hours" | "digest" as key,
        ]:
            shape = _SINGLE[key]
        case ["escalate", _] | ["routes", _, "escalate", _]:
            shape = EscalationShape
        case ["rules", rule] if rule in RulesShape.model_fields:
            shape = type(RulesShape.model_fields[str(rule)].default)
        case ["templates"]:
            shape = TemplatesShape
        case ["channels", _, *inner] if tuple(inner) in PARTS:
            shape = PARTS[tuple(inner)]
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
    sound = {}
    for name, each in shape.channels.items():
        faults = list(find_faults(name, each, shape.channels))
        for keys, text in faults:
            blame(("alerts", "channels", name, *keys), text)
        if not faults:
            sound[name] = each
    if shape.fallback is not None:
        for text in find_bad_fallback(shape.fallback, shape.channels):
            blame(("alerts", "fallback"), text)
    for number, route in enumerate(shape.routes):
        path: KeyPath = ("alerts", "routes", number)
        for key, text in find_strangers(route, shape.channels, providers):
            blame((*path, key), text)
    for key, text in find_fault_of_reminders(shape.reminders):
        blame(("alerts", "reminders", key), text)
    for key, text in find_faults_of_steps(shape.escalate, shape.channels):
        blame(("alerts", "escalate"), f"{key}: {text}")
    common = Common(shape.fallback, shape.templates)
    return Alerting(
        channels=tuple(build_channel(name, each, common) for name, each in sound.items()),
        routes=tuple(build_route(each, home) for each in shape.routes),
        quiet=build_hours(shape.quiet, home),
        reminders=build_reminders(shape.reminders),
        escalate=build_escalations(shape.escalate),
        link="" if shape.link is None else shape.link.reveal().rstrip("/"),
        fallback=shape.fallback,
    )
