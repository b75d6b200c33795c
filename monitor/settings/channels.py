"""Channels of a settings file: where messages go, and with what they are signed."""

from typing import Annotated
from urllib.parse import urlsplit

from pydantic import Field, PlainValidator, WithJsonSchema

from monitor.domain.routes import Channel, ChannelKind, show_address
from monitor.domain.secrets import Secret
from monitor.settings.base import TEXT_SCHEMA, Shape
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


Address = Annotated[Secret, PlainValidator(read_address), WithJsonSchema(TEXT_SCHEMA)]
SigningSecret = Annotated[Secret, PlainValidator(read_secret), WithJsonSchema(TEXT_SCHEMA)]


class ChannelShape(Shape):
    """Where messages go."""

    webhook: Address = Field(description="A URL of yours that is sent signed JSON.")
    secret: SigningSecret = Field(
        description="What it is signed with, at least 16 characters: ${ALERTS_SECRET}."
    )


def build_channel(name: str, shape: ChannelShape) -> Channel:
    """What the shape of a channel comes to."""
    shown = show_address(shape.webhook.reveal())
    return Channel(name, ChannelKind.WEBHOOK, shape.webhook, shown, shape.secret)
