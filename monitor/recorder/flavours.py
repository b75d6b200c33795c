"""Flavours: where each API tells what we record, as one table.

A path leads through objects by names and through lists by `*`; the first value that is there and
not empty counts. Of what comes again in a stream, the last that was told counts.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final

Paths = tuple[str, ...]
_DONE: Final = "[DONE]"


@dataclass(frozen=True, slots=True)
class Flavour:
    """Where one API tells what.

    `tokens`: anything here is content, reasoning or a tool's call. `opening` is usage that a later
    one completes and that alone is a placeholder. `counters` are counts that stand in the
    document itself. `ends` are the types of the events that end a stream; where there are none,
    a finish reason does. `tier` is the service tier, where it does not stand in the usage.
    """

    name: str
    id: Paths = ("id",)
    model: Paths = ("model",)
    finish: Paths = ()
    usage: Paths = ("usage",)
    opening: Paths = ()
    counters: Paths = ()
    tokens: Paths = ()
    errors: Paths = ("error",)
    ends: frozenset[str] = frozenset()
    tier: Paths = ()


# fmt: off
CHAT = Flavour(
    "openai_chat",
    finish=("choices.*.finish_reason",),
    usage=("usage", "x_groq.usage"),
    errors=("error", "choices.*.error"),
    tier=("service_tier",),
    tokens=(
        "choices.*.delta.content", "choices.*.delta.reasoning_content",
        "choices.*.delta.reasoning", "choices.*.delta.tool_calls", "choices.*.delta.refusal",
        "choices.*.delta.function_call", "choices.*.text",
    ),
)
OPENROUTER = Flavour("openrouter", **{
    name: getattr(CHAT, name) for name in ("finish", "usage", "errors", "tokens", "tier")
})
RESPONSES = Flavour(
    "openai_responses",
    id=("response.id", "id"),
    model=("response.model", "model"),
    finish=("response.incomplete_details.reason", "incomplete_details.reason",
            "response.status", "status"),
    usage=("response.usage", "usage"),
    errors=("response.error", "error"),
    tier=("response.service_tier", "service_tier"),
    tokens=("delta",),
    ends=frozenset({"response.completed", "response.incomplete", "response.failed"}),
)
EMBEDDINGS = Flavour("openai_embeddings")
ANTHROPIC = Flavour(
    "anthropic",
    id=("message.id", "id"),
    model=("message.model", "model"),
    finish=("delta.stop_reason", "stop_reason"),
    opening=("message.usage",),
    tokens=("delta.text", "delta.thinking", "delta.partial_json", "content_block.text"),
    ends=frozenset({"message_stop"}),
)
GEMINI = Flavour(
    "gemini",
    id=("responseId",),
    model=("modelVersion",),
    finish=("candidates.*.finishReason", "promptFeedback.blockReason"),
    usage=("usageMetadata",),
    tokens=("candidates.*.content.parts.*.text", "candidates.*.content.parts.*.functionCall",
            "candidates.*.content.parts.*.inlineData"),
)
OLLAMA = Flavour(
    "ollama",
    id=(),
    finish=("done_reason",),
    usage=(),
    counters=("prompt_eval_count", "eval_count", "total_duration", "load_duration",
              "prompt_eval_duration", "eval_duration"),
    tokens=("message.content", "message.thinking", "message.tool_calls", "response", "thinking"),
)
COHERE = Flavour(
    "cohere",
    model=(),
    finish=("delta.finish_reason", "finish_reason"),
    usage=("delta.usage", "usage", "meta"),
    errors=("delta.error", "error"),
    tokens=("delta.message.content.text", "delta.message.content.thinking",
            "delta.message.tool_plan", "delta.message.tool_calls"),
    ends=frozenset({"message-end"}),
)

#: What is asked at a path that ends so. The path before it is the API's base.
_OPERATIONS: Final = tuple((re.compile(f"{end}/?$"), flavour) for end, flavour in (
    (r"(/openai/deployments/[^/]+)?/chat/completions", CHAT),
    (r"(/openai/deployments/[^/]+)?/completions", CHAT),
    (r"(/openai/deployments/[^/]+)?/embeddings", EMBEDDINGS),
    (r"/responses", RESPONSES),
    (r"(/v1)?/messages", ANTHROPIC),
    (r"/(models|tunedModels)/[^/:]+:(streamG|g)enerateContent", GEMINI),
    (r"/(models|tunedModels)/[^/:]+:(e|batchE)mbedContents?", GEMINI),
    (r"/api/(chat|generate|embed)", OLLAMA),
    (r"/v2/(chat|embed|rerank)", COHERE),
))
_MODEL_IN_PATH: Final = re.compile(r"/(?:models|tunedModels|deployments)/([^/:]+)")
# fmt: on


@dataclass(frozen=True, slots=True)
class Operation:
    """What a request asks for: of which API, below which path, of which model if the path says."""

    flavour: Flavour
    base_path: str
    model: str | None


def find_operation(host: str, path: str) -> Operation | None:
    """The operation at an address; `None` where it is no call to a model."""
    for pattern, flavour in _OPERATIONS:
        if found := pattern.search(path):
            named = _MODEL_IN_PATH.search(path, found.start())
            router = flavour is CHAT and f".{host}".endswith(".openrouter.ai")
            model = named[1] if named else None
            return Operation(OPENROUTER if router else flavour, path[: found.start()], model)
    return None


@dataclass(slots=True)
class Told:
    """What the documents of one answer told so far."""

    flavour: Flavour
    id: str | None = None
    model: str | None = None
    finish: str | None = None
    tier: str | None = None
    error: object = None
    is_ended: bool = False
    has_token: bool = False
    _opening: Mapping[str, Any] | None = None
    _usage: Mapping[str, Any] | None = None

    @property
    def usage(self) -> dict[str, Any] | None:
        """Usage as it was reported; `None` where its end was not."""
        if self._usage is None:
            return None
        later = {name: value for name, value in self._usage.items() if value is not None}
        return {**self._opening, **later} if self._opening else dict(self._usage)

    def take(self, document: object) -> None:
        """Read a document: an event's, a line's, or the whole answer (Gemini's may be a list)."""
        for told in document if isinstance(document, list) else [document]:
            if isinstance(told, dict):
                self._read(told)
            elif told == _DONE:
                self.is_ended = True

    def _read(self, told: dict[str, Any]) -> None:
        of = self.flavour
        self.id = _text(find(told, of.id)) or self.id
        self.model = _text(find(told, of.model)) or self.model
        self.finish = _text(find(told, of.finish)) or self.finish
        self.tier = _text(find(told, of.tier)) or self.tier
        self.error = self.error or _find_error(told, of)
        self.has_token = self.has_token or find(told, of.tokens) is not None
        self._count(told)
        self.is_ended |= told.get("type") in of.ends if of.ends else self._is_last(told)

    def _count(self, told: dict[str, Any]) -> None:
        usage, opening = find(told, self.flavour.usage), find(told, self.flavour.opening)
        counted = {name: told[name] for name in self.flavour.counters if name in told}
        self._usage = usage if isinstance(usage, dict) else counted or self._usage
        self._opening = opening if isinstance(opening, dict) else self._opening

    def _is_last(self, told: dict[str, Any]) -> bool:
        return self.finish is not None or told.get("done") is True


def find(document: object, paths: Paths) -> Any:  # noqa: ANN401
    """The first value at one of the paths that is not empty; `None` where there is none."""
    for path in paths:
        for value in _walk(document, path.split(".")):
            if value or value == 0:
                return value
    return None


def _walk(value: object, steps: list[str]) -> Iterator[object]:
    if not steps:
        yield value
    elif steps[0] == "*":
        for each in value if isinstance(value, list) else ():
            yield from _walk(each, steps[1:])
    elif isinstance(value, dict) and steps[0] in value:
        yield from _walk(value[steps[0]], steps[1:])


def _find_error(told: dict[str, Any], flavour: Flavour) -> object:
    """The error that a document tells of; one whose type says so may be the error itself."""
    found = find(told, flavour.errors)
    return told if found is None and told.get("type") == "error" else found


def _text(value: object) -> str | None:
    return value[:256] if isinstance(value, str) else None
