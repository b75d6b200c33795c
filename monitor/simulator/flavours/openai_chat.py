"""OpenAI Chat Completions."""

from collections.abc import Iterator, Mapping
from typing import Any

from monitor.simulator.answers import Finish
from monitor.simulator.chats import Asked, Chat, Tool, choose_tool, find_model, see
from monitor.simulator.events import DONE, Document, Event, Part, Piece, Reply, list_pieces
from monitor.simulator.flavours.openai_errors import reject
from monitor.simulator.operations import Operation
from monitor.simulator.refusals import RefusalError, refuse_body

FINISHES = {
    Finish.STOP: "stop",
    Finish.LENGTH: "length",
    Finish.CALL: "tool_calls",
    Finish.FILTERED: "content_filter",
}


def read(asked: Asked) -> Chat:
    """The chat in a request's body."""
    body = asked.body
    is_streamed = bool(body.get("stream"))
    options = body.get("stream_options")
    if options and not is_streamed:
        raise RefusalError(
            refuse_body("stream_options is only allowed with stream: true", "stream_options")
        )
    parts = [part for message in body["messages"] for part in list_parts(message)]
    schema = (body.get("response_format") or {}).get("json_schema")
    return Chat(
        model=find_model(asked.provider.name, body.get("model")),
        texts=tuple(part["text"] for part in parts if part["type"] == "text"),
        pictures=tuple(see(p["image_url"]["url"]) for p in parts if p["type"] == "image_url"),
        max_tokens=body.get("max_completion_tokens", body.get("max_tokens")),
        is_streamed=is_streamed,
        wants_usage=not is_streamed or bool((options or {}).get("include_usage")),
        schema=schema["schema"] if schema else None,
        tool=_find_tool(body),
    )


def list_parts(message: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    """The parts of a message, of which a plain text is one."""
    content = message["content"]
    if isinstance(content, list):
        return content
    return [{"type": "text", "text": content or ""}]


def _find_tool(body: Mapping[str, Any]) -> Tool | None:
    choice = body.get("tool_choice", "auto")
    functions = [tool["function"] for tool in body.get("tools") or []]
    if choice == "none":
        return None
    name = choice["function"]["name"] if isinstance(choice, dict) else None
    tools = [Tool(f["name"], f.get("parameters", {})) for f in functions]
    return choose_tool(tools, name, is_forced=choice != "auto")


def write(reply: Reply) -> Document:
    """The whole completion."""
    answer = reply.answer
    message: Document = {"role": "assistant", "content": answer.text, "refusal": None}
    if answer.reasoning:
        message["reasoning_content"] = answer.thoughts
    if answer.tool:
        message |= {"content": None, "tool_calls": [_write_call(reply, answer.call)]}
    choice = {"index": 0, "finish_reason": FINISHES[answer.finish], "message": message}
    body = _write_head(reply, "chat.completion") | {"choices": [choice]}
    return body | ({"usage": write_usage(reply)} if reply.has_usage else {})


def stream(reply: Reply) -> Iterator[Event]:
    """The role, each piece, the end, and the usage in a chunk of its own if it was asked for."""
    provider = reply.provider
    head = _write_head(reply, "chat.completion.chunk")
    head |= {"usage": None} if reply.has_usage else {}
    padding = {"obfuscation": "k3Rw"} if provider.pads_chunks else {}
    if provider.sends_comments:
        yield Event(0, f": {provider.name.upper()} PROCESSING\n\n")
    yield Event(reply.begin_s, head | _delta({"role": "assistant", "content": ""}) | padding)
    if reply.answer.tool:
        yield Event(reply.begin_s, head | _delta({"tool_calls": [_write_call(reply, "", 0)]}))
    for piece in list_pieces(reply):
        yield Event(piece.due_s, head | _delta(_write_piece(piece)) | padding)
    yield Event(reply.end_s, head | _delta({}, FINISHES[reply.answer.finish]))
    if reply.has_usage:
        yield Event(reply.end_s, head | {"choices": [], "usage": write_usage(reply)})
    yield Event(reply.end_s, DONE)


def write_usage(reply: Reply) -> Document:
    """The usage object: cache and images inside the prompt, reasoning inside the completion."""
    answer, model = reply.answer, reply.chat.model
    usage: Document = {
        "prompt_tokens": answer.prompt_tokens,
        "completion_tokens": answer.output_tokens,
        "total_tokens": answer.prompt_tokens + answer.output_tokens,
    }
    details = {"cached_tokens": answer.cached_tokens} if model.has_cache else {}
    details |= {"image_tokens": answer.image_tokens} if answer.image_tokens else {}
    if details:
        usage["prompt_tokens_details"] = details
    if model.is_reasoning:
        usage["completion_tokens_details"] = {"reasoning_tokens": len(answer.reasoning)}
    return usage


def _write_piece(piece: Piece) -> Document:
    match piece.part:
        case Part.THOUGHT:
            return {"reasoning_content": piece.text}
        case Part.TEXT:
            return {"content": piece.text}
        case Part.CALL:
            return {"tool_calls": [{"index": 0, "function": {"arguments": piece.text}}]}


def _write_call(reply: Reply, arguments: str, index: int | None = None) -> Document:
    function = {"name": reply.answer.tool, "arguments": arguments}
    call = {"id": f"call_{reply.id}", "type": "function", "function": function}
    return call if index is None else {"index": index} | call


def _write_head(reply: Reply, kind: str) -> Document:
    return {
        "id": f"chatcmpl-{reply.id}",
        "object": kind,
        "created": reply.created_s,
        "model": reply.chat.model.name,
    }


def _delta(delta: Document, finish_reason: str | None = None) -> Document:
    return {"choices": [{"index": 0, "delta": delta, "finish_reason": finish_reason}]}


OPERATION = Operation("/chat/completions", read, write, reject, stream)
