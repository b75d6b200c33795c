"""OpenAI Chat Completions, as OpenAI and all who copy it speak it."""

from collections.abc import Iterable
from typing import Any

from monitor.domain.endpoints import Endpoint, Target
from monitor.wire import conversations
from monitor.wire.conversations import look, post
from monitor.wire.openai_answer import OpenAiAnswer
from monitor.wire.questions import Question, Schema, data_url
from monitor.wire.replies import Reply
from monitor.wire.transport import Request, Transport


def build_request(endpoint: Endpoint, question: Question) -> Request:
    """A streamed completion."""
    url = url_of(endpoint.target, "chat/completions")
    return post(endpoint, url, headers_of(endpoint.target), body_of(endpoint, question))


def body_of(endpoint: Endpoint, question: Question) -> dict[str, Any]:
    """What is asked for, without any sampling parameter."""
    dialect = endpoint.target.dialect
    body: dict[str, Any] = {
        "model": endpoint.model_name,
        "messages": [{"role": "user", "content": _content(question)}],
        dialect.limit_field: question.output_tokens,
        "stream": True,
    }
    if dialect.asks_usage:
        body["stream_options"] = {"include_usage": True}
    if question.answer_schema is not None:
        body["response_format"] = {
            "type": "json_schema",
            "json_schema": _describe(question.answer_schema) | {"strict": True},
        }
    if question.tool is not None:
        body |= _force(question.tool)
    return body


async def ask(endpoint: Endpoint, transport: Transport, question: Question) -> Reply:
    """The answer to a question, timed and classified. Takes no turn in the transport's queue."""
    request = build_request(endpoint, question)
    return await conversations.ask(endpoint, transport, request, OpenAiAnswer())


async def list_models(target: Target, transport: Transport, *, is_whole: bool = False) -> Reply:
    """The ids of the models served there, in one list: this API has no pages."""
    query = "" if is_whole else target.dialect.list_query
    request = look(url_of(target, "models", query), headers_of(target))
    return await conversations.list_models(target, transport, lambda _: request, read_ids)


def read_ids(document: object) -> Iterable[object] | None:
    """The ids in OpenAI's list of models, or in the bare list that some servers send."""
    if isinstance(document, dict):
        is_empty = document.get("object") == "list" and document.get("data") is None
        document = [] if is_empty else document.get("data")
    if not isinstance(document, list):
        return None
    return (model.get("id") for model in document if isinstance(model, dict))


def url_of(target: Target, path: str, query: str = "") -> str:
    """Where a path is at a base URL that has the API's version in it."""
    queries = "&".join(filter(None, (target.dialect.query, query)))
    return f"{target.base_url.rstrip('/')}/{path}" + (f"?{queries}" if queries else "")


def headers_of(target: Target) -> dict[str, str]:
    """The key, as its host wants it."""
    if target.key is None:
        return {}
    header, key = target.dialect.key_header, target.key.reveal()
    return {header: f"Bearer {key}" if header == "authorization" else key}


def _content(question: Question) -> str | list[dict[str, Any]]:
    if question.image is None:
        return question.prompt
    return [
        {"type": "text", "text": question.prompt},
        {"type": "image_url", "image_url": {"url": data_url(question.image)}},
    ]


def _force(tool: Schema) -> dict[str, Any]:
    """A function that is on offer, and the word that it has to be called."""
    described = _describe(tool)
    described["parameters"] = described.pop("schema")
    return {
        "tools": [{"type": "function", "function": described}],
        "tool_choice": {"type": "function", "function": {"name": tool.name}},
    }


def _describe(schema: Schema) -> dict[str, Any]:
    return {
        "name": schema.name,
        "description": schema.description,
        "schema": dict(schema.json_schema),
    }
