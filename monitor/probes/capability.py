"""Capability: whether a model sees a picture, follows a schema, calls a tool, embeds a text.

What the model does wrongly is a wrong answer; what it does not know how to do is our question's
fault, and is charged to nobody.
"""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from functools import partial
from random import Random
from typing import Any, assert_never

from monitor.domain.calls import Call, Detail, Kind
from monitor.domain.capabilities import Capability
from monitor.domain.endpoints import Endpoint
from monitor.domain.outcomes import Outcome, Result
from monitor.domain.plan import Size
from monitor.probes.asking import ask, size_up
from monitor.probes.floors import add_thoughts
from monitor.probes.infer import WORDS
from monitor.probes.pictures import COLOURS, paint
from monitor.wire.questions import Question, Schema
from monitor.wire.replies import Reply
from monitor.wire.transport import Transport

_ANY_NONCE = "0" * 16
_MOST_COUNT = 9
_ANSWER_TOKENS = {
    Capability.IMAGE: 16,
    Capability.SCHEMA: 64,
    Capability.TOOL: 96,
    Capability.EMBEDDINGS: 0,
}
#: What each question takes at a typical tokeniser, with what its picture or schema adds.
_TYPICAL_INPUT_TOKENS = {
    Capability.IMAGE: 320,
    Capability.SCHEMA: 120,
    Capability.TOOL: 160,
    Capability.EMBEDDINGS: 16,
}
#: What a picture or a schema, and the words that a provider puts round it, take at most.
_MOST_BESIDE_TEXT = {
    Capability.IMAGE: 9_000,  # gpt-4o-mini counts a small picture as 8,500 tokens
    Capability.SCHEMA: 600,
    Capability.TOOL: 900,
    Capability.EMBEDDINGS: 0,
}
_NOTE = {
    "type": "object",
    "properties": {"word": {"type": "string"}, "count": {"type": "integer"}},
    "required": ["word", "count"],
    "additionalProperties": False,
}
#: How servers say that they do not know how to.
_UNSUPPORTED = ("support", "not implemented", "no endpoints found", "unknown parameter")


@dataclass(frozen=True, slots=True)
class _Task:
    """A question, and whether a reply answers it rightly."""

    question: Question
    is_right: Callable[[Reply], bool]


async def probe(
    endpoint: Endpoint,
    transport: Transport,
    now: Callable[[], int],
    nonce: str,
    capability: Capability,
) -> Call:
    """One question that takes the capability to answer, as a call that says which it was."""
    task = _set(endpoint, capability, nonce)
    judge = partial(_judge, is_right=task.is_right)
    call = await ask(endpoint, transport, now, Kind.CAPABILITY, task.question, judge)
    return replace(call, detail=replace(call.detail or Detail(), capability=capability))


def size(endpoint: Endpoint, capability: Capability) -> Size:
    """How many tokens a probe takes."""
    question = _set(endpoint, capability, _ANY_NONCE).question
    typical, most = _TYPICAL_INPUT_TOKENS[capability], _MOST_BESIDE_TEXT[capability]
    is_dear = capability is Capability.IMAGE and "gpt-4o-mini" in endpoint.model_name
    return size_up(question, most if is_dear else typical, most)


def _set(endpoint: Endpoint, capability: Capability, nonce: str) -> _Task:
    chance = Random(nonce)  # noqa: S311 - it makes questions differ and keeps no secret
    tokens = add_thoughts(endpoint, _ANSWER_TOKENS[capability])
    note = {"word": chance.choice(WORDS), "count": chance.randint(2, _MOST_COUNT)}
    match capability:
        case Capability.IMAGE:
            return _show(nonce, tokens, chance.choice(sorted(COLOURS)))
        case Capability.SCHEMA:
            return _have_noted(nonce, tokens, note)
        case Capability.TOOL:
            return _have_called(nonce, tokens, note)
        case Capability.EMBEDDINGS:
            return _Task(Question(f"[{nonce}] {note['word']}", tokens), lambda _: True)
        case _:
            assert_never(capability)


def _show(nonce: str, tokens: int, colour: str) -> _Task:
    prompt = f"[{nonce}] Which colour is this picture? Answer with one of: {', '.join(COLOURS)}."
    question = Question(prompt, tokens, image=paint(COLOURS[colour]))
    others = set(COLOURS) - {colour}

    def is_right(reply: Reply) -> bool:
        said = reply.text.lower()
        return colour in said and not any(other in said for other in others)

    return _Task(question, is_right)


def _have_noted(nonce: str, tokens: int, note: Mapping[str, Any]) -> _Task:
    prompt = f"[{nonce}] Note as JSON that the word {note['word']} was heard {note['count']} times."
    schema = Schema("note", "A word, and how often it was heard.", _NOTE)
    return _Task(
        Question(prompt, tokens, answer_schema=schema), lambda reply: _says(reply.text, note)
    )


def _have_called(nonce: str, tokens: int, note: Mapping[str, Any]) -> _Task:
    prompt = (
        f"[{nonce}] Call the tool take_note: the word {note['word']} was heard {note['count']} "
        "times."
    )
    tool = Schema("take_note", "Notes a word, and how often it was heard.", _NOTE)
    return _Task(Question(prompt, tokens, tool=tool), lambda reply: _says(reply.arguments, note))


def _says(text: str, note: Mapping[str, Any]) -> bool:
    """Whether a text is JSON of exactly this: the schema leaves room for nothing else."""
    try:
        return bool(json.loads(text) == note)
    except (ValueError, RecursionError):
        return False


def _judge(reply: Reply, is_right: Callable[[Reply], bool]) -> Result:
    outcome = reply.outcome
    if outcome is Outcome.OK:
        return _judge_answer(reply, is_right)
    # Whether the model is there at all, the infer probe asks.
    if outcome is Outcome.MODEL_NOT_FOUND or _is_unsupported(reply):
        return Outcome.BAD_REQUEST
    return outcome


def _judge_answer(reply: Reply, is_right: Callable[[Reply], bool]) -> Result:
    if is_right(reply):
        return Outcome.OK
    # Our limit cut it short while it thought: nothing was said, and so nothing wrong.
    return Outcome.WRONG_ANSWER if reply.text or reply.arguments else Outcome.BAD_REQUEST


def _is_unsupported(reply: Reply) -> bool:
    if reply.outcome not in {Outcome.SERVER_ERROR, Outcome.UNKNOWN}:
        return False
    said = (reply.detail.excerpt or "").lower()
    return any(word in said for word in _UNSUPPORTED)
