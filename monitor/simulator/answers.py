"""Answers: what a model says to a chat, and what it counts. The same chat, the same answer."""

import re
from dataclasses import dataclass

from monitor.simulator.catalogue import Model
from monitor.simulator.chance import draw
from monitor.simulator.chats import Chat
from monitor.simulator.faults import FaultKind

CANARY = re.compile(r"(?i)\breply with\b[^:\n]*?\bword\b(?:[^:.\n]*:)?\s*[\"'`]?([\w-]+)")
CACHE_SHARE = 0.6
CACHE_MINIMUM = 1024
CACHE_STEP = 128
_PROSE = (
    "the light of a distant river moves over stone and every small bird keeps its own quiet "
    "record while morning turns the valley green again with rain"
)
_WORDS = tuple(_PROSE.split())


@dataclass(frozen=True, slots=True)
class Answer:
    """Tokens thought and said; `is_cut_short` when the output limit ended it."""

    prompt_tokens: int
    cached_tokens: int
    reasoning: tuple[str, ...]
    visible: tuple[str, ...]
    is_cut_short: bool

    @property
    def finish_reason(self) -> str:
        """The reason as the API names it."""
        return "length" if self.is_cut_short else "stop"


def compose(chat: Chat, fault: FaultKind | None = None) -> Answer:
    """The model's answer: the word if the prompt asks for one, else prose of a hashed length."""
    reasoning = _think(chat)
    visible = _speak(chat, fault)
    limit = len(reasoning) + len(visible) if chat.max_tokens is None else chat.max_tokens
    return Answer(
        prompt_tokens=chat.prompt_tokens,
        cached_tokens=_count_cached(chat),
        reasoning=reasoning[:limit],
        visible=visible[: max(0, limit - len(reasoning))],
        is_cut_short=limit < len(reasoning) + len(visible),
    )


def build_usage(model: Model, answer: Answer) -> dict[str, object]:
    """The usage object: cache inside the prompt, reasoning inside the completion."""
    completion_tokens = len(answer.reasoning) + len(answer.visible)
    usage: dict[str, object] = {
        "prompt_tokens": answer.prompt_tokens,
        "completion_tokens": completion_tokens,
        "total_tokens": answer.prompt_tokens + completion_tokens,
    }
    if model.has_cache:
        usage["prompt_tokens_details"] = {"cached_tokens": answer.cached_tokens}
    if model.is_reasoning:
        usage["completion_tokens_details"] = {"reasoning_tokens": len(answer.reasoning)}
    return usage


def _think(chat: Chat) -> tuple[str, ...]:
    if not chat.model.is_reasoning:
        return ()
    least, most = (12, 36) if CANARY.search(chat.prompt) else (50, 400)
    return _write_prose(least + int(draw("think", chat.prompt) * (most - least)))


def _speak(chat: Chat, fault: FaultKind | None) -> tuple[str, ...]:
    match fault:
        case FaultKind.EMPTY:
            return ()
        case FaultKind.WRONG_ANSWER:
            return _split_tokens("I would rather not say.")
    if asked := CANARY.search(chat.prompt):
        return _split_tokens(asked[1])
    return _write_prose(20 + int(draw("speak", chat.prompt) * 180))


def _count_cached(chat: Chat) -> int:
    is_hit = chat.model.has_cache and draw("cache", chat.prompt) < CACHE_SHARE
    if not is_hit or chat.prompt_tokens < CACHE_MINIMUM:
        return 0
    return chat.prompt_tokens // CACHE_STEP * CACHE_STEP


def _write_prose(tokens: int) -> tuple[str, ...]:
    return tuple(f"{_WORDS[i * i % len(_WORDS)]} " for i in range(tokens))


def _split_tokens(text: str) -> tuple[str, ...]:
    return tuple(re.findall(r"\s?\S{1,5}", text))
