"""Readers: bodies taken in piece by piece, whole or as events, bounded and never raising."""

from collections.abc import Mapping

from monitor.wire.answers import Answer
from monitor.wire.bodies import MAX_ANSWER_VALUES, MAX_EVENT_VALUES, BodyError, parse
from monitor.wire.errors import OK_STATUSES
from monitor.wire.lines import LineParser
from monitor.wire.lists import MAX_LIST_BYTES
from monitor.wire.sse import SseError, SseParser

MAX_REFUSAL_BYTES = 64 * 1024
MAX_ANSWER_BYTES = 192 * 1024
#: Of an answer that is not ASCII, as its text may take four bytes for each of its own.
MAX_WIDE_BYTES = 128 * 1024
_MAX_PAGE_BYTES = 1024
_MAX_UNREAD_BYTES = 16_384
_BLANK = b" \t\r\n\xef\xbb\xbf"
_DONE = "[DONE]"


class StatusReader:
    """Reads an answer of which only the status counts, and not too much of it."""

    has_token = False

    def __init__(self) -> None:
        self._read = 0

    @property
    def is_done(self) -> bool:
        return self._read >= _MAX_UNREAD_BYTES

    def start(self, status: int, headers: Mapping[str, str]) -> None:
        """Nothing to prepare."""

    def feed(self, piece: bytes) -> None:
        """Only count."""
        self._read += len(piece)

    def close(self) -> None:
        """Nothing to end."""


class WholeReader:
    """The beginning of a body: of one that refuses 64 KiB, of a list half a mebibyte."""

    has_token = False

    def __init__(self) -> None:
        self.body = bytearray()
        self._max_bytes = MAX_LIST_BYTES

    @property
    def is_done(self) -> bool:
        return len(self.body) >= self._max_bytes

    def start(self, status: int, headers: Mapping[str, str]) -> None:  # noqa: ARG002
        self._max_bytes = MAX_LIST_BYTES if status in OK_STATUSES else MAX_REFUSAL_BYTES

    def feed(self, piece: bytes) -> None:
        self.body += piece[: self._max_bytes - len(self.body)]

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
        self._is_whole = self._is_refusal = self._is_page = False

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
            self._watch_size()
        elif self._events is not None:
            self._read_events(self._events, piece)

    def close(self) -> None:
        if self._events is not None:
            self._read_events(self._events, None)
            self.problem = None  # a broken last event was cut, not misspelt
        elif self._is_page:
            self._end_page()
        elif self.body and not self._is_refusal:
            self._end_answer()

    def _choose_form(self, start: bytes) -> None:
        """By the first visible byte: servers mislabel all forms."""
        is_json = start[:1] in {b"{", b"["}
        self._is_page = start[:1] == b"<"
        self._is_whole = self._is_page or (is_json and not self._answer.comes_in_lines)
        if start and not self._is_whole:
            self._events = LineParser() if is_json else SseParser()

    def _watch_size(self) -> None:
        if self._is_refusal:
            return
        if self._is_page and len(self.body) >= _MAX_PAGE_BYTES:
            self._end_page()
        elif len(self.body) > MAX_ANSWER_BYTES:
            self.problem = f"an answer of over {MAX_ANSWER_BYTES // 1024} KiB"

    def _end_answer(self) -> None:
        if len(self.body) > MAX_WIDE_BYTES and not self.body.isascii():
            self.problem = f"an answer of over {MAX_WIDE_BYTES // 1024} KiB that is not ASCII"
            return
        text = self.body.decode("utf-8", "replace")
        del self.body[_MAX_PAGE_BYTES:]
        self._take(text, MAX_ANSWER_VALUES)

    def _end_page(self) -> None:
        del self.body[_MAX_PAGE_BYTES:]
        self.problem = "HTML instead of an answer"

    def _read_events(self, parser: SseParser | LineParser, piece: bytes | None) -> None:
        try:
            for event in parser.close() if piece is None else parser.feed(piece):
                self.has_events = True
                if event.data.strip() == _DONE:
                    self.is_ended = True
                elif event.data.strip():
                    self._take(event.data, MAX_EVENT_VALUES)
                if self.is_done:
                    return
        except SseError as error:
            self.problem = str(error)

    def _take(self, text: str, max_values: int) -> None:
        try:
            self._answer.take(parse(text, max_values))
        except BodyError as error:
            self.problem = str(error)
