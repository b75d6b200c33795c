"""OpenAI Responses."""

from collections.abc import Iterator, Mapping, Sequence
from itertools import count, groupby
from operator import attrgetter
from typing import Any, NamedTuple

from monitor.simulator.answers import Finish
from monitor.simulator.chats import Asked, Chat, Tool, choose_tool, find_model, see
from monitor.simulator.events import NAMED_SSE, Document, Event, Part, Piece, Reply, list_pieces
from monitor.simulator.flavours.openai_errors import reject
from monitor.simulator.operations import Operation
from monitor.simulator.refusals import Rejection

_CUT_SHORT = {Finish.LENGTH: "max_output_tokens", Finish.FILTERED: "content_filter"}


def read(asked: Asked) -> Chat:
    """The chat in a request's body; thoughts are shown only to who asks for their summary."""
    body = asked.body
    parts = _list_parts(body["input"])
    form = (body.get("text") or {}).get("format") or {}
    return Chat(
        model=find_model(asked.provider.name, body.get("model")),
        texts=tuple(
            [*filter(None, [body.get("instructions")])]
            + [p["text"] for p in parts if p["type"] == "input_text"]
        ),
        pictures=tuple(see(p["image_url"]) for p in parts if p["type"] == "input_image"),
        max_tokens=body.get("max_output_tokens"),
        is_streamed=bool(body.get("stream")),
        schema=form.get("schema"),
        tool=_find_tool(body),
        shows_thoughts=bool((body.get("reasoning") or {}).get("summary")),
    )


def _list_parts(said: str | Sequence[Mapping[str, Any]]) -> list[Mapping[str, Any]]:
    contents = [said] if isinstance(said, str) else [message["content"] for message in said]
    return [part for content in contents for part in _split(content)]


def _split(content: str | list[Mapping[str, Any]]) -> list[Mapping[str, Any]]:
    return [{"type": "input_text", "text": content}] if isinstance(content, str) else content


def _find_tool(body: Mapping[str, Any]) -> Tool | None:
    choice = body.get("tool_choice", "auto")
    if choice == "none":
        return None
    tools = [Tool(t["name"], t.get("parameters", {})) for t in body.get("tools") or []]
    name = choice["name"] if isinstance(choice, dict) else None
    return choose_tool(tools, name, is_forced=choice != "auto")


def write(reply: Reply) -> Document:
    """The whole response; one that the limit or the filter ended is incomplete, not an error."""
    reason = _CUT_SHORT.get(reply.answer.finish)
    body = _write_head(reply) | {
        "status": "incomplete" if reason else "completed",
        "completed_at": reply.created_s + round(reply.end_s),
        "incomplete_details": {"reason": reason} if reason else None,
        "output": [_write_item(reply, part, text) for part, text in _list_items(reply)],
    }
    return body | ({"usage": _write_usage(reply)} if reply.has_usage else {})


def stream(reply: Reply) -> Iterator[Event]:
    """The named events in their order, numbered."""
    for number, (due_s, document) in enumerate(_list_events(reply)):
        yield Event(due_s, document | {"sequence_number": number})


def _list_events(reply: Reply) -> Iterator[tuple[float, Document]]:
    head = _write_head(reply) | {"status": "in_progress", "output": []}
    yield reply.begin_s, {"type": "response.created", "response": head}
    yield reply.begin_s, {"type": "response.in_progress", "response": head}
    places = count()
    for part, pieces in groupby(list_pieces(reply), key=attrgetter("part")):
        yield from _stream_item(reply, part, list(pieces), next(places))
    body = write(reply)
    yield reply.end_s, {"type": f"response.{body['status']}", "response": body}


