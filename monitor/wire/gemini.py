"""Gemini generateContent, read as a stream of server-sent events.

Without `alt=sse` the stream is one JSON array that comes in pieces; a server that sends it so all
the same is understood, as is a single document.
"""

from collections.abc import Iterable
from typing import Any
from urllib.parse import quote, urlencode

from monitor.domain.endpoints import Endpoint, Target
from monitor.wire import conversations
from monitor.wire.answers import object_of, text_of
from monitor.wire.conversations import look, post, versioned
from monitor.wire.gemini_answer import GeminiAnswer
from monitor.wire.questions import Question, encode_image
from monitor.wire.replies import Reply
from monitor.wire.transport import Request, Transport

#: Of a size that fits well into what is read of a list.
_PAGE_SIZE = 100
_COLLECTION = "models/"


def build_request(endpoint: Endpoint, question: Question) -> Request:
    """A streamed answer, without any sampling parameter. The key is in a header, never in the URL.

    Thinking is left as the model has it: which settings a model takes is not told beforehand.
    """
    config: dict[str, Any] = {"maxOutputTokens": question.output_tokens}
    body: dict[str, Any] = {
        "contents": [{"role": "user", "parts": _parts(question)}],
        "generationConfig": config,
    }
    if question.answer_schema is not None:
        config["responseMimeType"] = "application/json"
        config["responseJsonSchema"] = dict(question.answer_schema.json_schema)
    if question.tool is not None:
        described = {
            "name": question.tool.name,
            "description": question.tool.description,
            "parametersJsonSchema": dict(question.tool.json_schema),
        }
        choice = {"mode": "ANY", "allowedFunctionNames": [question.tool.name]}
        body["tools"] = [{"functionDeclarations": [described]}]
        body["toolConfig"] = {"functionCallingConfig": choice}
    url = f"{_root(endpoint.target)}/{_path(endpoint.model_name)}:streamGenerateContent?alt=sse"
    return post(endpoint, url, _headers(endpoint.target), body)


async def ask(endpoint: Endpoint, transport: Transport, question: Question) -> Reply:
    """The answer to a question, timed and classified. Takes no turn in the transport's queue."""
    request = build_request(endpoint, question)
    return await conversations.ask(endpoint, transport, request, GeminiAnswer())


async def list_models(target: Target, transport: Transport, *, is_whole: bool = False) -> Reply:
    """The ids of the models served there; one of them unless the whole list is asked for."""
    size = _PAGE_SIZE if is_whole else 1

    def request_page(cursor: str | None) -> Request:
        query = {"pageSize": str(size)} | ({} if cursor is None else {"pageToken": cursor})
        return look(f"{_root(target)}/models?{urlencode(query)}", _headers(target))

    follow = find_next if is_whole else None
    return await conversations.list_models(target, transport, request_page, read_ids, follow)


def read_ids(document: object) -> Iterable[object] | None:
    """The ids on a page of models, as they stand in settings: without `models/` before them.

    An empty list is left out of the JSON, as every value of zero is.
    """
    if not isinstance(document, dict):
        return None
    is_empty = document.keys() <= {"nextPageToken"}
    models = [] if is_empty else document.get("models")
    if not isinstance(models, list):
        return None
    names = (model.get("name") for model in models if isinstance(model, dict))
    return (name.removeprefix(_COLLECTION) for name in names if isinstance(name, str))


def find_next(document: object) -> str | None:
    """The token of the page after this one."""
    return text_of(object_of(document).get("nextPageToken"))


def _root(target: Target) -> str:
    return versioned(target.base_url, "v1beta")


def _path(model_name: str) -> str:
    """A model's own path; a tuned model's name has its collection in it."""
    name = quote(model_name, safe="/")
    return name if "/" in model_name else f"{_COLLECTION}{name}"


def _headers(target: Target) -> dict[str, str]:
    return {} if target.key is None else {"x-goog-api-key": target.key.reveal()}


def _parts(question: Question) -> list[dict[str, Any]]:
    prompt = {"text": question.prompt}
    if question.image is None:
        return [prompt]
    return [{"inlineData": {"mimeType": "image/png", "data": encode_image(question.image)}}, prompt]
