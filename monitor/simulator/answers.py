"""Answers: what a model says to a chat, and what it counts. The same chat, the same answer."""

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum, auto
from typing import Any

from monitor.simulator.chance import draw
from monitor.simulator.chats import Chat, Tool
from monitor.simulator.embedding import embed
from monitor.simulator.faults import FaultKind
from monitor.simulator.refusals import RefusalError, refuse_body
from monitor.simulator.schemas import SchemaError, fill

CANARY = re.compile(
    r"""(?ix)\breply\ with\b [^:\n]*? \bword\b (?:[^:.\n]*:)? \s* ["'`]? ([\w-]+)
    | \bword\b :? \s* ["'`] ([\w-]+)"""
)
COLOUR = re.compile(r"(?i)\bcolou?r\b")
TOPIC = re.compile(r"(?i)\bword ([\w-]+)")
NUMBER = re.compile(r"(?<![\w\[.-])(\d{1,6})(?![\w\].-])")
LENGTH = re.compile(r"(?i)\b(\d{1,4}) (?:words|tokens|numbers|lines)\b")
CACHE_SHARE = 0.6
CACHE_MINIMUM = 1024
CACHE_STEP = 128
_PROSE = (
    "the light of a distant river moves over stone and every small bird keeps its own quiet "
    "record while morning turns the valley green again with rain"
)
_WORDS = tuple(_PROSE.split())


class Finish(StrEnum):
    """Why an answer ended."""

    STOP = auto()
    LENGTH = auto()
    CALL = auto()
    FILTERED = auto()


@dataclass(frozen=True, slots=True)
class Answer:
    """Tokens thought, said, and written to a tool, and why they ended.

    `vectors` are the answer to texts that are to be embedded. `cached_tokens` of the prompt were
    read from a cache, `written_tokens` put into it.
    """

    prompt_tokens: int
    finish: Finish
    reasoning: tuple[str, ...] = ()
    visible: tuple[str, ...] = ()
    arguments: tuple[str, ...] = ()
    tool: str | None = None
    vectors: tuple[tuple[float, ...], ...] = ()
    image_tokens: int = 0
    cached_tokens: int = 0
    written_tokens: int = 0

    @property
    def output_tokens(self) -> int:
        """All that was written, seen or not."""
        return len(self.reasoning) + len(self.visible) + len(self.arguments)

    @property
    def thoughts(self) -> str:
        """What was thought."""
        return "".join(self.reasoning)

    @property
    def text(self) -> str:
        """What was said."""
        return "".join(self.visible)

    @property
    def call(self) -> str:
        """What was written to the tool."""
        return "".join(self.arguments)

    @property
    def called_with(self) -> Mapping[str, Any] | None:
        """The tool's arguments; `None` where no tool was called, or the limit cut them short."""
        try:
            return json.loads(self.call) if self.tool else None
        except ValueError:
            return None

    def cost(self, chat: Chat) -> Decimal:
        """What it costs in USD by the catalogue's price; nothing where there is none."""
        price = chat.model.price
        if price is None:
            return Decimal(0)
        fresh = self.prompt_tokens - self.cached_tokens
        cached = self.cached_tokens * Decimal(price.cached or price.input)
        output = self.output_tokens * Decimal(price.output)
        return (fresh * Decimal(price.input) + cached + output) / 1_000_000


def compose(chat: Chat, fault: FaultKind | None = None) -> Answer:
    """The model's answer: to a tool, by a schema, the word it was asked for, or prose."""
    if chat.inputs:
        vectors = () if fault is FaultKind.EMPTY else embed(chat)
        return Answer(chat.prompt_tokens, Finish.STOP, vectors=vectors)
    reasoning = _think(chat)
    tool = _choose_tool(chat, fault)
    written = _write(chat, tool, fault)
    budget = len(reasoning) + len(written) if chat.max_tokens is None else chat.max_tokens
    kept = written[: max(0, budget - len(reasoning))]
    cached, stored = _count_cached(chat)
    return Answer(
        prompt_tokens=chat.prompt_tokens,
        finish=_finish(fault, tool, is_cut_short=budget < len(reasoning) + len(written)),
        reasoning=reasoning[:budget],
        visible=() if tool else kept,
        arguments=kept if tool else (),
        tool=tool.name if tool and kept else None,
        image_tokens=chat.image_tokens,
        cached_tokens=cached,
        written_tokens=stored,
    )


