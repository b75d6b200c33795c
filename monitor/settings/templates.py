"""Templates of a settings file: how channels word messages."""

from typing import Annotated

from pydantic import BeforeValidator, Field, WithJsonSchema

from monitor.domain.templates import MAX_WORDS, Wording, check
from monitor.settings.base import TEXT_SCHEMA, Shape


def read_template(value: object) -> str:
    """A text with known fields in braces."""
    if not isinstance(value, str) or not value.strip():
        raise ValueError("is no text; write it like '{title} ({severity})', or remove the line")
    if len(value) > MAX_WORDS:
        raise ValueError(f"is longer than {MAX_WORDS} characters; shorten it")
    check(value)
    return value


Template = Annotated[str, BeforeValidator(read_template), WithJsonSchema(TEXT_SCHEMA)]


class TemplatesShape(Shape):
    """How messages are worded; what is left out is as channels do it by themselves."""

    title: Template | None = Field(None, description="'[{severity}] {title}'; 60 characters.")
    body: Template | None = Field(None, description="The text below it: '{body} {links}'.")


def build_wording(own: TemplatesShape, common: TemplatesShape) -> Wording:
    """What a channel's own templates and those of all channels come to."""
    return Wording(own.title or common.title, own.body or common.body)
