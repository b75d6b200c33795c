"""Questions: what a model is asked, in the words of no flavour."""

from base64 import b64encode
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class Schema:
    """A named JSON Schema, of an answer or of a tool's arguments.

    Strict readers want it closed: every property required, `additionalProperties` false.
    """

    name: str
    description: str
    json_schema: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Question:
    """A prompt and the most output tokens that its answer may have.

    `image` is a PNG that goes with the prompt, `answer_schema` what the answer must follow, `tool`
    a function that the model is made to call.
    """

    prompt: str
    output_tokens: int
    image: bytes | None = None
    answer_schema: Schema | None = None
    tool: Schema | None = None


def encode_image(png: bytes) -> str:
    """An image in base64."""
    return b64encode(png).decode()


def data_url(png: bytes) -> str:
    """An image as a URL that holds it."""
    return f"data:image/png;base64,{encode_image(png)}"
