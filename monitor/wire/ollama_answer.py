"""The answer of Ollama, put together from lines, or from one document."""

from decimal import Decimal

from monitor.domain.outcomes import Outcome
from monitor.domain.usage import Usage
from monitor.wire.answers import Answer, object_of, objects, spell, text_of
from monitor.wire.bodies import BodyError
from monitor.wire.complaints import complaint_of
from monitor.wire.counts import count

#: What a finish reason says of the call. The last two say that no word was asked of the model.
FINISHES = {
    "stop": Outcome.OK,
    "length": Outcome.OK,
    "load": Outcome.EMPTY_RESPONSE,
    "unload": Outcome.EMPTY_RESPONSE,
}
_COUNTS = ("prompt_eval_count", "eval_count")
_DURATIONS = ("total_duration", "load_duration", "prompt_eval_duration", "eval_duration")
_NANO_PER_S = 1_000_000_000
_COLD_S = 1


class OllamaAnswer(Answer):
    """What the lines so far told. `take` raises BodyError for JSON that is no chat.

    `usage` holds the counts and durations of the last line, in nanoseconds.
    """

    comes_in_lines = True
    finishes = FINISHES
    limits = ("length",)

    def take(self, document: object) -> None:
        told = object_of(document)
        if told.get("error"):
            self.complaint = complaint_of(document)
            return
        if "message" not in told and "done" not in told:
            raise BodyError("JSON that is no chat: it has neither a message nor its end")
        self.model = text_of(told.get("model")) or self.model
        message = object_of(told.get("message"))
        self.say(text_of(message.get("content")))
        self.think(message.get("thinking"))
        for call in objects(message.get("tool_calls")):
            self.call_tool(spell(object_of(call.get("function")).get("arguments")))
        if told.get("done") is True:
            self._end(told)

    def leaves(self) -> Usage | None:
        """The counts; a count of output that is missing is a zero that the server left out.

        That of input is missing for a prompt out of its cache too, and so says nothing.
        """
        if self.usage is None:
            return None
        said, asked = count(self.usage, "eval_count"), count(self.usage, "prompt_eval_count")
        return None if asked is None else Usage(input=asked, output=said or 0)

    def _end(self, told: dict[str, object]) -> None:
        self.is_ended = True
        self.finish_reason = text_of(told.get("done_reason")) or self.finish_reason
        self.usage = {key: told[key] for key in (*_COUNTS, *_DURATIONS) if key in told} or None
        loading = told.get("load_duration")
        if isinstance(loading, int | Decimal) and loading >= _COLD_S * _NANO_PER_S:
            self.remark = f"the model was loaded first, which took {loading / _NANO_PER_S:.1f} s"
