"""The answer of an OpenAI Chat endpoint, put together from chunks, or from one document."""

from typing import Any

from monitor.domain.outcomes import Outcome
from monitor.wire.bodies import BodyError
from monitor.wire.complaints import Complaint, complaint_of

#: What a finish reason says of the call. One that we do not know is not ok.
FINISHES = {
    "stop": Outcome.OK,
    "length": Outcome.OK,
    "model_length": Outcome.OK,
    "tool_calls": Outcome.OK,
    "function_call": Outcome.OK,
    "eos": Outcome.OK,
    "eos_token": Outcome.OK,
    "stop_sequence": Outcome.OK,
    "content_filter": Outcome.CONTENT_FILTER,
    "insufficient_system_resource": Outcome.OVERLOADED,
    "error": Outcome.SERVER_ERROR,
    "abort": Outcome.SERVER_ERROR,
}
LIMIT_REACHED = ("length", "model_length")
_MAX_TEXT = 4096


class OpenAiAnswer:
    """What the chunks so far told. `take` raises BodyError for JSON that is no chunk.

    `text` is what a reader would see (its first 4,096 characters). The last usage that is not
    null counts: some servers send one in each chunk.
    """

    def __init__(self) -> None:
        self.text = ""
        self.has_content = self.has_reasoning = self.has_tool_call = self.has_refusal = False
        self.finish_reason: str | None = None
        self.model: str | None = None
        self.usage: dict[str, Any] | None = None
        self.complaint: Complaint | None = None

    @property
    def has_token(self) -> bool:
        """Whether content, reasoning, a tool call or a refusal has begun; a role is no token."""
        return self.has_content or self.has_reasoning or self.has_tool_call or self.has_refusal

    @property
    def is_done(self) -> bool:
        """Whether it failed; a finish reason may still be followed by usage."""
        return self.complaint is not None

    def take(self, document: object) -> None:
        if isinstance(document, list) and len(document) == 1:
            document = document[0]
        if not isinstance(document, dict):
            raise BodyError("JSON that is no chat completion")
        if document.get("error") or document.get("object") == "error":
            self.complaint = complaint_of(document)
            return
        choices = document.get("choices")
        usage = document.get("usage")
        if choices is None and not isinstance(usage, dict):
            raise BodyError("JSON that is no chat completion: it has neither choices nor usage")
        if isinstance(usage, dict):
            self.usage = usage
        self.model = _text(document.get("model")) or self.model
        for choice in _objects(choices):
            self._take_choice(choice)

    def _take_choice(self, choice: dict[str, Any]) -> None:
        if choice.get("error"):
            self.complaint = complaint_of({"error": choice["error"]})
        for part in _objects([choice.get("delta"), choice.get("message")]):
            self._take_part(part)
        self.finish_reason = _text(choice.get("finish_reason")) or self.finish_reason

    def _take_part(self, part: dict[str, Any]) -> None:
        content = part.get("content")
        if isinstance(content, list):
            for piece in _objects(content):
                self._say(_text(piece.get("text")))
                self.has_reasoning |= bool(piece.get("thinking"))
        else:
            self._say(_text(content))
        self.has_reasoning |= any(bool(part.get(key)) for key in ("reasoning_content", "reasoning"))
        self.has_tool_call |= bool(part.get("tool_calls") or part.get("function_call"))
        self.has_refusal |= bool(part.get("refusal"))

    def _say(self, text: str | None) -> None:
        if text:
            self.has_content = True
            self.text = (self.text + text)[:_MAX_TEXT]


def _objects(value: object) -> list[dict[str, Any]]:
    """The objects in a list; anything else in it, and anything else than a list, is none."""
    return [o for o in value if isinstance(o, dict)] if isinstance(value, list) else []


def _text(value: object) -> str | None:
    return value if isinstance(value, str) and value else None
