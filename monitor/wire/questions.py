"""Questions: what a model is asked, in the words of no flavour."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class Schema:
    """A named JSON Schema, of an answer or of a tool's arguments."""

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
