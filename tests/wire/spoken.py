"""What providers send in each flavour, as pieces that tests put together."""

import json
from collections.abc import Callable
from typing import Any

from monitor.domain.endpoints import Flavour
from tests.wire.loopback import DONE, Step, event, good_stream, head

# ── Anthropic ───────────────────────────────────────────────────────────────────────────────

STARTED = {
    "input_tokens": 14,
    "cache_creation_input_tokens": 0,
    "cache_read_input_tokens": 0,
    "output_tokens": 1,
}


def said(kind: str, **fields: Any) -> bytes:
    """A named event whose JSON repeats its name."""
    return event({"type": kind, **fields}, kind)


def message(**fields: Any) -> dict[str, Any]:
    return {
        "id": "msg_1",
        "type": "message",
        "role": "assistant",
        "model": "m-1",
        "content": [],
        "stop_reason": None,
        "usage": STARTED,
        **fields,
    }


MESSAGE_START = said("message_start", message=message())
PING = said("ping")
BLOCK_STOP = said("content_block_stop", index=0)
MESSAGE_STOP = said("message_stop")


def block(kind: str = "text", **fields: Any) -> bytes:
    return said("content_block_start", index=0, content_block={"type": kind, **fields})


def delta(kind: str, **fields: Any) -> bytes:
    return said("content_block_delta", index=0, delta={"type": kind, **fields})


def text_delta(text: str) -> bytes:
    return delta("text_delta", text=text)


def message_delta(reason: str | None = "end_turn", output: int = 4, **usage: Any) -> bytes:
    return said(
        "message_delta",
        delta={"stop_reason": reason, "stop_sequence": None},
        usage={"output_tokens": output, **usage},
    )


def anthropic_stream(text: str = "pong") -> list[Step]:
    opening = [head(request_id="req_1"), MESSAGE_START, block(text=""), PING]
    return [*opening, text_delta(text), BLOCK_STOP, message_delta(), MESSAGE_STOP]


# ── OpenAI Responses ────────────────────────────────────────────────────────────────────────

RESPONSES_USAGE = {
    "input_tokens": 13,
    "input_tokens_details": {"cached_tokens": 0, "cache_write_tokens": 0},
    "output_tokens": 2,
    "output_tokens_details": {"reasoning_tokens": 0},
    "total_tokens": 15,
}


def response(*output: dict[str, Any], status: str = "completed", **fields: Any) -> dict[str, Any]:
    return {
        "id": "resp_1",
        "object": "response",
        "status": status,
        "model": "m-1",
        "error": None,
        "incomplete_details": None,
        "output": list(output),
        "usage": RESPONSES_USAGE,
        **fields,
    }


def output_text(text: str) -> dict[str, Any]:
    part = {"type": "output_text", "text": text, "annotations": []}
    return {"type": "message", "role": "assistant", "status": "completed", "content": [part]}


RESPONSE_CREATED = said("response.created", response=response(status="in_progress", usage=None))


def piece(kind: str, text: str) -> bytes:
    """A delta of `output_text`, `refusal`, `reasoning_text` and the like."""
    return said(f"response.{kind}.delta", item_id="i_1", output_index=0, delta=text)


def response_end(*output: dict[str, Any], status: str = "completed", **fields: Any) -> bytes:
    return said(f"response.{status}", response=response(*output, status=status, **fields))


def responses_stream(text: str = "pong") -> list[Step]:
    begun = said("response.output_item.added", item={"type": "message", "content": []})
    done = said("response.output_text.done", text=text)
    opening = [head(x_request_id="req_1"), RESPONSE_CREATED, begun]
    return [*opening, piece("output_text", text), done, response_end(output_text(text))]


# ── Gemini ──────────────────────────────────────────────────────────────────────────────────


def counted(prompt: int = 7, said: int = 1, thought: int = 0, **more: Any) -> dict[str, Any]:
    """Usage with its total; a count of zero is left out, as Google does."""
    counts = {
        "promptTokenCount": prompt,
        "candidatesTokenCount": said,
        "thoughtsTokenCount": thought,
        "totalTokenCount": prompt + said + thought,
    }
    return {name: count for name, count in counts.items() if count} | more


