"""Channels of a settings file: where messages go, and how."""

import re
from collections.abc import Iterator, Mapping
from typing import Annotated, NamedTuple
from urllib.parse import urlsplit

from pydantic import Field, PlainValidator, WithJsonSchema

from monitor.domain.channels import (
    Channel,
    Hook,
    Pace,
    Service,
    show_address,
    show_mailbox,
    show_service,
)
from monitor.domain.secrets import Secret
from monitor.domain.windows import DAY_MS, HOUR_MS, MINUTE_MS
from monitor.settings import apprise_urls
from monitor.settings.base import TEXT_SCHEMA, Name, Shape
from monitor.settings.mail import MailShape, build_mailbox
from monitor.settings.templates import TemplatesShape, build_wording
from monitor.settings.values import read_key

_LEAST_SECRET = 16
_PACE = re.compile(r"(\d{1,5})\s*/\s*(min|h|d)")
_SPANS_MS = {"min": MINUTE_MS, "h": HOUR_MS, "d": DAY_MS}
#: What people read, and what services take from one sender without calling it spam.
_HUMAN_PACE = Pace(30, HOUR_MS)


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


def read_service(value: object) -> Secret:
    """An Apprise URL, all of which is kept secret; nothing is sent to find out."""
    text = value.strip() if isinstance(value, str) else ""
    if not text.isascii() or not text.isprintable() or "://" not in text:
        raise ValueError("is no Apprise URL; write it like ntfy://ntfy.example.com/topic")
    apprise_urls.check(text)
    return Secret(text)


def read_pace(value: object) -> Pace:
    """So many messages in a minute, an hour or a day."""
    match = _PACE.fullmatch(str(value).strip())
    if match is None or not int(match[1]):
        raise ValueError("is no limit; write a number of messages in a span, like 20/h")
    return Pace(int(match[1]), _SPANS_MS[match[2]])


Address = Annotated[Secret, PlainValidator(read_address), WithJsonSchema(TEXT_SCHEMA)]
ServiceUrl = Annotated[Secret, PlainValidator(read_service), WithJsonSchema(TEXT_SCHEMA)]
SigningSecret = Annotated[Secret, PlainValidator(read_secret), WithJsonSchema(TEXT_SCHEMA)]
Limit = Annotated[Pace, PlainValidator(read_pace), WithJsonSchema(TEXT_SCHEMA)]
Faults = Iterator[tuple[tuple[str, ...], str]]


class ChannelShape(Shape):
    """Where messages go: to a webhook, a service of Apprise, or mailboxes."""

    webhook: Address | None = Field(None, description="A URL of yours that is sent signed JSON.")
    secret: SigningSecret | None = Field(
        None, description="What it is signed with, at least 16 characters: ${ALERTS_SECRET}."
    )
    apprise: ServiceUrl | None = Field(
        None, description="Apprise's URL of a service (Slack, Teams, ntfy, ...): ${SLACK_URL}."
    )
    email: MailShape | None = Field(None, description="Mailboxes, and the server that gets there.")
    limit: Limit | None = Field(
        None, description="How many messages it takes: 20/h; else 30/h, or of a webhook none."
    )
    fallback: Name | None = Field(
        None, description="The channel that tells what this one cannot take."
    )
    templates: TemplatesShape = Field(
        TemplatesShape(), description="How it words messages, instead of those of all channels."
    )


#: The groups of keys in a channel, by where they stand in it.
PARTS: Mapping[tuple[object, ...], type[Shape]] = {
    (): ChannelShape,
    ("email",): MailShape,
    ("templates",): TemplatesShape,
}


class Common(NamedTuple):
    """What holds for channels that say nothing else."""

    fallback: str | None
    templates: TemplatesShape


def find_faults(name: str, shape: ChannelShape, channels: Mapping[str, object]) -> Faults:
    """The places in a channel that do not go together, and what is wrong there."""
    if shape.fallback is not None:
        for text in find_bad_fallback(shape.fallback, channels, name):
            yield ("fallback",), text
    ways = [key for key in ("webhook", "apprise", "email") if getattr(shape, key) is not None]
    if len(ways) != 1:
        had = f"has {' and '.join(ways)}" if ways else "leads nowhere"
        yield (), f"{had}; give it one of webhook, apprise and email"
    elif ways == ["webhook"] and shape.secret is None:
        yield ("secret",), "is missing; add it"
    elif ways != ["webhook"] and shape.secret is not None:
        yield ("secret",), "signs webhooks alone; remove it"
    if shape.email is not None and shape.email.fault is not None:
        key, text = shape.email.fault
        yield ("email", key), text


def find_bad_fallback(
    fallback: str, channels: Mapping[str, object], name: str | None = None
) -> Iterator[str]:
    """What is wrong with a fallback, of the channel `name` or of all."""
    if fallback == name:
        yield "is this channel itself; name another one"
    elif fallback not in channels:
        named = ", ".join(sorted(channels)) or "none"
        yield f"{fallback!r} is not in this file; these are: {named}"


def build_channel(name: str, shape: ChannelShape, common: Common) -> Channel:
    """What the shape of a channel without faults comes to."""
    fallback = shape.fallback or (None if name == common.fallback else common.fallback)
    wording = build_wording(shape.templates, common.templates)
    if shape.webhook is not None and shape.secret is not None:
        shown = show_address(shape.webhook.reveal())
        hook = Hook(shape.webhook, shape.secret)
        return Channel(name, hook, shown, shape.limit, fallback, wording)
    pace = shape.limit or _HUMAN_PACE
    if shape.apprise is not None:
        shown = show_service(shape.apprise.reveal())
        return Channel(name, Service(shape.apprise), shown, pace, fallback, wording)
    if shape.email is not None:
        mailbox = build_mailbox(shape.email)
        return Channel(name, mailbox, show_mailbox(mailbox), pace, fallback, wording)
    raise AssertionError(f"channel {name!r} leads nowhere")
