"""The answer of a Gemini endpoint, put together from pieces of one shape, or from one of them."""

from typing import Any, ClassVar

from monitor.domain.outcomes import Outcome
from monitor.domain.usage import Usage
from monitor.wire import gemini_usage
from monitor.wire.answers import Answer, object_of, objects, spell, text_of
from monitor.wire.bodies import BodyError
from monitor.wire.complaints import complaint_of

#: What a finish reason says of the call. Google names more, and keeps the list open: those are
#: not ok, and blamed on nobody.
FINISHES = {
    "STOP": Outcome.OK,
    "MAX_TOKENS": Outcome.OK,
    "SAFETY": Outcome.CONTENT_FILTER,
    "RECITATION": Outcome.CONTENT_FILTER,
    "BLOCKLIST": Outcome.CONTENT_FILTER,
    "PROHIBITED_CONTENT": Outcome.CONTENT_FILTER,
    "SPII": Outcome.CONTENT_FILTER,
    "MODEL_ARMOR": Outcome.CONTENT_FILTER,
    "IMAGE_SAFETY": Outcome.CONTENT_FILTER,
    "IMAGE_PROHIBITED_CONTENT": Outcome.CONTENT_FILTER,
    "IMAGE_RECITATION": Outcome.CONTENT_FILTER,
    "MALFORMED_FUNCTION_CALL": Outcome.MALFORMED,
    "MALFORMED_RESPONSE": Outcome.MALFORMED,
}
_LIMITS = ("MAX_TOKENS",)
_KNOWN = ("candidates", "promptFeedback", "usageMetadata", "modelVersion", "responseId")
_MATTER = ("inlineData", "fileData", "executableCode", "codeExecutionResult")


class GeminiAnswer(Answer):
    """What the pieces so far told. The last usage counts: it is cumulative."""

    finishes: ClassVar = FINISHES
    limits: ClassVar = _LIMITS

    def take(self, document: object) -> None:
        for piece in document if isinstance(document, list) else [document]:
            self._take_piece(piece)

    def leaves(self) -> Usage | None:
        return None if self.usage is None else gemini_usage.usage(self.usage)

    def _take_piece(self, piece: object) -> None:
        if not isinstance(piece, dict):
            raise BodyError("JSON that is no Gemini answer")
        if piece.get("error"):
            self.complaint = complaint_of(piece)
            return
        if not any(key in piece for key in _KNOWN):
            raise BodyError("JSON that is no Gemini answer: it has neither candidates nor usage")
        self.id = text_of(piece.get("responseId")) or self.id
        self.model = text_of(piece.get("modelVersion")) or self.model
        if isinstance(usage := piece.get("usageMetadata"), dict):
            self.usage = usage
        self._take_feedback(object_of(piece.get("promptFeedback")))
        for candidate in objects(piece.get("candidates")):
            self._take_candidate(candidate)

    def _take_feedback(self, feedback: dict[str, Any]) -> None:
        """A prompt that is blocked has no candidates, and why it is blocked ends the answer."""
        if reason := text_of(feedback.get("blockReason")):
            self.has_refusal = True
            self.finish_reason = reason

    def _take_candidate(self, candidate: dict[str, Any]) -> None:
        for part in objects(object_of(candidate.get("content")).get("parts")):
            self._take_part(part)
        self.finish_reason = text_of(candidate.get("finishReason")) or self.finish_reason
        self.remark = text_of(candidate.get("finishMessage")) or self.remark

    def _take_part(self, part: dict[str, Any]) -> None:
        if part.get("thought") is True:
            self.think(part.get("text"))
        else:
            self.say(text_of(part.get("text")))
        if isinstance(call := part.get("functionCall"), dict):
            self.call_tool(spell(call.get("args")))
        self.has_content |= any(part.get(kind) for kind in _MATTER)
