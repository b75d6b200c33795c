"""The answer of an Anthropic endpoint, put together from named events, or from one message."""

from itertools import islice
from typing import Any, ClassVar

from monitor.domain.outcomes import Outcome
from monitor.domain.usage import Usage
from monitor.wire import anthropic_usage
from monitor.wire.answers import Answer, object_of, objects, spell, text_of
from monitor.wire.bodies import BodyError
from monitor.wire.complaints import complaint_of

#: What a stop reason says of the call. A turn that pauses for a server's tool did what it could.
FINISHES = {
    "end_turn": Outcome.OK,
    "max_tokens": Outcome.OK,
    "stop_sequence": Outcome.OK,
    "tool_use": Outcome.OK,
    "pause_turn": Outcome.OK,
    "refusal": Outcome.CONTENT_FILTER,
    "model_context_window_exceeded": Outcome.CONTEXT_LENGTH,
}
_LIMITS = ("max_tokens",)
_MAX_COUNTERS = 64
_MAX_NAME = 128
_TOOLS = ("tool_use", "server_tool_use")


class AnthropicAnswer(Answer):
    """What the events so far told. Events that we do not know are passed over, as agreed.

    Usage is cumulative: each count that comes replaces the one before. The output's is known only
    from the last of them; what a message begins with is a placeholder.
    """

    finishes: ClassVar = FINISHES
    limits: ClassVar = _LIMITS

    def __init__(self) -> None:
        super().__init__()
        self._is_output_counted = False
        self._is_calling = False

    def take(self, document: object) -> None:
        if not isinstance(document, dict):
            raise BodyError("JSON that is no message")
        kind = document.get("type")
        if document.get("error") or kind == "error":
            self.complaint = complaint_of(document)
            return
        if not isinstance(kind, str):
            raise BodyError("JSON that is neither a message nor an event of one")
        self._take_event(kind, document)

    def leaves(self) -> Usage | None:
        if self.usage is None or not self._is_output_counted:
            return None
        return anthropic_usage.usage(self.usage)

    def _take_event(self, kind: str, document: dict[str, Any]) -> None:
        match kind:
            case "message":
                self._take_message(document)
            case "message_start":
                self._begin(object_of(document.get("message")))
            case "content_block_start":
                self._take_block(object_of(document.get("content_block")))
            case "content_block_delta":
                self._take_delta(object_of(document.get("delta")))
            case "content_block_stop":
                self._end_block()
            case "message_delta":
                self._finish(object_of(document.get("delta")), document.get("usage"))
            case "message_stop":
                self.is_ended = True
            case _:
                pass  # `ping`, and whatever will be added

    def _take_message(self, message: dict[str, Any]) -> None:
        self._begin(message)
        for block in objects(message.get("content")):
            self._take_block(block)
            self._end_block()
        self._finish(message, message.get("usage"))
        self.is_ended = True

    def _begin(self, message: dict[str, Any]) -> None:
        self.id = text_of(message.get("id"))
        self.model = text_of(message.get("model"))
        self._count(message.get("usage"))

    def _take_block(self, block: dict[str, Any]) -> None:
        self.say(text_of(block.get("text")))
        self.think(block.get("thinking"))
        self._is_calling = block.get("type") in _TOOLS
        if arguments := spell(block.get("input")):
            self.call_tool(arguments)

    def _end_block(self) -> None:
        """A call without arguments is one all the same; its start alone is no token."""
        self.has_tool_call |= self._is_calling

    def _take_delta(self, delta: dict[str, Any]) -> None:
        self.say(text_of(delta.get("text")))
        self.think(delta.get("thinking"))
        if arguments := text_of(delta.get("partial_json")):
            self.call_tool(arguments)

    def _finish(self, delta: dict[str, Any], usage: object) -> None:
        self.finish_reason = text_of(delta.get("stop_reason")) or self.finish_reason
        details = object_of(delta.get("stop_details"))
        told = (text_of(details.get(key)) for key in ("category", "explanation"))
        self.remark = ": ".join(part for part in told if part) or self.remark
        self._count(usage)
        self._is_output_counted |= object_of(usage).get("output_tokens") is not None

    def _count(self, usage: object) -> None:
        if isinstance(usage, dict):
            merged = (self.usage or {}) | _small(usage)
            self.usage = dict(islice(merged.items(), _MAX_COUNTERS))


def _small(value: Any, depth: int = 2) -> Any:  # noqa: ANN401
    """A counter, a word or an object of them, without what is null.

    Many events add up to one usage, so nothing may stay of them that is long or deep.
    """
    match value:
        case dict() if depth:
            entries = ((name, _small(each, depth - 1)) for name, each in value.items())
            told = (it for it in entries if it[1] is not None and len(it[0]) <= _MAX_NAME)
            return dict(islice(told, _MAX_COUNTERS))
        case str():
            return value[:_MAX_NAME]
        case dict() | list():
            return None
        case _:
            return value
