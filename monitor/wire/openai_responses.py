"""OpenAI Responses. Its models, its key and its refusals are those of OpenAI Chat."""

from typing import Any

from monitor.domain.endpoints import Endpoint
from monitor.wire import conversations
from monitor.wire.conversations import post
from monitor.wire.openai_chat import headers_of, list_models, url_of
from monitor.wire.questions import Question, Schema, data_url
from monitor.wire.replies import Reply
from monitor.wire.responses_answer import ResponsesAnswer
from monitor.wire.transport import Request, Transport

__all__ = ["ask", "build_request", "list_models"]


def build_request(endpoint: Endpoint, question: Question) -> Request:
    """A streamed response that is not kept there, without any sampling parameter."""
    body: dict[str, Any] = {
        "model": endpoint.model_name,
        "input": [{"role": "user", "content": _content(question)}],
        "max_output_tokens": question.output_tokens,
        "stream": True,
        "store": False,
    }
    if question.answer_schema is not None:
        described = _describe(question.answer_schema, "schema")
        body["text"] = {"format": {"type": "json_schema", "strict": True} | described}
    if question.tool is not None:
        described = _describe(question.tool, "parameters")
        body["tools"] = [{"type": "function", "strict": True} | described]
        body["tool_choice"] = {"type": "function", "name": question.tool.name}
    return post(endpoint, url_of(endpoint.target, "responses"), headers_of(endpoint.target), body)


async def ask(endpoint: Endpoint, transport: Transport, question: Question) -> Reply:
    """The answer to a question, timed and classified. Takes no turn in the transport's queue."""
    request = build_request(endpoint, question)
    return await conversations.ask(endpoint, transport, request, ResponsesAnswer())


def _content(question: Question) -> str | list[dict[str, Any]]:
    if question.image is None:
        return question.prompt
    return [
        {"type": "input_text", "text": question.prompt},
        {"type": "input_image", "detail": "auto", "image_url": data_url(question.image)},
    ]


def _describe(schema: Schema, field: str) -> dict[str, Any]:
    return {
        "name": schema.name,
        "description": schema.description,
        field: dict(schema.json_schema),
    }
