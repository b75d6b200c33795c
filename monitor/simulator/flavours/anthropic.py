"""Anthropic Messages."""

import uuid
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from itertools import groupby
from operator import attrgetter
from typing import Any

from monitor.simulator.answers import Finish
from monitor.simulator.catalogue import PREFIXES, Model, Style
from monitor.simulator.chats import Asked, Chat, Tool, choose_tool, find_model, see
from monitor.simulator.events import NAMED_SSE, Document, Event, Part, Piece, Reply, list_pieces
from monitor.simulator.flavours.anthropic_errors import reject
from monitor.simulator.flavours.openai import read_bearer
from monitor.simulator.operations import Flavour, Listing, Operation
from monitor.simulator.refusals import RefusalError, Rejection, refuse_body

#: From this version on, sampling parameters are refused even at their defaults.
_WITHOUT_SAMPLING = "2026-10-21"
_SAMPLING = {"temperature", "top_p", "top_k"}
_FINISHES = {
    Finish.STOP: "end_turn",
    Finish.LENGTH: "max_tokens",
    Finish.CALL: "tool_use",
    Finish.FILTERED: "refusal",
}


def read(asked: Asked) -> Chat:
    """The chat in a request's body; the prompt is cached only where a part of it asks for that."""
    body = asked.body
    _check(asked)
    blocks = [b for said in _list_contents(body) for b in said]
    caches = [block["cache_control"] for block in blocks if block.get("cache_control")]
    return Chat(
        model=find_model(asked.provider.name, body["model"]),
        texts=tuple(block["text"] for block in blocks if block["type"] == "text"),
        pictures=tuple(see(b["source"]["data"]) for b in blocks if b["type"] == "image"),
        max_tokens=body["max_tokens"],
        is_streamed=bool(body.get("stream")),
        schema=(body.get("output_config") or {}).get("format", {}).get("schema"),
        tool=_find_tool(body),
        cache_life=caches[0].get("ttl", "5m") if caches else None,
    )


def _check(asked: Asked) -> None:
    version = asked.headers.get("anthropic-version")
    if not version:
        raise RefusalError(refuse_body("anthropic-version: header is required"))
    for name in ("model", "max_tokens", "messages"):
        if name not in asked.body:
            raise RefusalError(refuse_body(f"{name}: Field required"))
    if version >= _WITHOUT_SAMPLING and (refused := _SAMPLING & asked.body.keys()):
        raise RefusalError(refuse_body(f"{min(refused)}: Extra inputs are not permitted"))


def _list_contents(body: Mapping[str, Any]) -> Iterator[Sequence[Mapping[str, Any]]]:
    said = [body["system"]] if body.get("system") else []
    for content in [*said, *(message["content"] for message in body["messages"])]:
        yield [{"type": "text", "text": content}] if isinstance(content, str) else content


def _find_tool(body: Mapping[str, Any]) -> Tool | None:
    choice = body.get("tool_choice") or {"type": "auto"}
    if choice["type"] == "none":
        return None
    tools = [Tool(t["name"], t["input_schema"]) for t in body.get("tools") or []]
    return choose_tool(tools, choice.get("name"), is_forced=choice["type"] != "auto")


def write(reply: Reply) -> Document:
    """The whole message."""
    answer = reply.answer
    content: list[Document] = []
    if answer.reasoning:
        content.append(_open_block(reply, Part.THOUGHT) | {"thinking": answer.thoughts} | _SIGNED)
    if answer.visible:
        content.append(_open_block(reply, Part.TEXT) | {"text": answer.text})
    if answer.tool:
        content.append(_open_block(reply, Part.CALL) | {"input": answer.called_with or {}})
    body = _write_head(reply) | {"content": content} | _write_stop(reply)
    return body | ({"usage": _write_usage(reply)} if reply.has_usage else {})


def stream(reply: Reply) -> Iterator[Event]:
    """The message's head, a ping, each block with its deltas, the stop and the end."""
    usage = _write_usage(reply) | {"output_tokens": 1}
    head = _write_head(reply) | ({"usage": usage} if reply.has_usage else {})
    yield Event(reply.begin_s, {"type": "message_start", "message": head})
    yield Event(reply.begin_s, {"type": "ping"})
    blocks = groupby(list_pieces(reply), key=attrgetter("part"))
    for index, (part, pieces) in enumerate(blocks):
        yield from _stream_block(reply, part, list(pieces), index)
    final = {"output_tokens": reply.answer.output_tokens} | _detail_output(reply)
    stop = {"type": "message_delta", "delta": _write_stop(reply)}
    yield Event(reply.end_s, stop | ({"usage": final} if reply.has_usage else {}))
    yield Event(reply.end_s, {"type": "message_stop"})


