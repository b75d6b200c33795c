"""What a question may carry, on the wire of OpenAI Chat."""

from monitor.domain.endpoints import Flavour
from monitor.domain.outcomes import Outcome
from monitor.wire.questions import Question, Schema
from tests.wire.loopback import DONE, ask, chunk, head, see_question

PNG = b"\x89PNG\r\n\x1a\n"
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


def body_of(question: Question) -> dict[str, object]:
    [body] = see_question(Flavour.OPENAI_CHAT, question).bodies
    return dict(body)


def test_an_image_goes_beside_the_prompt() -> None:
    assert body_of(Question("hi", 16, image=PNG))["messages"] == [
        {
            "role": "user",
            "content": [
                {"type": "text", "text": "hi"},
                {
                    "type": "image_url",
                    "image_url": {"url": "data:image/png;base64,iVBORw0KGgo="},
                },
            ],
        }
    ]


def test_an_answers_schema_is_strict() -> None:
    assert body_of(Question("hi", 16, answer_schema=COLOUR))["response_format"] == {
        "type": "json_schema",
        "json_schema": {
            "name": "colour",
            "description": "The colour of the square.",
            "schema": COLOUR.json_schema,
            "strict": True,
        },
    }


def test_a_tool_has_to_be_called() -> None:
    body = body_of(Question("hi", 16, tool=COLOUR))

    assert body["tool_choice"] == {"type": "function", "function": {"name": "colour"}}
    assert body["tools"] == [
        {
            "type": "function",
            "function": {
                "name": "colour",
                "description": "The colour of the square.",
                "parameters": COLOUR.json_schema,
            },
        }
    ]


def test_what_was_said_to_the_tool_is_put_together() -> None:
    def call(arguments: str) -> bytes:
        return chunk(tool_calls=[{"index": 0, "function": {"arguments": arguments}}])

    reply = ask([head(), call('{"colour":'), call(' "red"}'), chunk(finish="tool_calls"), DONE])

    assert (reply.outcome, reply.text) == (Outcome.OK, "")
    assert reply.arguments == '{"colour": "red"}'
