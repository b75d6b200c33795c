"""Chats: what a model is asked, whatever the flavour in which it was asked."""

import base64
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from monitor.simulator.catalogue import Model, Provider, list_models
from monitor.simulator.pictures import Picture, look_at
from monitor.simulator.refusals import Reason, RefusalError, refuse, refuse_body

CHARACTERS_PER_TOKEN = 4
TOKENS_PER_MESSAGE = 4
MAX_DIMENSIONS = 4096


@dataclass(frozen=True, slots=True)
class Asked:
    """A request as it came: to whom, with which fields in the body, in the address and the head."""

    provider: Provider
    body: Mapping[str, Any]
    path: Mapping[str, Any]
    query: Mapping[str, str]
    headers: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Tool:
    """A function that the model may call; `is_forced` where it must."""

    name: str
    schema: Mapping[str, Any]
    is_forced: bool = False


@dataclass(frozen=True, slots=True)
class Chat:
    """What was asked: `max_tokens` bounds the output, hidden reasoning included.

    `texts` are the messages, `inputs` what is to be embedded instead, in so many `dimensions`,
    `is_packed` or as numbers. `cache_life` is for how long
    the prompt is to be kept: `None` not at all, "" as the provider likes. What does not fit is
    refused, unless it `is_cut_to_fit`. `upstream` is who really answers, at a router.
    """

    model: Model
    texts: tuple[str, ...] = ()
    pictures: tuple[Picture, ...] = ()
    inputs: tuple[str, ...] = ()
    dimensions: int | None = None
    is_packed: bool = False
    max_tokens: int | None = None
    is_streamed: bool = False
    wants_usage: bool = True
    schema: Mapping[str, Any] | None = None
    tool: Tool | None = None
    thinks: bool = True
    shows_thoughts: bool = True
    cache_life: str | None = ""
    is_cut_to_fit: bool = False
    upstream: str = ""

    @property
    def prompt(self) -> str:
        """All that was said to the model."""
        return "\n".join(self.texts)

    @property
    def image_tokens(self) -> int:
        """What the pictures cost."""
        return sum(picture.tokens for picture in self.pictures)

    @property
    def prompt_tokens(self) -> int:
        """What the whole prompt costs, its pictures included, or as much of it as is read."""
        messages = sum(TOKENS_PER_MESSAGE + count_tokens(text) for text in self.texts)
        tokens = self.image_tokens + messages + sum(map(count_tokens, self.inputs))
        return min(tokens, self.model.context_length) if self.is_cut_to_fit else tokens


def read_object(body: bytes) -> Mapping[str, Any]:
    """The JSON object in a body; raises `RefusalError` (400)."""
    try:
        asked = json.loads(body)
    except ValueError as error:
        raise RefusalError(
            refuse_body("We could not parse the JSON body of your request.")
        ) from error
    if not isinstance(asked, dict):
        raise RefusalError(refuse_body("The JSON body of a request must be an object."))
    return asked


def find_model(provider: str, name: object) -> Model:
    """The provider's model of that wire name; raises `RefusalError` (404)."""
    for model in list_models(provider):
        if model.name == name:
            return model
    raise RefusalError(refuse(Reason.NO_MODEL, model=name))


def count_tokens(text: str) -> int:
    """Our own tokeniser: four characters a token, rounded up."""
    return -(-len(text) // CHARACTERS_PER_TOKEN)


def see(encoded: str) -> Picture:
    """The picture in base64 or in a `data:` address; raises `RefusalError` (400)."""
    try:
        return look_at(base64.b64decode(encoded.rpartition("base64,")[2], validate=True))
    except ValueError as error:
        raise RefusalError(refuse_body(f"Could not process image: {error}.")) from error


def choose_tool(tools: Iterable[Tool], name: str | None, *, is_forced: bool) -> Tool | None:
    """The tool of that name, else the first; raises `RefusalError` (400) where it is missing."""
    found = [Tool(t.name, t.schema, is_forced) for t in tools if name in {None, t.name}]
    if is_forced and not found:
        raise RefusalError(refuse_body(f"There is no tool {name!r}.", "tool_choice"))
    return found[0] if found else None


def check(chat: Chat) -> None:
    """Raises `RefusalError` (400) where the model cannot answer, or nothing may be said."""
    _check_forms(chat)
    if not chat.texts and not chat.inputs:
        raise RefusalError(refuse_body("A request needs at least one message.", "messages"))
    if chat.model.is_embedder != bool(chat.inputs):
        raise RefusalError(refuse_body(f"{chat.model.name} is no model for this.", "model"))
    if chat.max_tokens is not None and chat.max_tokens < 1:
        raise RefusalError(refuse_body("The output limit must be at least 1 token.", "max_tokens"))
    limit = chat.model.context_length
    if chat.is_cut_to_fit:
        return
    if chat.prompt_tokens + (chat.max_tokens or 0) > limit:
        facts = {"limit": limit, "tokens": chat.prompt_tokens}
        raise RefusalError(refuse(Reason.TOO_LONG, "messages", **facts))


def _check_forms(chat: Chat) -> None:
    """Raises `TypeError` where a field of the body was no text, no number, or no object."""
    if not all(isinstance(text, str) for text in (*chat.texts, *chat.inputs)):
        raise TypeError("a text is a string")
    for count in (chat.max_tokens, chat.dimensions):
        if count is not None and (isinstance(count, bool) or not isinstance(count, int)):
            raise TypeError("a number of tokens or dimensions is an integer")
    if not 0 < (chat.dimensions or 1) <= MAX_DIMENSIONS:
        raise TypeError(f"there are at most {MAX_DIMENSIONS} dimensions")
    if chat.cache_life not in {None, "", "5m", "1h"}:
        raise TypeError("a cache lives for 5m or 1h")