def _stream_block(reply: Reply, part: Part, pieces: list[Piece], index: int) -> Iterator[Event]:
    first_s, last_s = pieces[0].due_s, pieces[-1].due_s
    begin = {"type": "content_block_start", "index": index}
    delta = {"type": "content_block_delta", "index": index}
    yield Event(first_s, begin | {"content_block": _open_block(reply, part)})
    for piece in pieces:
        yield Event(piece.due_s, delta | {"delta": _write_piece(piece)})
    if part is Part.THOUGHT:
        yield Event(last_s, delta | {"delta": {"type": "signature_delta"} | _SIGNED})
    yield Event(last_s, {"type": "content_block_stop", "index": index})


_SIGNED = {"signature": "c2ltdWxhdGVk"}


def _open_block(reply: Reply, part: Part) -> Document:
    match part:
        case Part.THOUGHT:
            return {"type": "thinking", "thinking": "", "signature": ""}
        case Part.TEXT:
            return {"type": "text", "text": ""}
        case Part.CALL:
            call = {"type": "tool_use", "id": f"toolu_{reply.id}"}
            return call | {"name": reply.answer.tool, "input": {}}


def _write_piece(piece: Piece) -> Document:
    match piece.part:
        case Part.THOUGHT:
            return {"type": "thinking_delta", "thinking": piece.text}
        case Part.TEXT:
            return {"type": "text_delta", "text": piece.text}
        case Part.CALL:
            return {"type": "input_json_delta", "partial_json": piece.text}


def _write_head(reply: Reply) -> Document:
    return {
        "id": f"msg_{reply.id}",
        "type": "message",
        "role": "assistant",
        "model": reply.chat.model.name,
        "content": [],
        "stop_reason": None,
        "stop_sequence": None,
    }


def _write_stop(reply: Reply) -> Document:
    finish = reply.answer.finish
    refusal = {"type": "refusal", "category": None, "explanation": None}
    return {
        "stop_reason": _FINISHES[finish],
        "stop_sequence": None,
        "stop_details": refusal if finish is Finish.FILTERED else None,
    }


def _write_usage(reply: Reply) -> Document:
    """The input without what was read from the cache or written to it; thoughts in the output."""
    answer = reply.answer
    lives = {"5m": 0, "1h": 0} | {reply.chat.cache_life or "5m": answer.written_tokens}
    return {
        "input_tokens": answer.prompt_tokens - answer.cached_tokens - answer.written_tokens,
        "cache_creation_input_tokens": answer.written_tokens,
        "cache_read_input_tokens": answer.cached_tokens,
        "cache_creation": {f"ephemeral_{life}_input_tokens": n for life, n in lives.items()},
        "output_tokens": answer.output_tokens,
        "server_tool_use": None,
        "service_tier": "standard",
        "inference_geo": "not_available",
    } | _detail_output(reply)


def _detail_output(reply: Reply) -> Document:
    thoughts = len(reply.answer.reasoning)
    return {"output_tokens_details": {"thinking_tokens": thoughts}} if thoughts else {}


def break_off(rejection: Rejection, _reply: Reply, _position: int) -> Document:
    """The error event: the envelope without a request id."""
    return {"type": "error", "error": rejection.body["error"]}


def describe(model: Model) -> Document:
    """One model of the list."""
    return {
        "type": "model",
        "id": model.name,
        "display_name": model.name.replace("-", " ").title(),
        "created_at": "2025-09-29T00:00:00Z",
        "lifecycle": "active",
        "deprecated_at": None,
        "retires_at": None,
        "max_input_tokens": model.context_length,
        "max_tokens": 64_000,
        "capabilities": None,
    }


def enlist(models: Sequence[Document], following: str | None) -> Document:
    """A page of the list, which says whether more follows its last model."""
    ids = [model["id"] for model in models]
    has_more = following is not None
    return {"data": models, "has_more": has_more, "first_id": ids[0], "last_id": ids[-1]}


def read_key(headers: Mapping[str, str]) -> str | None:
    """The key, which older clients send in a header of its own."""
    return headers.get("x-api-key") or read_bearer(headers)


def make_headers() -> Mapping[str, str]:
    """The request id, new each time, and the rate limit with the moment of its reset."""
    soon = datetime.now(UTC) + timedelta(seconds=1)
    return {
        "request-id": f"req_{uuid.uuid4().hex}",
        "anthropic-ratelimit-requests-limit": "50",
        "anthropic-ratelimit-requests-remaining": "49",
        "anthropic-ratelimit-requests-reset": soon.strftime("%Y-%m-%dT%H:%M:%SZ"),
    }


FLAVOUR = Flavour(
    prefix=PREFIXES[Style.ANTHROPIC],
    operations=(
        Operation("/v1/messages", read, write, reject, stream, NAMED_SSE, break_off=break_off),
    ),
    listing=Listing("/v1/models", describe, enlist, "limit", "after_id"),
    reject=reject,
    read_key=read_key,
    make_headers=make_headers,
)
