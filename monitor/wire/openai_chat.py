"""OpenAI Chat Completions, as OpenAI and all who copy it speak it."""

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from monitor.domain.endpoints import Endpoint, Target
from monitor.wire.connect import host_of
from monitor.wire.judging import read_answer, read_models
from monitor.wire.openai_answer import OpenAiAnswer
from monitor.wire.questions import Question
from monitor.wire.readers import AnswerReader, WholeReader
from monitor.wire.replies import Reply
from monitor.wire.transport import Request, Transport

LIST_TIMEOUT_S = 25.0


@dataclass(frozen=True, slots=True)
class Dialect:
    """In what a host differs. `max_tokens` is the one limit that all but OpenAI know."""

    limit_field: str = "max_tokens"
    is_usage_asked_for: bool = True
    list_query: str = ""


DIALECTS: Mapping[str, Dialect] = {
    "api.openai.com": Dialect(limit_field="max_completion_tokens"),
    # refuses fields that it does not know, and sends usage unasked
    "api.mistral.ai": Dialect(is_usage_asked_for=False),
    # its whole catalogue is about a megabyte
    "openrouter.ai": Dialect(list_query="?limit=1"),
}


def build_request(endpoint: Endpoint, question: Question) -> Request:
    """A streamed completion, without any sampling parameter."""
    dialect = _dialect(endpoint.target)
    body: dict[str, Any] = {
        "model": endpoint.model_name,
        "messages": [{"role": "user", "content": question.prompt}],
        dialect.limit_field: question.output_tokens,
        "stream": True,
    }
    if dialect.is_usage_asked_for:
        body["stream_options"] = {"include_usage": True}
    return Request(
        method="POST",
        url=f"{endpoint.target.base_url.rstrip('/')}/chat/completions",
        headers=_headers(endpoint.target) | {"content-type": "application/json"},
        timeout_s=endpoint.timeout_s,
        body=json.dumps(body).encode(),
        is_streamed=True,
    )


async def ask(endpoint: Endpoint, transport: Transport, question: Question) -> Reply:
    """The answer to a question, timed and classified. Takes no turn in the transport's queue."""
    answer = OpenAiAnswer()
    reader = AnswerReader(answer)
    exchange = await transport.client(endpoint.target).exchange(
        build_request(endpoint, question), reader
    )
    return read_answer(exchange, reader, answer, endpoint.target)


async def list_models(target: Target, transport: Transport) -> Reply:
    """The ids of the models served there."""
    reader = WholeReader()
    request = Request(
        method="GET",
        url=f"{target.base_url.rstrip('/')}/models{_dialect(target).list_query}",
        headers=_headers(target),
        timeout_s=LIST_TIMEOUT_S,
    )
    exchange = await transport.client(target).exchange(request, reader)
    return read_models(exchange, reader.body, target, read_ids)


def read_ids(document: object) -> Iterable[object] | None:
    """The ids in OpenAI's list of models, or in the bare list that some servers send."""
    if isinstance(document, dict):
        is_empty = document.get("object") == "list" and document.get("data") is None
        document = [] if is_empty else document.get("data")
    if not isinstance(document, list):
        return None
    return (model.get("id") for model in document if isinstance(model, dict))


def _dialect(target: Target) -> Dialect:
    return DIALECTS.get(host_of(target.base_url).name, Dialect())


def _headers(target: Target) -> dict[str, str]:
    headers = {"accept": "application/json, text/event-stream"}
    if target.key is not None:
        headers["authorization"] = f"Bearer {target.key.reveal()}"
    return headers
