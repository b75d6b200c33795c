"""Channels of a settings file: where messages go, and how."""

from collections.abc import Iterator
from typing import Annotated
from urllib.parse import urlsplit

from pydantic import Field, PlainValidator, WithJsonSchema

from monitor.domain.channels import (
    Channel,
    Hook,
    Service,
    show_address,
    show_mailbox,
    show_service,
)
from monitor.domain.secrets import Secret
from monitor.settings import apprise_urls
from monitor.settings.base import TEXT_SCHEMA, Shape
from monitor.settings.mail import MailShape, build_mailbox
from monitor.settings.values import read_key

_LEAST_SECRET = 16


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


Address = Annotated[Secret, PlainValidator(read_address), WithJsonSchema(TEXT_SCHEMA)]
ServiceUrl = Annotated[Secret, PlainValidator(read_service), WithJsonSchema(TEXT_SCHEMA)]
SigningSecret = Annotated[Secret, PlainValidator(read_secret), WithJsonSchema(TEXT_SCHEMA)]
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


def find_faults(shape: ChannelShape) -> Faults:
    """The places in a channel that do not go together, and what is wrong there."""
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


def build_channel(name: str, shape: ChannelShape) -> Channel:
    """What the shape of a channel without faults comes to."""
    if shape.webhook is not None and shape.secret is not None:
        shown = show_address(shape.webhook.reveal())
        return Channel(name, Hook(shape.webhook, shape.secret), shown)
    if shape.apprise is not None:
        return Channel(name, Service(shape.apprise), show_service(shape.apprise.reveal()))
    if shape.email is not None:
        mailbox = build_mailbox(shape.email)
        return Channel(name, mailbox, show_mailbox(mailbox))
    raise AssertionError(f"channel {name!r} leads nowhere")
