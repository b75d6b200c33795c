"""What a question may carry, on the wire of each flavour."""

from typing import Any

import pytest

from monitor.domain.endpoints import Flavour
from monitor.wire.questions import Question, Schema
from tests.wire.loopback import see_question

PNG, IN_BASE64 = b"\x89PNG\r\n\x1a\n", "iVBORw0KGgo="
COLOUR = Schema(
    "colour",
    "The colour of the square.",
    {
        "type": "object",
        "properties": {"colour": {"type": "string"}},
        "required": ["colour"],
        "additionalProperties": False,
    },
)
SCHEMA, TOLD = COLOUR.json_schema, "The colour of the square."


def body_of(flavour: Flavour, question: Question) -> dict[str, Any]:
    [body] = see_question(flavour, question).bodies
    return dict(body)


def test_these_bodies_are_plain() -> None:
    bodies = {
        flavour: body_of(flavour, Question("hi", 16))
        for flavour in (Flavour.OPENAI_RESPONSES, Flavour.ANTHROPIC, Flavour.GEMINI)
    }

    assert bodies == {
        Flavour.OPENAI_RESPONSES: {
            "model": "m-1",
            "input": [{"role": "user", "content": "hi"}],
            "max_output_tokens": 16,
            "stream": True,
            "store": False,
        },
        Flavour.ANTHROPIC: {
            "model": "m-1",
            "max_tokens": 16,
            "messages": [{"role": "user", "content": "hi"}],
            "stream": True,
        },
        Flavour.GEMINI: {
            "contents": [{"role": "user", "parts": [{"text": "hi"}]}],
            "generationConfig": {"maxOutputTokens": 16},
        },
    }


IMAGES: dict[Flavour, tuple[str, Any]] = {
    Flavour.OPENAI_CHAT: ("messages", {
        "role": "user",
        "content": [
            {"type": "text", "text": "hi"},
            {"type": "image_url", "image_url": {"url": f"data:image/png;base64,{IN_BASE64}"}},
        ],
    }),
    Flavour.OPENAI_RESPONSES: ("input", {
        "role": "user",
        "content": [
            {"type": "input_text", "text": "hi"},
            {"type": "input_image", "detail": "auto",
             "image_url": f"data:image/png;base64,{IN_BASE64}"},
        ],
    }),
    Flavour.ANTHROPIC: ("messages", {
        "role": "user",
        "content": [
            {"type": "image",
             "source": {"type": "base64", "media_type": "image/png", "data": IN_BASE64}},
            {"type": "text", "text": "hi"},
        ],
    }),
    Flavour.GEMINI: ("contents", {
        "role": "user",
        "parts": [{"inlineData": {"mimeType": "image/png", "data": IN_BASE64}}, {"text": "hi"}],
    }),
}  # fmt: skip


@pytest.mark.parametrize("flavour", IMAGES)
def test_an_image_goes_with_the_prompt(flavour: Flavour) -> None:
    field, turn = IMAGES[flavour]

    assert body_of(flavour, Question("hi", 16, image=PNG))[field] == [turn]


SCHEMAS: dict[Flavour, dict[str, Any]] = {
    Flavour.OPENAI_CHAT: {"response_format": {
        "type": "json_schema",
        "json_schema": {"name": "colour", "description": TOLD, "schema": SCHEMA, "strict": True},
    }},
    Flavour.OPENAI_RESPONSES: {"text": {"format": {
        "type": "json_schema", "name": "colour", "description": TOLD, "schema": SCHEMA,
        "strict": True,
    }}},
    Flavour.ANTHROPIC: {"output_config": {"format": {"type": "json_schema", "schema": SCHEMA}}},
    Flavour.GEMINI: {"generationConfig": {
        "maxOutputTokens": 16, "responseMimeType": "application/json",
        "responseJsonSchema": SCHEMA,
    }},
}  # fmt: skip


@pytest.mark.parametrize("flavour", SCHEMAS)
def test_an_answer_has_to_follow_its_schema(flavour: Flavour) -> None:
    body = body_of(flavour, Question("hi", 16, answer_schema=COLOUR))

    assert {field: body[field] for field in SCHEMAS[flavour]} == SCHEMAS[flavour]


TOOLS: dict[Flavour, dict[str, Any]] = {
    Flavour.OPENAI_CHAT: {
        "tools": [{"type": "function", "function": {
            "name": "colour", "description": TOLD, "parameters": SCHEMA}}],
        "tool_choice": {"type": "function", "function": {"name": "colour"}},
    },
    Flavour.OPENAI_RESPONSES: {
        "tools": [{"type": "function", "strict": True, "name": "colour", "description": TOLD,
                   "parameters": SCHEMA}],
        "tool_choice": {"type": "function", "name": "colour"},
    },
    Flavour.ANTHROPIC: {
        "tools": [{"name": "colour", "description": TOLD, "input_schema": SCHEMA}],
        "tool_choice": {"type": "tool", "name": "colour"},
    },
    Flavour.GEMINI: {
        "tools": [{"functionDeclarations": [{
            "name": "colour", "description": TOLD, "parametersJsonSchema": SCHEMA}]}],
        "toolConfig": {"functionCallingConfig": {
            "mode": "ANY", "allowedFunctionNames": ["colour"]}},
    },
}  # fmt: skip


@pytest.mark.parametrize("flavour", TOOLS)
def test_a_tool_has_to_be_called(flavour: Flavour) -> None:
    body = body_of(flavour, Question("hi", 16, tool=COLOUR))

    assert {field: body[field] for field in TOOLS[flavour]} == TOOLS[flavour]
