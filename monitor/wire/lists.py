"""Lists: the models that a server has, read in little memory however many there are.

A catalogue can be a megabyte of text, and ten as objects. A long one is read model by model, and
the beginning of it, as far as the budgets go, is the list.
"""

import json
import re
import sys
from typing import Any

from monitor.wire.bodies import MAX_ANSWER_VALUES, BodyError, count_values, parse

MAX_LIST_BYTES = 384 * 1024
_LONG_BYTES = 128 * 1024
_MAX_MODEL_LENGTH = 16 * 1024
_MAX_NAME_LENGTH = 256
_MAX_FIELDS = 32
#: What the models that are built of a long list may take.
_MAX_BUILT_BYTES = 512 * 1024
_ENTRY_BYTES = 100
_BLANK = re.compile(r"[ \t\r\n]*")


def read_list(body: bytearray) -> Any:  # noqa: ANN401
    """A list of models as parsed JSON; of a long one the beginning, and only each model's names.

    Raises BodyError where it is none.
    """
    if len(body) <= _LONG_BYTES and count_values(body) <= MAX_ANSWER_VALUES:
        return parse(body, MAX_ANSWER_VALUES)
    # Names are ASCII; one other character would make the whole text four times as large.
    return _Scan(body.decode("ascii", "ignore")).document()


class _Scan:
    """A place in a long text, and the room that is left for what is built of it."""

    def __init__(self, text: str) -> None:
        self._text = text
        self._at = 0
        self._room = _MAX_BUILT_BYTES
        self._decoder = json.JSONDecoder(parse_float=_nothing, parse_int=_nothing)

    def document(self) -> Any:  # noqa: ANN401
        if self._takes("["):
            return self._elements()
        if not self._takes("{"):
            raise BodyError("not JSON")
        fields: dict[str, Any] = {}
        while isinstance(key := self._value(), str) and self._takes(":"):
            fields[key] = self._elements() if self._takes("[") else _shorten(self._value())
            if not self._takes(",") or self._room <= 0:
                break
        return fields

    def _elements(self) -> list[Any]:
        """The models of a list, up to the first that is cut or broken."""
        found: list[Any] = []
        while self._room > 0 and not self._takes("]"):
            try:
                found.append(_shorten(self._value()))
            except BodyError:
                if not found:
                    raise
                self._room = 0
                break
            self._room -= _size(found[-1])
            self._takes(",")
        return found

    def _takes(self, sign: str) -> bool:
        self._skip_blank()
        is_there = self._text.startswith(sign, self._at)
        self._at += is_there
        return is_there

    def _value(self) -> Any:  # noqa: ANN401
        self._skip_blank()
        part = self._text[self._at : self._at + _MAX_MODEL_LENGTH]
        try:
            value, length = self._decoder.raw_decode(part)
        except (ValueError, RecursionError) as error:
            raise BodyError("not JSON, or a model of over 16 KiB") from error
        if length == len(part):  # a number may go on
            raise BodyError("not JSON, or a model of over 16 KiB")
        self._at += length
        self._room -= _ENTRY_BYTES
        return value

    def _skip_blank(self) -> None:
        blank = _BLANK.match(self._text, self._at)
        self._at = blank.end() if blank else self._at


def _shorten(value: Any) -> Any:  # noqa: ANN401
    """A model without what is deep in it or long."""
    if isinstance(value, dict):
        fields = [(key, inner) for key, inner in value.items() if _is_name(inner)]
        return {sys.intern(key[:_MAX_NAME_LENGTH]): inner for key, inner in fields[:_MAX_FIELDS]}
    return value if _is_name(value) else None


def _is_name(value: object) -> bool:
    return isinstance(value, bool) or (isinstance(value, str) and len(value) <= _MAX_NAME_LENGTH)


def _nothing(_: str) -> None:
    """A number: none is a name, and a long one costs time."""


def _size(model: Any) -> int:  # noqa: ANN401
    values = model.values() if isinstance(model, dict) else ()
    return sys.getsizeof(model) + sum(map(sys.getsizeof, values))
