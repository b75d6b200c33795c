"""Readers: bodies taken in piece by piece, whole or as events, bounded and never raising."""

from collections.abc import Mapping

from monitor.wire.answers import Answer
from monitor.wire.bodies import MAX_LIST_VALUES, BodyError, parse
from monitor.wire.errors import OK_STATUSES
from monitor.wire.lines import LineParser
from monitor.wire.sse import SseError, SseParser

MAX_REFUSAL_BYTES = 64 * 1024
MAX_ANSWER_BYTES = 256 * 1024
_BLANK = b" \t\r\n\xef\xbb\xbf"
_DONE = "[DONE]"


class WholeReader:
    """A body kept as a whole; of one that refuses, at most 64 KiB."""

    has_token = False

    def __init__(self) -> None:
        self.body = bytearray()
        self._is_refusal = False

    @property
    def is_done(self) -> bool:
        return self._is_refusal and len(self.body) >= MAX_REFUSAL_BYTES

    def start(self, status: int, headers: Mapping[str, str]) -> None:  # noqa: ARG002
        self._is_refusal = status not in OK_STATUSES

    def feed(self, piece: bytes) -> None:
        self.body += piece

    def close(self) -> None:
        """Nothing to do: the body is what it is."""


class AnswerReader:
    """An answer in whatever form it comes: events, lines, one JSON document, or a refusal.

    `problem` says why it cannot be understood, and `body` holds what came that was no event.
    `has_events` tells whether at least one event was read, `is_ended` whether `[DONE]` was.
    """

    def __init__(self, answer: Answer) -> None:
        self.problem: str | None = None
        self.has_events = False
        self.is_ended = False
        self._answer = answer
        self._whole = WholeReader()
        self._events: SseParser | LineParser | None = None
        self._is_whole = self._is_refusal = False

    @property
    def body(self) -> bytearray:
        return self._whole.body

    @property
    def has_token(self) -> bool:
        return self._answer.has_token

    @property
    def is_done(self) -> bool:
        is_over = self.is_ended or self._answer.is_done or self.problem is not None
        return is_over or self._whole.is_done

    def start(self, status: int, headers: Mapping[str, str]) -> None:
        self._whole.start(status, headers)
        self._is_whole = self._is_refusal = status not in OK_STATUSES

    def feed(self, piece: bytes) -> None:
        if not self._is_whole and self._events is None:
            piece = piece.lstrip(_BLANK)
            self._choose_form(piece)
        if self._is_whole:
            self._whole.feed(piece)
            if len(self.body) > MAX_ANSWER_BYTES and not self._is_refusal:
                self.problem = f"an answer of over {MAX_ANSWER_BYTES // 1024} KiB"
        elif self._events is not None:
            self._read_events(self._events, piece)

    def close(self) -> None:
        if self._events is not None:
            self._read_events(self._events, None)
            self.problem = None  # a broken last event was cut, not misspelt
        elif self.body and not self._is_refusal:
            self._take(self.body)

    def _choose_form(self, start: bytes) -> None:
        """By the first visible byte: servers mislabel both forms."""
        if start[:1] == b"<":
            self.problem = "HTML instead of an answer"
            self._whole.feed(start[:MAX_REFUSAL_BYTES])
        elif start[:1] in {b"{", b"["}:
            self._is_whole = not self._answer.comes_in_lines
            self._events = LineParser() if self._answer.comes_in_lines else None
        elif start:
            self._events = SseParser()

    def _read_events(self, parser: SseParser | LineParser, piece: bytes | None) -> None:
        try:
            for event in parser.close() if piece is None else parser.feed(piece):
                self.has_events = True
                if event.data.strip() == _DONE:
                    self.is_ended = True
                elif event.data.strip():
                    self._take(event.data)
                if self.is_done:
                    return
        except SseError as error:
            self.problem = str(error)

    def _take(self, text: str | bytearray) -> None:
        try:
            self._answer.take(parse(text))
        except BodyError as error:
            self.problem = str(error)


def read_list(body: bytearray) -> object:
    """A list of models as parsed JSON; raises BodyError where it is none."""
    return parse(body, MAX_LIST_VALUES)
