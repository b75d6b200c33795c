"""The answer of an OpenAI Chat endpoint, put together from chunks, or from one document."""

from typing import Any

from monitor.domain.outcomes import Outcome
from monitor.domain.usage import Usage
from monitor.wire import openai_usage
from monitor.wire.answers import Answer, objects, text_of
from monitor.wire.bodies import BodyError
from monitor.wire.complaints import complaint_of

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
_LIMITS = ("length", "model_length")


class OpenAiAnswer(Answer):
    """What the chunks so far told. `take` raises BodyError for JSON that is no chunk.

    The last usage that is not null counts: some servers send one in each chunk.
    """

    finishes = FINISHES
    limits = _LIMITS

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
        self.id = text_of(document.get("id")) or self.id
        self.model = text_of(document.get("model")) or self.model
        self.service_tier = text_of(document.get("service_tier")) or self.service_tier
        for choice in objects(choices):
            self._take_choice(choice)

    def leaves(self) -> Usage | None:
        return None if self.usage is None else openai_usage.usage(self.usage)

    def cost_nano_usd(self) -> int | None:
        return None if self.usage is None else openai_usage.cost_nano_usd(self.usage)

    def _take_choice(self, choice: dict[str, Any]) -> None:
        if choice.get("error"):
            self.complaint = complaint_of({"error": choice["error"]})
        for part in objects([choice.get("delta"), choice.get("message")]):
            self._take_part(part)
        self.finish_reason = text_of(choice.get("finish_reason")) or self.finish_reason

    def _take_part(self, part: dict[str, Any]) -> None:
        content = part.get("content")
        if isinstance(content, list):
            for piece in objects(content):
                self.say(text_of(piece.get("text")))
                self.has_reasoning |= bool(piece.get("thinking"))
        else:
            self.say(text_of(content))
        self.has_reasoning |= any(bool(part.get(key)) for key in ("reasoning_content", "reasoning"))
        self.has_refusal |= bool(part.get("refusal"))
        for call in _tool_calls(part):
            function = call.get("function", call)
            arguments = function.get("arguments") if isinstance(function, dict) else None
            self.call_tool(text_of(arguments))


def _tool_calls(part: dict[str, Any]) -> list[dict[str, Any]]:
    return objects(part.get("tool_calls")) or objects([part.get("function_call")])
