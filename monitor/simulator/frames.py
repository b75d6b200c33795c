"""Frames: the bytes of an answer and when each piece is due, in seconds from the request.

A plain answer is one frame, a streamed one a frame per server-sent event. A fault that strikes
after the status line is a change to the frames.
"""

import itertools
import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import NamedTuple

from monitor.simulator.answers import Answer, build_usage
from monitor.simulator.catalogue import PROVIDERS
from monitor.simulator.chats import Chat
from monitor.simulator.faults import FaultKind
from monitor.simulator.pace import Rhythm
from monitor.simulator.refusals import REFUSALS

#: Shares of the time to the first token after which the headers and the first event are sent.
HEADERS_SHARE = 0.3
ROLE_SHARE = 0.6


class Frame(NamedTuple):
    """Bytes to send once `due_s` has passed."""

    due_s: float
    data: bytes


@dataclass(frozen=True, slots=True)
class Reply:
    """An answer on its way: to what, under which id, made when, and how fast."""

    chat: Chat
    answer: Answer
    id: str
    created_s: int
    rhythm: Rhythm

    def when(self, token: int) -> float:
        """Seconds from the request until that token is out."""
        return self.rhythm.ttft_s + token / self.rhythm.tokens_per_s


def build_frames(reply: Reply, fault: FaultKind | None) -> Iterator[Frame]:
    """The frames of a reply, spoilt by the fault if there is one."""
    has_usage = reply.chat.wants_usage and fault is not FaultKind.NO_USAGE
    stream = _build_stream if reply.chat.is_streamed else _build_plain
    return _spoil(list(stream(reply, has_usage)), reply, fault)


def _build_plain(reply: Reply, has_usage: bool) -> Iterator[Frame]:  # noqa: FBT001 (one of a pair)
    answer = reply.answer
    message = {"role": "assistant", "content": "".join(answer.visible), "refusal": None}
    if answer.reasoning:
        message["reasoning_content"] = "".join(answer.reasoning)
    choice = {"index": 0, "finish_reason": answer.finish_reason, "message": message}
    body = _build_head(reply, "chat.completion") | {"choices": [choice]}
    if has_usage:
        body["usage"] = build_usage(reply.chat.model, answer)
    tokens = len(answer.reasoning) + len(answer.visible)
    yield Frame(reply.when(tokens), json.dumps(body).encode())


def _build_stream(reply: Reply, has_usage: bool) -> Iterator[Frame]:  # noqa: FBT001 (one of a pair)
    provider = PROVIDERS[reply.chat.model.provider]
    head = _build_head(reply, "chat.completion.chunk")
    head |= {"usage": None} if has_usage else {}
    if provider.sends_comments:
        yield Frame(0, f": {provider.name.upper()} PROCESSING\n\n".encode())
    for due_s, delta in _list_deltas(reply, provider.tokens_per_chunk):
        padding = {"obfuscation": "k3Rw"} if provider.pads_chunks else {}
        yield Frame(due_s, _event(head | {"choices": [_choice(delta)]} | padding))
    end_s = reply.when(len(reply.answer.reasoning) + len(reply.answer.visible))
    yield Frame(end_s, _event(head | {"choices": [_choice({}, reply.answer.finish_reason)]}))
    if has_usage:
        usage = build_usage(reply.chat.model, reply.answer)
        yield Frame(end_s, _event(head | {"choices": [], "usage": usage}))
    yield Frame(end_s, b"data: [DONE]\n\n")


def _list_deltas(reply: Reply, step: int) -> Iterator[tuple[float, dict[str, str]]]:
    yield reply.rhythm.ttft_s * ROLE_SHARE, {"role": "assistant", "content": ""}
    told = 0
    for key, tokens in (
        ("reasoning_content", reply.answer.reasoning),
        ("content", reply.answer.visible),
    ):
        for i in range(0, len(tokens), step):
            yield reply.when(told), {key: "".join(tokens[i : i + step])}
            told += len(tokens[i : i + step])


def _build_head(reply: Reply, kind: str) -> dict[str, object]:
    return {
        "id": reply.id,
        "object": kind,
        "created": reply.created_s,
        "model": reply.chat.model.name,
    }


def _choice(delta: dict[str, str], finish_reason: str | None = None) -> dict[str, object]:
    return {"index": 0, "delta": delta, "finish_reason": finish_reason}


def _event(body: object) -> bytes:
    return f"data: {json.dumps(body, separators=(',', ':'))}\n\n".encode()


def _spoil(frames: list[Frame], reply: Reply, fault: FaultKind | None) -> Iterator[Frame]:
    half = frames[: len(frames) // 2]
    last_s = half[-1].due_s if half else frames[0].due_s
    match fault:
        case FaultKind.CUT:
            return iter(half or [Frame(last_s, frames[0].data[: len(frames[0].data) // 2])])
        case FaultKind.GARBAGE:
            junk = b'data: {"choices": [{]\n\n' if half else b'{"choices": [{]'
            return iter([*half, Frame(last_s, junk)])
        case FaultKind.ERROR_200:
            return iter([*half, Frame(last_s, _build_error(reply))])
        case FaultKind.ENDLESS:
            return _repeat(half, Frame(last_s, half[-1].data if half else b" " * 4096))
        case _:
            return iter(frames)


def _repeat(frames: Iterable[Frame], last: Frame) -> Iterator[Frame]:
    return itertools.chain(frames, itertools.repeat(last))


def _build_error(reply: Reply) -> bytes:
    provider = PROVIDERS[reply.chat.model.provider]
    envelope = REFUSALS[FaultKind.SERVER_ERROR].build_envelope(provider)
    return _event(envelope) if reply.chat.is_streamed else json.dumps(envelope).encode()
