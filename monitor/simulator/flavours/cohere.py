"""Cohere, the second version of its API."""

import uuid
from collections.abc import Iterator, Mapping, Sequence
from itertools import groupby
from operator import attrgetter
from typing import Any

from monitor.simulator.answers import Finish
from monitor.simulator.catalogue import PREFIXES, Model, Provider, Style
from monitor.simulator.chats import Asked, Chat, Tool, choose_tool, find_model, see
from monitor.simulator.events import NAMED_SSE, Document, Event, Part, Piece, Reply, list_pieces
from monitor.simulator.faults import FaultKind
from monitor.simulator.flavours.openai import read_bearer
from monitor.simulator.flavours.openai_chat import list_parts
from monitor.simulator.operations import Flavour, Listing, Operation
from monitor.simulator.refusals import Reason, Refusal, Rejection

#: What the chat's own template costs; it is counted and not billed.
_TEMPLATE_TOKENS = 60
_FINISHES = {Finish.STOP: "COMPLETE", Finish.LENGTH: "MAX_TOKENS", Finish.CALL: "TOOL_CALL"}
_ROWS = {
    Reason.OVERLOADED: (503, "service unavailable: the model is overloaded"),
    Reason.SERVER_ERROR: (500, "internal server error"),
    Reason.RATE_LIMITED: (429, "too many requests, please slow down"),
    Reason.NO_CREDIT: (402, "please add or update your payment method to continue"),
    Reason.BAD_KEY: (401, "invalid api token"),
    Reason.NO_KEY: (401, "no api key supplied"),
    Reason.FORBIDDEN: (403, "this api key may not call this endpoint"),
    Reason.NO_MODEL: (404, "model '{model}' not found"),
    Reason.NO_PATH: (404, "not found"),
    Reason.BAD_BODY: (400, "{message}"),
    Reason.TOO_LONG: (400, "too many tokens: {tokens} tokens, the limit is {limit}"),
}


def reject(refusal: Refusal, _provider: Provider) -> Rejection:
    """The refusal as a message under an id."""
    status, template = _ROWS[refusal.reason]
    message = template.format_map(refusal.facts)
    return Rejection(status, message, {"id": str(uuid.uuid4()), "message": message})


def read(asked: Asked) -> Chat:
    """The chat in a request's body."""
    body = asked.body
    parts = [part for message in body["messages"] for part in list_parts(message)]
    tools = [
        Tool(t["function"]["name"], t["function"]["parameters"]) for t in body.get("tools") or []
    ]
    choice = body.get("tool_choice")
    return Chat(
        model=find_model(asked.provider.name, body["model"]),
        texts=tuple(part["text"] for part in parts if part["type"] == "text"),
        pictures=tuple(see(p["image_url"]["url"]) for p in parts if p["type"] == "image_url"),
        max_tokens=body.get("max_tokens"),
        is_streamed=bool(body.get("stream")),
        schema=(body.get("response_format") or {}).get("json_schema"),
        tool=None if choice == "NONE" else choose_tool(tools, None, is_forced=choice == "REQUIRED"),
        thinks=(body.get("thinking") or {}).get("type") != "disabled",
    )


def write(reply: Reply) -> Document:
    """The whole answer."""
    answer = reply.answer
    content = []
    if answer.reasoning:
        content.append({"type": "thinking", "thinking": answer.thoughts})
    if answer.visible:
        content.append({"type": "text", "text": answer.text})
    message: Document = {"role": "assistant", "content": content}
    if answer.tool:
        message["tool_calls"] = [_write_call(reply, answer.call)]
    return {"id": reply.id, "message": message} | _write_end(reply)


def stream(reply: Reply) -> Iterator[Event]:
    """The start, each block with its deltas, and the end with the usage."""
    message = {
        "role": "assistant",
        "content": [],
        "tool_plan": "",
        "tool_calls": [],
        "citations": [],
    }
    start = {"type": "message-start", "id": reply.id, "delta": {"message": message}}
    yield Event(reply.begin_s, start)
    blocks = groupby(list_pieces(reply), key=attrgetter("part"))
    for index, (part, pieces) in enumerate(blocks):
        yield from _stream_block(reply, part, list(pieces), index)
    yield Event(reply.end_s, {"type": "message-end", "id": reply.id, "delta": _write_end(reply)})


