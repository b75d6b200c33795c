"""Ollama's own API: lines of JSON, no key."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

from monitor.simulator.answers import Finish
from monitor.simulator.catalogue import KEY, PREFIXES, Model, Provider, Style
from monitor.simulator.chats import Asked, Chat, Tool, choose_tool, find_model, see
from monitor.simulator.events import LINES, Document, Event, Part, Piece, Reply, list_pieces
from monitor.simulator.faults import FaultKind
from monitor.simulator.operations import Flavour, Listing, Operation
from monitor.simulator.refusals import Reason, Refusal, Rejection

_LOAD_S = 0.021
_FINISHES = {Finish.STOP: "stop", Finish.LENGTH: "length", Finish.CALL: "stop"}
#: What a server of one's own never does is missing: it knows neither keys nor money.
_ROWS = {
    Reason.OVERLOADED: (503, "server busy, please try again.  maximum pending requests exceeded"),
    Reason.SERVER_ERROR: (500, "model runner has unexpectedly stopped"),
    Reason.RATE_LIMITED: (429, "too many requests, please slow down"),
    Reason.NO_MODEL: (404, 'model "{model}" not found, try pulling it first'),
    Reason.NO_PATH: (404, "not found"),
    Reason.BAD_BODY: (400, "{message}"),
}


def reject(refusal: Refusal, _provider: Provider) -> Rejection:
    """The refusal as a flat text."""
    status, template = _ROWS[refusal.reason]
    message = template.format_map(refusal.facts)
    return Rejection(status, message, {"error": message})


def read(asked: Asked) -> Chat:
    """The chat in a request's body. It streams by default; a tool that is offered is called.

    A prompt that is too long is cut, and nothing tells of it.
    """
    body = asked.body
    messages = body["messages"]
    form = body.get("format")
    tools = [
        Tool(t["function"]["name"], t["function"]["parameters"]) for t in body.get("tools") or []
    ]
    thinks = body.get("think") is not False
    return Chat(
        model=find_model(asked.provider.name, body["model"]),
        texts=tuple(message.get("content", "") for message in messages),
        pictures=tuple(see(image) for m in messages for image in m.get("images") or []),
        max_tokens=(body.get("options") or {}).get("num_predict"),
        is_streamed=body.get("stream", True),
        schema=form if isinstance(form, dict) else None,
        tool=choose_tool(tools, None, is_forced=bool(tools)),
        thinks=thinks,
        is_cut_to_fit=True,
    )


def write(reply: Reply) -> Document:
    """The one object of an answer that does not stream."""
    answer = reply.answer
    message = _message(answer.text, answer.thoughts) | _write_call(reply)
    return _write_head(reply) | {"message": message} | _write_end(reply)


def stream(reply: Reply) -> Iterator[Event]:
    """A line for each piece, one for the tool, and the last with all that was counted."""
    head = _write_head(reply)
    for piece in list_pieces(reply):
        if piece.part is not Part.CALL:
            yield Event(piece.due_s, head | {"message": _write_piece(piece), "done": False})
    if call := _write_call(reply):
        yield Event(reply.end_s, head | {"message": _message("") | call, "done": False})
    yield Event(reply.end_s, head | {"message": _message("")} | _write_end(reply))


def _write_piece(piece: Piece) -> Document:
    is_thought = piece.part is Part.THOUGHT
    return _message("", piece.text) if is_thought else _message(piece.text)


def _message(text: str, thoughts: str = "") -> Document:
    message = {"role": "assistant", "content": text}
    return message | ({"thinking": thoughts} if thoughts else {})


def _write_call(reply: Reply) -> Document:
    arguments = reply.answer.called_with
    if arguments is None:
        return {}
    return {"tool_calls": [{"function": {"name": reply.answer.tool, "arguments": arguments}}]}


def _write_head(reply: Reply) -> Document:
    made = datetime.fromtimestamp(reply.created_s, UTC)
    return {"model": reply.chat.model.name, "created_at": made.isoformat()}


def _write_end(reply: Reply) -> Document:
    end = {"done": True, "done_reason": _FINISHES[reply.answer.finish]}
    return end | (_write_usage(reply) if reply.has_usage else {})


def _write_usage(reply: Reply) -> Document:
    """Tokens, and times in nanoseconds; what is zero is left out."""
    counts = {
        "total_duration": _to_ns(reply.end_s + _LOAD_S),
        "load_duration": _to_ns(_LOAD_S),
        "prompt_eval_count": reply.answer.prompt_tokens,
        "prompt_eval_duration": _to_ns(reply.rhythm.ttft_s),
        "eval_count": reply.answer.output_tokens,
        "eval_duration": _to_ns(reply.end_s - reply.rhythm.ttft_s),
    }
    return {name: count for name, count in counts.items() if count}


def _to_ns(seconds: float) -> int:
    return round(seconds * 1e9)


def read_inputs(asked: Asked) -> Chat:
    """The texts to embed."""
    inputs = asked.body["input"]
    return Chat(
        model=find_model(asked.provider.name, asked.body["model"]),
        inputs=tuple([inputs] if isinstance(inputs, str) else inputs),
        dimensions=asked.body.get("dimensions"),
        is_cut_to_fit=True,
    )


def write_vectors(reply: Reply) -> Document:
    """The vectors in the order of the texts."""
    usage = {
        "total_duration": _to_ns(reply.end_s),
        "load_duration": _to_ns(_LOAD_S),
        "prompt_eval_count": reply.answer.prompt_tokens,
    }
    body = {"model": reply.chat.model.name, "embeddings": reply.answer.vectors}
    return body | (usage if reply.has_usage else {})


def describe(model: Model) -> Document:
    """One model of those that are installed."""
    details: dict[str, Any] = {
        "format": "gguf",
        "family": "gale",
        "families": ["gale"],
        "parameter_size": "8B",
        "quantization_level": "Q4_K_M",
    }
    return {
        "name": model.name,
        "model": model.name,
        "modified_at": "2026-09-01T08:00:00.1Z",
        "size": 4_920_753_328,
        "digest": "0a8c26691023",
        "details": details,
    }


def enlist(models: Sequence[Document], _following: str | None) -> Document:
    """What is installed: this API has no pages."""
    return {"models": models}


def read_key(_headers: Mapping[str, str]) -> str:
    """Any key is good, and none."""
    return KEY


def make_headers() -> Mapping[str, str]:
    """Nothing beside the answer."""
    return {}


FLAVOUR = Flavour(
    prefix=PREFIXES[Style.OLLAMA],
    operations=(
        Operation("/api/chat", read, write, reject, stream, LINES),
        Operation("/api/embed", read_inputs, write_vectors, reject),
    ),
    listing=Listing("/api/tags", describe, enlist),
    reject=reject,
    read_key=read_key,
    make_headers=make_headers,
    pages={"/api/version": {"version": "0.9.0"}},
    unknown_faults=frozenset(
        {FaultKind.NO_CREDIT, FaultKind.BAD_KEY, FaultKind.FORBIDDEN, FaultKind.FILTERED}
    ),
)
