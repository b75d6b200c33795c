"""Events: an answer piece by piece, and how the pieces of a stream become bytes.

Times are seconds from the request.
"""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum, auto
from typing import Any, NamedTuple

from monitor.simulator.answers import Answer
from monitor.simulator.catalogue import PROVIDERS, Provider
from monitor.simulator.chats import Chat
from monitor.simulator.pace import Rhythm

#: Shares of the time to the first token after which the headers and the first event are sent.
HEADERS_SHARE = 0.3
ROLE_SHARE = 0.6
DONE = "data: [DONE]\n\n"

Document = dict[str, Any]


class Part(StrEnum):
    """What a piece belongs to."""

    THOUGHT = auto()
    TEXT = auto()
    CALL = auto()


class Piece(NamedTuple):
    """Some tokens of an answer, due together; `told` counts those of it that came before."""

    due_s: float
    part: Part
    text: str
    told: int


class Event(NamedTuple):
    """A document of a stream, or a line as it is, to send once `due_s` has passed."""

    due_s: float
    content: Document | str


@dataclass(frozen=True, slots=True)
class Reply:
    """An answer on its way: to what, under which id, made when, how fast, told its usage or not."""

    chat: Chat
    answer: Answer
    id: str
    created_s: int
    rhythm: Rhythm
    has_usage: bool = True

    @property
    def provider(self) -> Provider:
        """Who replies, with the habits of its wire."""
        return PROVIDERS[self.chat.model.provider]

    @property
    def begin_s(self) -> float:
        """When a stream says that it has begun, before its first token."""
        return self.rhythm.ttft_s * ROLE_SHARE

    @property
    def end_s(self) -> float:
        """When the last token is out."""
        return self.when(self.answer.output_tokens)

    def when(self, token: int) -> float:
        """Seconds from the request until that token is out."""
        return self.rhythm.ttft_s + token / self.rhythm.tokens_per_s


def list_pieces(reply: Reply) -> Iterator[Piece]:
    """The answer in the provider's steps; thoughts take their time, shown or not."""
    answer, step = reply.answer, reply.provider.tokens_per_chunk
    told = 0
    for part, tokens in (
        (Part.THOUGHT, answer.reasoning),
        (Part.TEXT, answer.visible),
        (Part.CALL, answer.arguments),
    ):
        for i in range(0, len(tokens), step):
            if part is not Part.THOUGHT or reply.chat.shows_thoughts:
                yield Piece(reply.when(told), part, "".join(tokens[i : i + step]), told)
            told += len(tokens[i : i + step])


@dataclass(frozen=True, slots=True)
class Framing:
    """How documents stand in a body. `junk` is what they look like when the server is ill."""

    media_type: str
    junk: bytes
    is_named: bool = False

    def write(self, content: Document | str) -> bytes:
        """One document, or a line as it is, in bytes."""
        if isinstance(content, str):
            return content.encode()
        text = json.dumps(content, separators=(",", ":"))
        if self is LINES:
            return f"{text}\n".encode()
        name = f"event: {content['type']}\n" if self.is_named else ""
        return f"{name}data: {text}\n\n".encode()


SSE = Framing("text/event-stream", b'data: {"broken": [{]\n\n')
NAMED_SSE = Framing("text/event-stream", b'event: message\ndata: {"broken": [{]\n\n', is_named=True)
LINES = Framing("application/x-ndjson", b'{"broken": [{]\n')