def candidate(
    *parts: dict[str, Any],
    finish: str | None = None,
    usage: dict[str, Any] | None = None,
    **fields: Any,
) -> dict[str, Any]:
    """One piece of an answer, or a whole one."""
    told: dict[str, Any] = {"index": 0}
    if parts:
        told["content"] = {"role": "model", "parts": list(parts)}
    if finish is not None:
        told["finishReason"] = finish
    more = {} if usage is None else {"usageMetadata": usage}
    return {"candidates": [told], "modelVersion": "m-1", "responseId": "r1", **more, **fields}


def gemini_stream(text: str = "pong") -> list[Step]:
    first = candidate({"text": text[:2]}, usage=counted(said=0))
    last = candidate({"text": text[2:]}, finish="STOP", usage=counted())
    return [head(), event(first), event(last)]


# ── OpenRouter ──────────────────────────────────────────────────────────────────────────────

PROCESSING = b": OPENROUTER PROCESSING\n\n"


def routed(content: str = "", finish: str | None = None, **more: Any) -> bytes:
    """A chunk that names who behind OpenRouter sent it."""
    choice = {"index": 0, "delta": {"content": content}, "finish_reason": finish}
    fields = {"id": "gen-1", "model": "m-1", "provider": "Azure", "choices": [choice]}
    return event(fields | more)


def bill(**usage: Any) -> bytes:
    counts = {"prompt_tokens": 13, "completion_tokens": 2, "total_tokens": 15, "cost": 0.0000525}
    return event({"model": "m-1", "choices": [], "usage": counts | usage})


def openrouter_stream(text: str = "pong") -> list[Step]:
    return [head(), PROCESSING, routed(text), PROCESSING, routed(finish="stop"), bill(), DONE]


# ── Ollama ──────────────────────────────────────────────────────────────────────────────────


def line(content: str = "", **more: Any) -> bytes:
    spoken = {"role": "assistant", "content": content} | more.pop("message", {})
    return json.dumps({"model": "m-1", "message": spoken, "done": False} | more).encode() + b"\n"


def last_line(reason: str | None = "stop", **more: Any) -> bytes:
    """The line with what its machine took, in counts and nanoseconds."""
    counts = {
        "total_duration": 812_000_000,
        "load_duration": 21_000_000,
        "prompt_eval_count": 26,
        "prompt_eval_duration": 110_000_000,
        "eval_count": 3,
        "eval_duration": 52_000_000,
    }
    finish = {} if reason is None else {"done_reason": reason}
    return line(done=True, **finish, **(counts | more))


def ollama_stream(text: str = "pong") -> list[Step]:
    start = head(200, "application/x-ndjson", x_request_id="req_1")
    return [start, line(text[:2]), line(text[2:]), last_line()]


# ── Cohere ──────────────────────────────────────────────────────────────────────────────────

COHERE_USAGE = {
    "billed_units": {"input_tokens": 13, "output_tokens": 2},
    "tokens": {"input_tokens": 209, "output_tokens": 4},
    "cached_tokens": 64,
}


def told(kind: str, **delta: Any) -> bytes:
    more = {"id": "c-1"} if kind.startswith("message") else {"index": 0}
    return said(kind, **more, delta=delta)


CHAT_START = told("message-start", message={"role": "assistant", "content": []})


def content_delta(text: str) -> bytes:
    return told("content-delta", message={"content": {"text": text}})


def message_end(finish: str | None = "COMPLETE", **more: Any) -> bytes:
    return told("message-end", finish_reason=finish, **({"usage": COHERE_USAGE} | more))


def cohere_stream(text: str = "pong") -> list[Step]:
    start = told("content-start", message={"content": {"type": "text", "text": text[:2]}})
    end = said("content-end", index=0)
    return [head(), CHAT_START, start, content_delta(text[2:]), end, message_end()]


GOOD_STREAMS: dict[Flavour, Callable[[str], list[Step]]] = {
    Flavour.OPENAI_CHAT: good_stream,
    Flavour.OPENAI_RESPONSES: responses_stream,
    Flavour.ANTHROPIC: anthropic_stream,
    Flavour.GEMINI: gemini_stream,
    Flavour.OPENROUTER: openrouter_stream,
    Flavour.OLLAMA: ollama_stream,
    Flavour.COHERE: cohere_stream,
}
