"""The answer of an OpenAI Responses endpoint, put together from events, or from one response."""

from typing import Any, ClassVar

from monitor.domain.outcomes import Outcome
from monitor.domain.usage import Usage
from monitor.wire import responses_usage
from monitor.wire.answers import Answer, object_of, objects, text_of
from monitor.wire.bodies import BodyError
from monitor.wire.complaints import complaint_of

#: What a status says of the call, or the reason why a response is incomplete.
FINISHES = {
    "completed": Outcome.OK,
    "max_output_tokens": Outcome.OK,
    "content_filter": Outcome.CONTENT_FILTER,
}
_LIMITS = ("max_output_tokens",)
_ENDS = ("response.completed", "response.incomplete", "response.failed")
_THOUGHTS = ("response.reasoning_text.delta", "response.reasoning_summary_text.delta")


class ResponsesAnswer(Answer):
    """What the events so far told. Events that we do not know are passed over.

    The last event holds the whole response: what no event told in pieces is taken from there.
    """

    finishes: ClassVar = FINISHES
    limits: ClassVar = _LIMITS

    def take(self, document: object) -> None:
        if not isinstance(document, dict):
            raise BodyError("JSON that is no response")
        kind = document.get("type")
        if document.get("object") == "response":
            self._take_response(document)
        elif document.get("error") or kind == "error":
            self.complaint = complaint_of(document)
        elif isinstance(kind, str):
            self._take_event(kind, document)
        else:
            raise BodyError("JSON that is neither a response nor an event of one")

    def leaves(self) -> Usage | None:
        return None if self.usage is None else responses_usage.usage(self.usage)

    def _take_event(self, kind: str, event: dict[str, Any]) -> None:
        delta = text_of(event.get("delta"))
        match kind:
            case "response.output_text.delta":
                self.say(delta)
            case "response.refusal.delta":
                self.has_refusal |= delta is not None
            case "response.function_call_arguments.delta" if delta:
                self.call_tool(delta)
            case _ if kind in _THOUGHTS:
                self.think(delta)
            case _ if kind in _ENDS:
                self._take_response(object_of(event.get("response")))
            case _:
                pass  # what begins and what is done with, which tell nothing new

    def _take_response(self, response: dict[str, Any]) -> None:
        self.id = text_of(response.get("id"))
        self.model = text_of(response.get("model"))
        self.service_tier = text_of(response.get("service_tier"))
        if isinstance(usage := response.get("usage"), dict):
            self.usage = usage
        reason = object_of(response.get("incomplete_details")).get("reason")
        self.finish_reason = text_of(reason) or text_of(response.get("status"))
        self._take_output(objects(response.get("output")))
        if response.get("error") or self.finish_reason == "failed":
            error = response.get("error") or {"message": "the response failed, without a reason"}
            self.complaint = complaint_of({"error": error})
        self.is_ended = True

    def _take_output(self, items: list[dict[str, Any]]) -> None:
        is_heard, is_called = self.has_content, self.has_tool_call
        for item in items:
            for part in objects(item.get("summary")) + objects(item.get("content")):
                self._take_part(part, is_heard=is_heard)
            if item.get("type") == "function_call" and not is_called:
                self.call_tool(text_of(item.get("arguments")))

    def _take_part(self, part: dict[str, Any], *, is_heard: bool) -> None:
        match part.get("type"):
            case "output_text" if not is_heard:
                self.say(text_of(part.get("text")))
            case "refusal":
                self.has_refusal |= text_of(part.get("refusal")) is not None
            case "summary_text" | "reasoning_text":
                self.think(part.get("text"))
            case _:
                pass
