"""Cells: the words of a file as the values of an event. Readers raise ValueError, and say why."""

import json
import math
import re
from collections.abc import Callable
from decimal import Decimal, InvalidOperation
from typing import Any

from monitor.domain.addresses import plain_url
from monitor.domain.money import nano_from_usd, usd_from_nano

Read = Callable[[str], Any]
#: What stands for "not told".
NOTHING = frozenset(
    {"", "null", "NULL", "None", "none", "nan", "NaN", "N/A", "n/a", "NA", "\\N", "-"}
)
_SHOWN = 40
_DIGITS = 15
_ERROR = 8_192
_YES, _NO = frozenset({"true", "t", "yes", "y", "1"}), frozenset({"false", "f", "no", "n", "0"})
#: Other words for what is an outcome here; who says no more than "failed" does not know which.
_OUTCOMES = {
    "success": "ok",
    "succeeded": "ok",
    "successful": "ok",
    "completed": "ok",
    "error": "unknown",
    "failure": "unknown",
    "failed": "unknown",
    "cancelled": "unknown",
}
#: How spreadsheets are kept from making a number of a text.
_QUOTED = re.compile(r'="(.*)"', re.DOTALL)


def text(cell: str) -> str:
    """A text as it is, but for a spreadsheet's quotes."""
    quoted = _QUOTED.fullmatch(cell) if cell.startswith("=") else None
    return cell if quoted is None else quoted[1]


def url(cell: str) -> str:
    """A URL without what may be secret in it."""
    return plain_url(text(cell))


def beginning(cell: str) -> str:
    """So much of an error as is read."""
    return cell[:_ERROR]


def outcome(cell: str) -> str:
    """An outcome class, by other words too."""
    word = cell.lower()
    return _OUTCOMES.get(word, word)


def flag(cell: str) -> bool:
    """True or false."""
    word = cell.lower()
    if word not in _YES | _NO:
        raise ValueError(f"{cell[:_SHOWN]!r} is neither true nor false")
    return word in _YES


def count(cell: str) -> int:
    """A whole number that is not below zero; 12.0 is one."""
    if not (cell.isdecimal() and cell.isascii()):
        cell = cell.rstrip("0").removesuffix(".") if "." in cell else cell
        if not (cell.removeprefix("-").isdecimal() and cell.isascii()):
            raise ValueError(f"{cell[:_SHOWN]!r} is no whole number")
    if len(cell) > _DIGITS:
        raise ValueError(f"{cell[:_SHOWN]!r} is too large")
    number = int(cell)
    if number < 0:
        raise ValueError(f"{number} is below zero")
    return number


def seconds(per_s: int) -> Read:
    """Durations, of which so many are a second."""

    def read(cell: str) -> float:
        try:
            number = float(cell)
        except ValueError:
            raise ValueError(f"{cell[:_SHOWN]!r} is no number") from None
        if not math.isfinite(number) or number < 0 or "_" in cell:
            raise ValueError(f"{cell[:_SHOWN]!r} is no duration")
        return number / per_s

    return read


def dollars(per_usd: int) -> Read:
    """Money, of which so many are a dollar: dollars as text, exact to the nano-dollar."""

    def read(cell: str) -> str:
        try:
            amount = Decimal(cell.removeprefix("$"))
        except InvalidOperation:
            raise ValueError(f"{cell[:_SHOWN]!r} is no amount") from None
        if not amount.is_finite() or amount < 0 or amount.adjusted() > _DIGITS or "_" in cell:
            raise ValueError(f"{cell[:_SHOWN]!r} is no amount")
        return str(usd_from_nano(nano_from_usd(amount / per_usd)))

    return read


def comma(read: Read) -> Read:
    """The same where a comma is the decimal point: 1.234,5."""
    return lambda cell: read(cell.replace(".", "").replace(",", "."))


def document(cell: Any) -> dict[str, Any]:  # noqa: ANN401 -- JSON, read or not
    """An object, or the JSON text of one."""
    found = cell
    if isinstance(cell, str):
        try:
            found = json.loads(cell)
        except (ValueError, RecursionError):
            raise ValueError("is no JSON") from None
    if not isinstance(found, dict):
        raise ValueError("is no object")  # noqa: TRY004 -- of the cell, not of a caller
    return found


def labels(cell: Any) -> dict[str, str]:  # noqa: ANN401 -- as above
    """Tags: an object of texts, or a list of words."""
    if isinstance(cell, str) and not cell.startswith("{"):
        found: dict[str, Any] = {word.strip(): "yes" for word in cell.split(",") if word.strip()}
    elif isinstance(cell, list):
        found = {str(word): "yes" for word in cell}
    else:
        found = document(cell)
    told = ((str(name), str(value)) for name, value in found.items() if value is not None)
    return {name: value for name, value in told if value}
