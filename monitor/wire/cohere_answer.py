"""The answer of Cohere, put together from events, or from one document."""

from typing import Any

from monitor.domain.outcomes import Outcome
from monitor.domain.usage import Usage
from monitor.wire.answers import Answer, object_of, objects, text_of
from monitor.wire.bodies import BodyError
from monitor.wire.complaints import complaint_of
from monitor.wire.counts import count, object_in

#: What a finish reason says of the call. One that we do not know is not ok.
FINISHES = {
    "COMPLETE": Outcome.OK,
    "STOP_SEQUENCE": Outcome.OK,
    "MAX_TOKENS": Outcome.OK,
    "TOOL_CALL": Outcome.OK,
    "ERROR": Outcome.SERVER_ERROR,
    "TIMEOUT": Outcome.TIMEOUT_TOTAL,
}


class CohereAnswer(Answer):
    """What the events so far told. `take` raises BodyError for JSON that is no chat."""

    finishes = FINISHES
    limits = ("MAX_TOKENS",)

    def take(self, document: object) -> None:
        told = object_of(document)
        self.id = text_of(told.get("id")) or self.id
        if text_of(told.get("type")) is not None:
            self._take_event(told)
        elif isinstance(told.get("message"), dict):
            self._take_message(object_of(told["message"]))
            self._end(told)
        elif told.get("error") or text_of(told.get("message")):
            self.complaint = complaint_of(told)
        else:
            raise BodyError("JSON that is no chat: it has neither a type nor a message")

    def leaves(self) -> Usage | None:
        """What is billed: the tokens that Cohere adds to a prompt of its own are not.

        `cached_tokens` is a part of all tokens, not of those billed, and has no price.
        """
        if self.usage is None:
            return None
        counted = object_in(self.usage, "billed_units") or object_in(self.usage, "tokens")
        asked, said = count(counted, "input_tokens"), count(counted, "output_tokens")
        if asked is None or said is None:
            return None
        return Usage(input=asked, output=said, searches=count(counted, "search_units") or 0)

    def _take_event(self, event: dict[str, Any]) -> None:
        delta = object_of(event.get("delta"))
        message = object_of(delta.get("message"))
        match event["type"]:
            case "content-start" | "content-delta":
                self._take_piece(object_of(message.get("content")))
            case "tool-plan-delta":
                self.think(message.get("tool_plan"))
            case "tool-call-start" | "tool-call-delta":
                self._take_call(object_of(message.get("tool_calls")))
            case "message-end":
                self._end(delta)
            case _:
                pass  # citations, and what is yet to come

    def _take_message(self, message: dict[str, Any]) -> None:
        for piece in objects(message.get("content")):
            self._take_piece(piece)
        for call in objects(message.get("tool_calls")):
            self._take_call(call)
        self.think(message.get("tool_plan"))

    def _take_piece(self, piece: dict[str, Any]) -> None:
        self.say(text_of(piece.get("text")))
        self.think(piece.get("thinking"))

    def _take_call(self, call: dict[str, Any]) -> None:
        self.call_tool(text_of(object_of(call.get("function")).get("arguments")))

    def _end(self, told: dict[str, Any]) -> None:
        self.is_ended = True
        self.finish_reason = text_of(told.get("finish_reason"))
        self.usage = object_of(told.get("usage")) or None
        error = text_of(told.get("error"))
        if error is not None and self.finish_reason in {None, "ERROR"}:
            self.complaint = complaint_of({"error": error})
        self.remark = error
