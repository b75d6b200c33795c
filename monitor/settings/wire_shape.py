"""Wire shapes: how a host is spoken to, and who behind a gateway may answer, in a settings file."""

import re
from typing import Annotated

from pydantic import AfterValidator, Field

from monitor.settings.base import Flag, Id, Shape, Text

_FIELD = re.compile(r"[A-Za-z][A-Za-z0-9_]{0,63}")
_HEADER = re.compile(r"[A-Za-z][A-Za-z0-9-]{0,63}")
_QUERY = re.compile(
    r"[A-Za-z0-9._~%+-]+=[A-Za-z0-9._~%+-]*(?:&[A-Za-z0-9._~%+-]+=[A-Za-z0-9._~%+-]*)*"
)


def _read_field(value: str) -> str:
    if not _FIELD.fullmatch(value):
        raise ValueError("is no name of a field; write it like max_completion_tokens")
    return value


def _read_header(value: str) -> str:
    if not _HEADER.fullmatch(value):
        raise ValueError("is no name of a header; write it like api-key")
    return value.lower()


def _read_query(value: str) -> str:
    if not _QUERY.fullmatch(value):
        raise ValueError("is no query; write it like api-version=2024-10-21, without a ?")
    return value


class DialectShape(Shape):
    """In what a host differs from others of its flavour. Hosts that we know need none of it."""

    limit_field: Annotated[Text, AfterValidator(_read_field)] | None = Field(
        None, description="What the limit on output tokens is called: max_completion_tokens."
    )
    asks_usage: Flag | None = Field(
        None, description="false: a stream is not asked to end with its usage."
    )
    key_header: Annotated[Text, AfterValidator(_read_header)] | None = Field(
        None, description="The header for the key: authorization (as a bearer token), or api-key."
    )
    query: Annotated[Text, AfterValidator(_read_query)] | None = Field(
        None, description="What goes behind every address: api-version=2024-10-21."
    )


class PinsShape(Shape):
    """Which providers behind a gateway may answer, by the short names that it has for them."""

    only: tuple[Id, ...] = Field((), description="Nobody but these.")
    order: tuple[Id, ...] = Field((), description="These first, in this order.")
    ignore: tuple[Id, ...] = Field((), description="Anybody but these.")
    allow_fallbacks: Flag | None = Field(
        None, description="false: where the first fails, nobody else is asked."
    )
