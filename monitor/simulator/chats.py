"""Chats: a chat completion request, parsed and checked as the API would."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from monitor.simulator.catalogue import Model, list_models
from monitor.simulator.refusals import RefusalError, refuse_body, refuse_model

CHARACTERS_PER_TOKEN = 4
TOKENS_PER_MESSAGE = 4


@dataclass(frozen=True, slots=True)
class Chat:
    """What was asked: `max_tokens` bounds the output, hidden reasoning included."""

    model: Model
    prompt: str
    prompt_tokens: int
    max_tokens: int | None
    is_streamed: bool
    wants_usage: bool


def parse(body: bytes, provider: str) -> Chat:
    """The chat in a request body; raises `RefusalError` (400, 404) with the API's own reason."""
    asked = _read_object(body)
    model = find_model(provider, str(asked.get("model")))
    is_streamed = bool(asked.get("stream"))
    options = asked.get("stream_options")
    if options and not is_streamed:
        raise RefusalError(
            refuse_body("stream_options is only allowed with stream: true", "stream_options")
        )
    texts = _read_messages(asked.get("messages"))
    chat = Chat(
        model=model,
        prompt="\n".join(texts),
        prompt_tokens=sum(TOKENS_PER_MESSAGE + count_tokens(text) for text in texts),
        max_tokens=asked.get("max_completion_tokens", asked.get("max_tokens")),
        is_streamed=is_streamed,
        wants_usage=not is_streamed or bool((options or {}).get("include_usage")),
    )
    _check_size(chat)
    return chat


def find_model(provider: str, name: str) -> Model:
    """The provider's model of that wire name; raises `RefusalError` (404)."""
    for model in list_models(provider):
        if model.name == name:
            return model
    raise RefusalError(refuse_model(name))


def count_tokens(text: str) -> int:
    """Our own tokeniser: four characters a token, rounded up."""
    return -(-len(text) // CHARACTERS_PER_TOKEN)


def _read_object(body: bytes) -> Mapping[str, Any]:
    try:
        asked = json.loads(body)
    except ValueError as error:
        raise RefusalError(
            refuse_body("We could not parse the JSON body of your request.")
        ) from error
    if not isinstance(asked, dict):
        raise RefusalError(refuse_body("The JSON body of a request must be an object."))
    return asked


def _read_messages(messages: object) -> list[str]:
    if not isinstance(messages, list) or not messages:
        raise RefusalError(
            refuse_body("'messages' must be a list of at least one message.", "messages")
        )
    try:
        return [_read_content(message["content"]) for message in messages]
    except (KeyError, TypeError) as error:
        raise RefusalError(
            refuse_body("A message needs a 'role' and a 'content'.", "messages")
        ) from error


def _read_content(content: str | list[dict[str, str]] | None) -> str:
    if isinstance(content, list):
        return "\n".join(part["text"] for part in content if part.get("type") == "text")
    return content or ""


def _check_size(chat: Chat) -> None:
    limit = chat.model.context_length
    if chat.max_tokens is not None and chat.max_tokens < 1:
        raise RefusalError(
            refuse_body("The output limit must be at least 1 token.", "max_completion_tokens")
        )
    if chat.prompt_tokens + (chat.max_tokens or 0) > limit:
        raise RefusalError(
            refuse_body(
                f"This model's maximum context length is {limit} tokens. However, your messages"
                f" resulted in {chat.prompt_tokens} tokens.",
                "messages",
                "context_length_exceeded",
            )
        )
