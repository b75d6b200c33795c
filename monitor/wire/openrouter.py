"""OpenRouter: OpenAI Chat before many providers, with pins among them and a bill in each answer."""

from typing import Any

from monitor.domain.endpoints import Endpoint, Pins, Target
from monitor.wire import conversations
from monitor.wire.answers import object_of
from monitor.wire.conversations import look, post
from monitor.wire.openai_chat import body_of, headers_of, list_models, url_of
from monitor.wire.openrouter_answer import OpenRouterAnswer
from monitor.wire.questions import Question
from monitor.wire.replies import Reply
from monitor.wire.transport import Request, Transport

__all__ = ["ask", "build_request", "check_key", "list_models"]


def build_request(endpoint: Endpoint, question: Question) -> Request:
    """A streamed completion, by nobody but those whom the endpoint is pinned to."""
    body = body_of(endpoint, question)
    if endpoint.pins is not None:
        body["provider"] = _spell(endpoint.pins)
    url = url_of(endpoint.target, "chat/completions")
    return post(endpoint, url, headers_of(endpoint.target), body)


async def ask(endpoint: Endpoint, transport: Transport, question: Question) -> Reply:
    """The answer to a question, timed and classified. Takes no turn in the transport's queue."""
    request = build_request(endpoint, question)
    return await conversations.ask(endpoint, transport, request, OpenRouterAnswer())


async def check_key(target: Target, transport: Transport) -> Reply:
    """Whether the key is taken, free of charge. The list of models is public and proves nothing."""
    request = look(url_of(target, "key"), headers_of(target))
    return await conversations.list_models(target, transport, lambda _: request, _read_nothing)


def _read_nothing(document: object) -> tuple[()] | None:
    """A key's own data, in which there are no models; `None` for any other JSON."""
    return () if object_of(object_of(document).get("data")) else None


def _spell(pins: Pins) -> dict[str, Any]:
    lists = {"only": pins.only, "order": pins.order, "ignore": pins.ignore}
    spelt: dict[str, Any] = {name: list(slugs) for name, slugs in lists.items() if slugs}
    if pins.allow_fallbacks is not None:
        spelt["allow_fallbacks"] = pins.allow_fallbacks
    return spelt