def _stream_item(
    reply: Reply, part: Part, pieces: list[Piece], place: int
) -> Iterator[tuple[float, Document]]:
    first_s, last_s = pieces[0].due_s, pieces[-1].due_s
    text = "".join(piece.text for piece in pieces)
    item, names = _write_item(reply, part, text), _NAMES[part]
    at = {"item_id": item["id"], "output_index": place} | names.place
    begun = item | {"status": "in_progress"} | names.begun
    yield first_s, {"type": "response.output_item.added", "output_index": place, "item": begun}
    if names.part:
        inner = {"type": f"response.{names.part}.added", "part": _write_text(part, "")}
        yield first_s, inner | at
    for piece in pieces:
        yield piece.due_s, {"type": f"response.{names.delta}.delta", "delta": piece.text} | at
    yield last_s, {"type": f"response.{names.delta}.done", names.whole: text} | at
    if names.part:
        inner = {"type": f"response.{names.part}.done", "part": _write_text(part, text)}
        yield last_s, inner | at
    yield last_s, {"type": "response.output_item.done", "output_index": place, "item": item}


class _Names(NamedTuple):
    """What an item's part, its deltas and its whole text are called, and how it begins."""

    part: str
    delta: str
    whole: str
    begun: Document
    place: Document


_NAMES = {
    Part.THOUGHT: _Names(
        "reasoning_summary_part",
        "reasoning_summary_text",
        "text",
        {"summary": []},
        {"summary_index": 0},
    ),
    Part.TEXT: _Names("content_part", "output_text", "text", {"content": []}, {"content_index": 0}),
    Part.CALL: _Names("", "function_call_arguments", "arguments", {"arguments": ""}, {}),
}


def _list_items(reply: Reply) -> Iterator[tuple[Part, str]]:
    answer = reply.answer
    if answer.reasoning and reply.chat.shows_thoughts:
        yield Part.THOUGHT, answer.thoughts
    if answer.visible:
        yield Part.TEXT, answer.text
    if answer.tool:
        yield Part.CALL, answer.call


def _write_item(reply: Reply, part: Part, text: str) -> Document:
    match part:
        case Part.THOUGHT:
            return {
                "type": "reasoning",
                "id": f"rs_{reply.id}",
                "summary": [_write_text(part, text)],
            }
        case Part.TEXT:
            item = {"type": "message", "id": f"msg_{reply.id}", "role": "assistant"}
            return item | {"status": "completed", "content": [_write_text(part, text)]}
        case Part.CALL:
            item = {"type": "function_call", "id": f"fc_{reply.id}", "call_id": f"call_{reply.id}"}
            return item | {"name": reply.answer.tool, "arguments": text, "status": "completed"}


def _write_text(part: Part, text: str) -> Document:
    if part is Part.THOUGHT:
        return {"type": "summary_text", "text": text}
    return {"type": "output_text", "text": text, "annotations": []}


def _write_head(reply: Reply) -> Document:
    return {
        "id": f"resp_{reply.id}",
        "object": "response",
        "created_at": reply.created_s,
        "model": reply.chat.model.name,
        "error": None,
        "incomplete_details": None,
        "parallel_tool_calls": True,
        "tool_choice": "auto",
        "tools": [],
        "service_tier": "default",
    }


def _write_usage(reply: Reply) -> Document:
    answer = reply.answer
    return {
        "input_tokens": answer.prompt_tokens,
        "input_tokens_details": {"cached_tokens": answer.cached_tokens, "cache_write_tokens": 0},
        "output_tokens": answer.output_tokens,
        "output_tokens_details": {"reasoning_tokens": len(answer.reasoning)},
        "total_tokens": answer.prompt_tokens + answer.output_tokens,
    }


def confess(rejection: Rejection, reply: Reply) -> Document:
    """A response whose status is failed: HTTP knows nothing of it."""
    return _write_head(reply) | {"status": "failed", "output": [], "error": _write_error(rejection)}


def break_off(rejection: Rejection, _reply: Reply, position: int) -> Document:
    """The event that ends a stream which has gone wrong."""
    return {"type": "error", "param": None, "sequence_number": position} | _write_error(rejection)


def _write_error(rejection: Rejection) -> Document:
    error = rejection.body["error"]
    return {"code": error["code"] or error["type"], "message": error["message"]}


OPERATION = Operation(
    "/responses", read, write, reject, stream, NAMED_SSE, confess=confess, break_off=break_off
)
