"""Anthropic Messages, as Anthropic and the servers that copy it speak it."""

from typing import Any
from urllib.parse import urlencode

from monitor.domain.endpoints import Endpoint, Target
from monitor.wire import conversations
from monitor.wire.answers import object_of, text_of
from monitor.wire.anthropic_answer import AnthropicAnswer
from monitor.wire.conversations import look, post, versioned
from monitor.wire.openai_chat import read_ids
from monitor.wire.questions import Question, Schema, encode_image
from monitor.wire.replies import Reply
from monitor.wire.transport import Request, Transport

#: The version that works everywhere. What the newer one took away, we do not send.
VERSION = "2023-06-01"
#: Of a size that fits well into what is read of a list.
_PAGE_SIZE = 100


def build_request(endpoint: Endpoint, question: Question) -> Request:
    """A streamed message, without any sampling parameter: newer models and versions refuse them."""
    body: dict[str, Any] = {
        "model": endpoint.model_name,
        "max_tokens": question.output_tokens,
        "messages": [{"role": "user", "content": _content(question)}],
        "stream": True,
    }
    if question.answer_schema is not None:
        schema = dict(question.answer_schema.json_schema)
        body["output_config"] = {"format": {"type": "json_schema", "schema": schema}}
    if question.tool is not None:
        body |= _force(question.tool)
    return post(endpoint, _url(endpoint.target, "messages"), _headers(endpoint.target), body)


async def ask(endpoint: Endpoint, transport: Transport, question: Question) -> Reply:
    """The answer to a question, timed and classified. Takes no turn in the transport's queue."""
    request = build_request(endpoint, question)
    return await conversations.ask(endpoint, transport, request, AnthropicAnswer())


async def list_models(target: Target, transport: Transport, *, is_whole: bool = False) -> Reply:
    """The ids of the models served there; one of them unless the whole list is asked for."""
    size = _PAGE_SIZE if is_whole else 1

    def request_page(cursor: str | None) -> Request:
        query = {"limit": str(size)} | ({} if cursor is None else {"after_id": cursor})
        return look(f"{_url(target, 'models')}?{urlencode(query)}", _headers(target))

    follow = find_next if is_whole else None
    return await conversations.list_models(target, transport, request_page, read_ids, follow)


def find_next(document: object) -> str | None:
    """The last id of a page after which there is another one."""
    page = object_of(document)
    return text_of(page.get("last_id")) if page.get("has_more") is True else None


def _url(target: Target, path: str) -> str:
    return f"{versioned(target.base_url, 'v1')}/{path}"


def _headers(target: Target) -> dict[str, str]:
    headers = {"anthropic-version": VERSION}
    if target.key is not None:
        headers["x-api-key"] = target.key.reveal()
    return headers


def _content(question: Question) -> str | list[dict[str, Any]]:
    if question.image is None:
        return question.prompt
    data = encode_image(question.image)
    source = {"type": "base64", "media_type": "image/png", "data": data}
    return [{"type": "image", "source": source}, {"type": "text", "text": question.prompt}]


def _force(tool: Schema) -> dict[str, Any]:
    """A tool that is on offer, and the word that it has to be called."""
    described = {
        "name": tool.name,
        "description": tool.description,
        "input_schema": dict(tool.json_schema),
    }
    return {"tools": [described], "tool_choice": {"type": "tool", "name": tool.name}}
