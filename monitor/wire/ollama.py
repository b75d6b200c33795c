"""Ollama's own chat: a line of JSON for each piece, and what its machine took for it."""

import re
from collections.abc import Iterable
from typing import Any

from monitor.domain.endpoints import Endpoint, Target
from monitor.wire import conversations
from monitor.wire.answers import object_of, objects
from monitor.wire.conversations import look, post
from monitor.wire.ollama_answer import OllamaAnswer
from monitor.wire.openai_chat import headers_of
from monitor.wire.questions import Question, Schema, encode_image
from monitor.wire.replies import Reply
from monitor.wire.transport import Request, Transport

#: What users copy to the end of a base URL, and belongs to single calls.
_PATH = re.compile(r"/(?:v1|api)$")


def build_request(endpoint: Endpoint, question: Question) -> Request:
    """A streamed chat; one with a tool comes whole, since older servers stream none.

    This API has no word to make a model call a tool: the prompt has to ask for it.
    """
    body: dict[str, Any] = {
        "model": endpoint.model_name,
        "messages": [_message(question)],
        "stream": question.tool is None,
        "options": {"num_predict": question.output_tokens},
    }
    if question.answer_schema is not None:
        body["format"] = dict(question.answer_schema.json_schema)
    if question.tool is not None:
        body["tools"] = [_describe(question.tool)]
    url, headers = _url(endpoint.target, "chat"), headers_of(endpoint.target)
    return post(endpoint, url, headers, body, is_streamed=question.tool is None)


async def ask(endpoint: Endpoint, transport: Transport, question: Question) -> Reply:
    """The answer to a question, timed and classified. Takes no turn in the transport's queue."""
    request = build_request(endpoint, question)
    return await conversations.ask(endpoint, transport, request, OllamaAnswer())


async def list_models(target: Target, transport: Transport, *, is_whole: bool = False) -> Reply:  # noqa: ARG001 - this API has no pages
    """The names of the models installed there."""
    request = look(_url(target, "tags"), headers_of(target))
    return await conversations.list_models(target, transport, lambda _: request, read_names)


def read_names(document: object) -> Iterable[object] | None:
    """The names in a list of installed models; `None` where it is no such list."""
    document = object_of(document)
    if "models" not in document or not isinstance(document["models"], list | None):
        return None
    return (model.get("name") for model in objects(document["models"]))


def _url(target: Target, call: str) -> str:
    return f"{_PATH.sub('', target.base_url.rstrip('/'))}/api/{call}"


def _message(question: Question) -> dict[str, Any]:
    message: dict[str, Any] = {"role": "user", "content": question.prompt}
    if question.image is not None:
        message["images"] = [encode_image(question.image)]
    return message


def _describe(tool: Schema) -> dict[str, Any]:
    function = {
        "name": tool.name,
        "description": tool.description,
        "parameters": dict(tool.json_schema),
    }
    return {"type": "function", "function": function}
