"""Gemini: generateContent, its stream, and embeddings."""

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any

from monitor.simulator.answers import Finish
from monitor.simulator.catalogue import PREFIXES, Model, Style
from monitor.simulator.chats import Asked, Chat, Tool, choose_tool, find_model, see
from monitor.simulator.events import Document, Event, Part, Piece, Reply, list_pieces
from monitor.simulator.flavours.gemini_errors import reject
from monitor.simulator.operations import Flavour, Listing, Operation
from monitor.simulator.refusals import RefusalError, Rejection, refuse_body

_FINISHES = {
    Finish.STOP: "STOP",
    Finish.LENGTH: "MAX_TOKENS",
    Finish.CALL: "STOP",
    Finish.FILTERED: "SAFETY",
}


def read(asked: Asked) -> Chat:
    """The chat in a request's body. The client may write its names in either way."""
    body = _camel(asked.body)
    config = body.get("generationConfig") or {}
    thinking = config.get("thinkingConfig") or {}
    parts = [p for content in _list_contents(body) for p in content.get("parts") or []]
    return Chat(
        model=find_model(asked.provider.name, asked.path["name"]),
        texts=tuple(part["text"] for part in parts if "text" in part),
        pictures=tuple(see(p["inlineData"]["data"]) for p in parts if "inlineData" in p),
        max_tokens=config.get("maxOutputTokens"),
        schema=config.get("responseJsonSchema") or config.get("responseSchema"),
        tool=_find_tool(body),
        thinks=thinking.get("thinkingBudget") != 0,
        shows_thoughts=bool(thinking.get("includeThoughts")),
    )


def read_streamed(asked: Asked) -> Chat:
    """The same, to be streamed as events: other streams are not simulated."""
    if asked.query.get("alt") != "sse":
        raise RefusalError(refuse_body("streamGenerateContent is simulated with alt=sse only."))
    return replace(read(asked), is_streamed=True)


def _camel(value: Any) -> Any:  # noqa: ANN401
    """The document with names as `maxOutputTokens` wherever they were `max_output_tokens`."""
    if isinstance(value, list):
        return [_camel(item) for item in value]
    if not isinstance(value, dict):
        return value
    return {_rename(name): _keep(name, inner) for name, inner in value.items()}


def _rename(name: str) -> str:
    head, *words = name.split("_")
    return head + "".join(word.title() for word in words)


def _keep(name: str, inner: Any) -> Any:  # noqa: ANN401
    """A schema's names are the caller's own."""
    return inner if "chema" in name or name.startswith("parameters") else _camel(inner)


