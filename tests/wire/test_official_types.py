"""Our bodies, as the types of the official clients see them: nothing missing, nothing unknown."""

from collections.abc import Iterator
from typing import Any

import pytest
from anthropic.types.message_create_params import MessageCreateParamsStreaming
from google.genai.types import Content, GenerationConfig, Tool, ToolConfig
from openai.types.chat.completion_create_params import CompletionCreateParamsStreaming
from openai.types.responses.response_create_params import ResponseCreateParamsStreaming
from pydantic import BaseModel, TypeAdapter

from monitor.domain.endpoints import Flavour
from monitor.wire.questions import Question
from tests.wire.loopback import see_question
from tests.wire.test_questions import COLOUR, PNG

ASKED = {
    "plain": Question("hi", 16),
    "image": Question("hi", 16, image=PNG),
    "schema": Question("hi", 16, answer_schema=COLOUR),
    "tool": Question("hi", 16, tool=COLOUR),
}
TYPES: dict[Flavour, TypeAdapter[Any]] = {
    Flavour.OPENAI_CHAT: TypeAdapter(CompletionCreateParamsStreaming),
    Flavour.OPENAI_RESPONSES: TypeAdapter(ResponseCreateParamsStreaming),
    Flavour.ANTHROPIC: TypeAdapter(MessageCreateParamsStreaming),
}


def settle(value: object) -> object:
    """A checked value with all that pydantic puts off until it is read."""
    if isinstance(value, dict):
        return {name: settle(each) for name, each in value.items()}
    if isinstance(value, list | Iterator):
        return [settle(each) for each in value]
    return value


@pytest.mark.parametrize("flavour", TYPES)
@pytest.mark.parametrize("asked", ASKED)
def test_the_official_types_know_every_field(flavour: Flavour, asked: str) -> None:
    [body] = see_question(flavour, ASKED[asked]).bodies

    assert settle(TYPES[flavour].validate_python(body)) == body


GOOGLES: dict[str, type[BaseModel]] = {
    "contents": Content,
    "tools": Tool,
    "generationConfig": GenerationConfig,
    "toolConfig": ToolConfig,
}


@pytest.mark.parametrize("asked", ASKED)
def test_googles_types_know_every_field(asked: str) -> None:
    [body] = see_question(Flavour.GEMINI, ASKED[asked]).bodies
    parts = {field: it if isinstance(it, list) else [it] for field, it in body.items()}

    assert parts == {field: [dump(field, each) for each in parts[field]] for field in parts}


def dump(field: str, part: object) -> object:
    """A part of a body, read and written again; raises where a field is not known."""
    read = GOOGLES[field].model_validate(part)
    return read.model_dump(mode="json", by_alias=True, exclude_none=True)
