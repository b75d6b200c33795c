"""Cohere's chat, version 2: typed events, and a bill in billed units.

The fields are those of the official client's models, version 7.3.
"""

import re
from collections.abc import Iterable
from typing import Any
from urllib.parse import urlencode

from monitor.domain.endpoints import Endpoint, Target
from monitor.wire import conversations
from monitor.wire.answers import object_of, objects, text_of
from monitor.wire.cohere_answer import CohereAnswer
from monitor.wire.conversations import look, post
from monitor.wire.openai_chat import headers_of
from monitor.wire.questions import Question, Schema, data_url
from monitor.wire.replies import Reply
from monitor.wire.transport import Request, Transport

_VERSION = re.compile(r"/v\d+$")
_PAGE_SIZE = 1000


def build_request(endpoint: Endpoint, question: Question) -> Request:
    """A streamed chat, without any sampling parameter."""
    body: dict[str, Any] = {
        "model": endpoint.model_name,
        "messages": [{"role": "user", "content": _content(question)}],
        "max_tokens": question.output_tokens,
        "stream": True,
    }
    if question.answer_schema is not None:
        schema = dict(question.answer_schema.json_schema)
        body["response_format"] = {"type": "json_object", "json_schema": schema}
    if question.tool is not None:
        body |= {"tools": [_describe(question.tool)], "tool_choice": "REQUIRED"}
    return post(endpoint, _url(endpoint.target, "v2/chat"), headers_of(endpoint.target), body)


async def ask(endpoint: Endpoint, transport: Transport, question: Question) -> Reply:
    """The answer to a question, timed and classified. Takes no turn in the transport's queue."""
    request = build_request(endpoint, question)
    return await conversations.ask(endpoint, transport, request, CohereAnswer())


async def list_models(target: Target, transport: Transport, *, is_whole: bool = False) -> Reply:
    """The names of the models served there; one of them unless the whole list is asked for."""
    size = _PAGE_SIZE if is_whole else 1

    def request_page(cursor: str | None) -> Request:
        query = {"page_size": str(size)} | ({} if cursor is None else {"page_token": cursor})
        return look(_url(target, f"v1/models?{urlencode(query)}"), headers_of(target))

    follow = find_next if is_whole else None
    return await conversations.list_models(target, transport, request_page, read_names, follow)


def read_names(document: object) -> Iterable[object] | None:
    """The names in a list of models; `None` where it is no such list."""
    models = object_of(document).get("models")
    if not isinstance(models, list):
        return None
    return (model.get("name") for model in objects(models))


def find_next(document: object) -> str | None:
    """The token of the page after a page of models."""
    return text_of(object_of(document).get("next_page_token"))


def _url(target: Target, path: str) -> str:
    """The version of a base URL is left out: chat and models have different ones."""
    return f"{_VERSION.sub('', target.base_url.rstrip('/'))}/{path}"


def _content(question: Question) -> str | list[dict[str, Any]]:
    if question.image is None:
        return question.prompt
    return [
        {"type": "text", "text": question.prompt},
        {"type": "image_url", "image_url": {"url": data_url(question.image)}},
    ]


def _describe(tool: Schema) -> dict[str, Any]:
    function = {
        "name": tool.name,
        "description": tool.description,
        "parameters": dict(tool.json_schema),
    }
    return {"type": "function", "function": function}