def _list_contents(body: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    system = body.get("systemInstruction")
    return [*([system] if system else []), *body["contents"]]


def _find_tool(body: Mapping[str, Any]) -> Tool | None:
    declared = [f for tool in body.get("tools") or [] for f in tool["functionDeclarations"]]
    config = (body.get("toolConfig") or {}).get("functionCallingConfig") or {}
    mode = config.get("mode", "AUTO")
    if mode == "NONE":
        return None
    tools = [
        Tool(f["name"], f.get("parametersJsonSchema") or f.get("parameters", {})) for f in declared
    ]
    allowed = config.get("allowedFunctionNames") or [None]
    return choose_tool(tools, allowed[0], is_forced=mode == "ANY")


def write(reply: Reply) -> Document:
    """The whole answer."""
    answer = reply.answer
    parts: list[Document] = []
    if answer.reasoning and reply.chat.shows_thoughts:
        parts.append({"text": answer.thoughts, "thought": True})
    if answer.visible:
        parts.append({"text": answer.text})
    parts += _write_call(reply)
    return _write_chunk(reply, parts, answer.output_tokens, is_last=True)


def stream(reply: Reply) -> Iterator[Event]:
    """A chunk for each piece, usage growing in all of them, the finish in the last."""
    for piece in list_pieces(reply):
        if piece.part is not Part.CALL:
            chunk = _write_chunk(reply, [_write_piece(piece)], piece.told, is_last=False)
            yield Event(piece.due_s, chunk)
    total = reply.answer.output_tokens
    yield Event(reply.end_s, _write_chunk(reply, _write_call(reply), total, is_last=True))


def _write_chunk(reply: Reply, parts: list[Document], told: int, *, is_last: bool) -> Document:
    candidate: Document = {"index": 0}
    if parts:
        candidate["content"] = {"role": "model", "parts": parts}
    if is_last:
        candidate["finishReason"] = _FINISHES[reply.answer.finish]
    usage = {"usageMetadata": _write_usage(reply, told)} if reply.has_usage else {}
    return {
        "candidates": [candidate],
        "modelVersion": reply.chat.model.name,
        "responseId": reply.id,
    } | usage


def _write_piece(piece: Piece) -> Document:
    return {"text": piece.text} | ({"thought": True} if piece.part is Part.THOUGHT else {})


def _write_call(reply: Reply) -> list[Document]:
    arguments = reply.answer.called_with
    if arguments is None:
        return []
    return [{"functionCall": {"name": reply.answer.tool, "args": arguments}}]


def _write_usage(reply: Reply, told: int) -> Document:
    """The counts so far: cache inside the prompt, thoughts beside the candidates, no zeros."""
    answer = reply.answer
    thoughts = min(told, len(answer.reasoning))
    text_tokens = answer.prompt_tokens - answer.image_tokens
    modalities = {"TEXT": text_tokens, "IMAGE": answer.image_tokens}
    counts = {
        "promptTokenCount": answer.prompt_tokens,
        "cachedContentTokenCount": answer.cached_tokens,
        "candidatesTokenCount": told - thoughts,
        "thoughtsTokenCount": thoughts,
        "totalTokenCount": answer.prompt_tokens + told,
    }
    details = [{"modality": m, "tokenCount": n} for m, n in modalities.items() if n]
    return {name: n for name, n in counts.items() if n} | {"promptTokensDetails": details}


def break_off(rejection: Rejection, _reply: Reply, _position: int) -> str:
    """The bare envelope over several lines, which is no event."""
    return f"{json.dumps(rejection.body, indent=2)}\n"


def read_inputs(asked: Asked) -> Chat:
    """The texts to embed: each a request of its own in a batch."""
    body = _camel(asked.body)
    wishes = body.get("requests") or [body]
    return Chat(
        model=find_model(asked.provider.name, asked.path["name"]),
        inputs=tuple("\n".join(p["text"] for p in w["content"]["parts"]) for w in wishes),
        dimensions=wishes[0].get("outputDimensionality"),
    )


def write_vectors(reply: Reply) -> Document:
    """The vectors of a batch."""
    return {"embeddings": [{"values": vector} for vector in reply.answer.vectors]} | _count(reply)


def write_vector(reply: Reply) -> Document:
    """The vector of a single text."""
    values = [value for vector in reply.answer.vectors for value in vector]
    return {"embedding": {"values": values}} | _count(reply)


def _count(reply: Reply) -> Document:
    usage = {"promptTokenCount": reply.answer.prompt_tokens}
    return {"usageMetadata": usage} if reply.has_usage else {}


def describe(model: Model) -> Document:
    """One model of the list."""
    chat, vector = ["generateContent", "countTokens"], ["embedContent", "batchEmbedContents"]
    return {
        "name": f"models/{model.name}",
        "version": "001",
        "displayName": model.name.replace("-", " ").title(),
        "description": "A model that is simulated.",
        "inputTokenLimit": model.context_length,
        "outputTokenLimit": 65_536,
        "supportedGenerationMethods": vector if model.is_embedder else chat,
        "thinking": model.is_reasoning,
    }


def enlist(models: Sequence[Document], following: str | None) -> Document:
    """A page of the list, with a token for the next one."""
    return {"models": models} | ({} if following is None else {"nextPageToken": following})


def read_key(headers: Mapping[str, str]) -> str | None:
    """The key in Google's own header."""
    return headers.get("x-goog-api-key")


def make_headers() -> Mapping[str, str]:
    """Neither a request id nor a rate limit is told."""
    return {}


FLAVOUR = Flavour(
    prefix=PREFIXES[Style.GEMINI],
    operations=(
        Operation("/models/{name}:generateContent", read, write, reject),
        Operation(
            "/models/{name}:streamGenerateContent",
            read_streamed,
            write,
            reject,
            stream,
            break_off=break_off,
        ),
        Operation("/models/{name}:embedContent", read_inputs, write_vector, reject),
        Operation("/models/{name}:batchEmbedContents", read_inputs, write_vectors, reject),
    ),
    listing=Listing("/models", describe, enlist, "pageSize", "pageToken"),
    reject=reject,
    read_key=read_key,
    make_headers=make_headers,
)