def _stream_block(reply: Reply, part: Part, pieces: list[Piece], index: int) -> Iterator[Event]:
    name = "tool-call" if part is Part.CALL else "content"
    first_s, last_s = pieces[0].due_s, pieces[-1].due_s
    opened = {"tool_calls": _write_call(reply, "")} if part is Part.CALL else _open_content(part)
    yield Event(first_s, {"type": f"{name}-start", "index": index, "delta": {"message": opened}})
    for piece in pieces:
        delta = {"message": _write_piece(piece)}
        yield Event(piece.due_s, {"type": f"{name}-delta", "index": index, "delta": delta})
    yield Event(last_s, {"type": f"{name}-end", "index": index})


def _open_content(part: Part) -> Document:
    kind = "thinking" if part is Part.THOUGHT else "text"
    return {"content": {"type": kind, kind: ""}}


def _write_piece(piece: Piece) -> Document:
    match piece.part:
        case Part.THOUGHT:
            return {"content": {"thinking": piece.text}}
        case Part.TEXT:
            return {"content": {"text": piece.text}}
        case Part.CALL:
            return {"tool_calls": {"function": {"arguments": piece.text}}}


def _write_call(reply: Reply, arguments: str) -> Document:
    function = {"name": reply.answer.tool, "arguments": arguments}
    return {"id": f"call_{reply.id}", "type": "function", "function": function}


def _write_end(reply: Reply) -> Document:
    end: Document = {"finish_reason": _FINISHES[reply.answer.finish]}
    return end | ({"usage": _write_usage(reply)} if reply.has_usage else {})


def _write_usage(reply: Reply) -> Document:
    """What is billed, and what was really read: that has the template in it, and the cache."""
    answer = reply.answer
    billed = {"input_tokens": answer.prompt_tokens, "output_tokens": answer.output_tokens}
    read_tokens = answer.prompt_tokens + _TEMPLATE_TOKENS
    tokens = {"input_tokens": read_tokens, "output_tokens": answer.output_tokens}
    return {"billed_units": billed, "tokens": tokens, "cached_tokens": answer.cached_tokens}


def confess(rejection: Rejection, reply: Reply) -> Document:
    """An answer that ended in an error."""
    message = {"role": "assistant", "content": []}
    return {"id": reply.id, "message": message, "finish_reason": "ERROR"} | _say_error(rejection)


def break_off(rejection: Rejection, reply: Reply, _position: int) -> Document:
    """The end of a stream that has gone wrong."""
    delta = {"finish_reason": "ERROR"} | _say_error(rejection)
    return {"type": "message-end", "id": reply.id, "delta": delta}


def _say_error(rejection: Rejection) -> Document:
    return {"error": rejection.message}


def read_inputs(asked: Asked) -> Chat:
    """The texts to embed."""
    return Chat(
        model=find_model(asked.provider.name, asked.body["model"]),
        inputs=tuple(asked.body["texts"]),
        dimensions=asked.body.get("output_dimension"),
    )


def write_vectors(reply: Reply) -> Document:
    """The vectors in the order of the texts."""
    meta: dict[str, Any] = {"api_version": {"version": "2"}}
    if reply.has_usage:
        meta["billed_units"] = {"input_tokens": reply.answer.prompt_tokens}
    return {
        "id": reply.id,
        "response_type": "embeddings_by_type",
        "embeddings": {"float": reply.answer.vectors},
        "texts": reply.chat.inputs,
        "meta": meta,
    }


def describe(model: Model) -> Document:
    """One model of the list."""
    return {
        "name": model.name,
        "is_deprecated": False,
        "endpoints": ["embed"] if model.is_embedder else ["chat"],
        "finetuned": False,
        "context_length": model.context_length,
        "default_endpoints": [],
    }


def enlist(models: Sequence[Document], following: str | None) -> Document:
    """A page of the list, with a token for the next one."""
    return {"models": models} | ({} if following is None else {"next_page_token": following})


def make_headers() -> Mapping[str, str]:
    """Nothing beside the answer."""
    return {}


FLAVOUR = Flavour(
    prefix=PREFIXES[Style.COHERE],
    operations=(
        Operation(
            "/v2/chat", read, write, reject, stream, NAMED_SSE, confess=confess, break_off=break_off
        ),
        Operation("/v2/embed", read_inputs, write_vectors, reject),
    ),
    listing=Listing("/v1/models", describe, enlist, "page_size", "page_token"),
    reject=reject,
    read_key=read_bearer,
    make_headers=make_headers,
    unknown_faults=frozenset({FaultKind.FILTERED}),
)
