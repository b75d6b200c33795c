"""Answers: what a model said, put together from whatever pieces a flavour sends."""

import json
from collections.abc import Mapping
from typing import Any, ClassVar

from monitor.domain.outcomes import Outcome
from monitor.domain.usage import Usage
from monitor.wire.bodies import BodyError
from monitor.wire.complaints import Complaint  # noqa: TC001 -- one place for names

_MAX_TEXT = 4096
#: JSON has no circles; looking for them would keep what was only begun.
_ENCODER = json.JSONEncoder(default=float, check_circular=False)


class Answer:
    """What the pieces so far told. A flavour subclasses it and takes its own documents.

    `text` is what a reader would see (its first 4,096 characters), `arguments` what was said to
    tools, as text. `usage` is the reported object, its last state. `is_ended` tells whether the
    flavour's own mark of the end was among the pieces. `id` is the answer's own, `remark` what the
    provider says of how it finished, `service_tier` at which tier it was served, in its own word.
    """

    #: Whether it comes as lines of JSON. Else as events, or whole.
    comes_in_lines: ClassVar[bool] = False
    #: What a finish reason says of the call. One that is not here is not ok.
    finishes: ClassVar[Mapping[str, Outcome]] = {}
    #: The finish reasons that mean: the limit on output tokens was reached.
    limits: ClassVar[tuple[str, ...]] = ()

    def __init__(self) -> None:
        self.text = self.arguments = ""
        self.has_content = self.has_reasoning = self.has_tool_call = self.has_refusal = False
        self.is_ended = False
        self.finish_reason: str | None = None
        self.remark: str | None = None
        self.id: str | None = None
        self.model: str | None = None
        self.usage: dict[str, Any] | None = None
        self.service_tier: str | None = None
        self.complaint: Complaint | None = None

    @property
    def has_token(self) -> bool:
        """Whether content, reasoning, a tool call or a refusal has begun; a role is no token."""
        return self.has_content or self.has_reasoning or self.has_tool_call or self.has_refusal

    @property
    def is_done(self) -> bool:
        """Whether it is over. A finish reason is not the end: usage may follow."""
        return self.complaint is not None or self.is_ended

    def take(self, document: object) -> None:
        """Called with each event's JSON, or the whole answer's. Raises BodyError for any other."""
        raise NotImplementedError

    def leaves(self) -> Usage | None:
        """The usage as disjoint leaves; `None` where none is known. Raises ContradictoryUsage."""
        raise NotImplementedError

    def cost_nano_usd(self) -> int | None:
        """What the provider itself says that the call cost."""
        return None

    def echoed_tier(self) -> str | None:
        """The service tier in the provider's word: of the answer, else of its usage."""
        return self.service_tier or tier_in(self.usage)

    def say(self, text: str | None) -> None:
        """Visible text has come."""
        if text:
            self.has_content = True
            self.text = (self.text + text)[:_MAX_TEXT]

    def call_tool(self, arguments: str | None) -> None:
        """A tool call has begun, or more of its arguments has come."""
        self.has_tool_call = True
        self.arguments = (self.arguments + (arguments or ""))[:_MAX_TEXT]

    def think(self, text: object) -> None:
        """Reasoning that can be seen has come."""
        self.has_reasoning |= bool(text_of(text))


def tier_in(usage: object) -> str | None:
    """The service tier that a reported usage names: Anthropic's word for it, or Gemini's."""
    reported = object_of(usage)
    return text_of(reported.get("service_tier")) or text_of(reported.get("trafficType"))


def objects(value: object) -> list[dict[str, Any]]:
    """The objects in a list; anything else in it, and anything else than a list, is none."""
    return [o for o in value if isinstance(o, dict)] if isinstance(value, list) else []


def text_of(value: object) -> str | None:
    """A text that is not empty; anything else is none."""
    return value if isinstance(value, str) and value else None


def object_of(value: object) -> dict[str, Any]:
    """An object; anything else is an empty one."""
    return value if isinstance(value, dict) else {}


def spell(arguments: object) -> str:
    """The beginning of what is said to a tool as an object, as text; nothing where it is empty.

    Raises BodyError where it is nested too deeply: to write takes a deeper stack than to read.
    """
    text = ""
    try:
        for piece in _ENCODER.iterencode(arguments) if arguments else ():
            text += piece
            if len(text) >= _MAX_TEXT:
                break
    except RecursionError as error:
        raise BodyError("arguments to a tool, nested too deeply") from error
    return text[:_MAX_TEXT]