def _think(chat: Chat) -> tuple[str, ...]:
    if not chat.model.is_reasoning or not chat.thinks:
        return ()
    least, most = (12, 36) if CANARY.search(chat.prompt) else (50, 400)
    return _write_prose(least + int(draw("think", chat.prompt) * (most - least)))


def _choose_tool(chat: Chat, fault: FaultKind | None) -> Tool | None:
    """The tool, where it must be called or the prompt names it; a wrong answer calls none."""
    tool = chat.tool
    if tool is None or fault is FaultKind.WRONG_ANSWER:
        return None
    return tool if tool.is_forced or tool.name in chat.prompt else None


def _write(chat: Chat, tool: Tool | None, fault: FaultKind | None) -> tuple[str, ...]:
    match fault:
        case FaultKind.EMPTY | FaultKind.FILTERED:
            return ()
        case FaultKind.WRONG_ANSWER:
            return _split_tokens("I would rather not say.")
    schema = tool.schema if tool else chat.schema
    if schema is not None:
        return _split_tokens(json.dumps(_obey(schema, chat)))
    return _split_tokens(_speak(chat)) or _write_prose(_choose_length(chat))


def _speak(chat: Chat) -> str:
    """The one word that is asked for; nothing where it is none."""
    if chat.pictures and COLOUR.search(chat.prompt):
        return chat.pictures[0].colour
    asked = CANARY.search(chat.prompt)
    return asked[1] or asked[2] if asked else ""


def _obey(schema: Mapping[str, Any], chat: Chat) -> object:
    """A value of the schema, of the word and the number that the prompt is about."""
    word, number = TOPIC.search(chat.prompt), NUMBER.search(chat.prompt)
    text = _speak(chat) or (word[1] if word else "some text")
    try:
        return fill(schema, text, int(number[1]) if number else None)
    except (SchemaError, LookupError, TypeError, AttributeError) as error:
        raise RefusalError(refuse_body(f"Invalid schema: {error}.")) from error


def _choose_length(chat: Chat) -> int:
    """As many tokens as the prompt wishes, a little more to be safe; else a hashed number."""
    wished = LENGTH.search(chat.prompt)
    return int(wished[1]) * 5 // 4 if wished else 20 + int(draw("speak", chat.prompt) * 180)


def _finish(fault: FaultKind | None, tool: Tool | None, *, is_cut_short: bool) -> Finish:
    if fault is FaultKind.FILTERED:
        return Finish.FILTERED
    if is_cut_short:
        return Finish.LENGTH
    return Finish.CALL if tool else Finish.STOP


def _count_cached(chat: Chat) -> tuple[int, int]:
    """The tokens read from the cache, and those written; only who is told to write tells of it."""
    if not chat.model.has_cache or chat.cache_life is None or chat.prompt_tokens < CACHE_MINIMUM:
        return 0, 0
    tokens = chat.prompt_tokens // CACHE_STEP * CACHE_STEP
    if draw("cache", chat.prompt) < CACHE_SHARE:
        return tokens, 0
    return 0, tokens if chat.cache_life else 0


def _write_prose(tokens: int) -> tuple[str, ...]:
    return tuple(f"{_WORDS[i * i % len(_WORDS)]} " for i in range(tokens))


def _split_tokens(text: str) -> tuple[str, ...]:
    return tuple(re.findall(r"\s?\S{1,5}", text))
