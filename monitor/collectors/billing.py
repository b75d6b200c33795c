"""Billing: how the usage interfaces of providers are asked for days, page by page, and read."""

from collections.abc import Callable, Mapping
from datetime import UTC, date, datetime
from decimal import Decimal, InvalidOperation
from typing import Any, NamedTuple

from monitor.domain.bills import BillLine, Span
from monitor.domain.money import nano_from_usd
from monitor.domain.secrets import redact

_LONGEST = 200
_LONGEST_CURSOR = 4_096
_MOST_USD = 10**9
_MOST_SECONDS = 2**33
_MOST_COUNTED = 2**53
_EPOCH = date(1970, 1, 1).toordinal()


class BadBill(ValueError):
    """An answer that is not understood: what it says of money is not believed in part."""


class Asking(NamedTuple):
    """One GET: a path below the base URL, its query, and headers with the key."""

    path: str
    query: tuple[tuple[str, str], ...]
    headers: Mapping[str, str]


class Page(NamedTuple):
    """What a page says, and by what the next one is asked for; `None`: that was all."""

    lines: tuple[BillLine, ...]
    following: str | None = None


class Collector(NamedTuple):
    """A provider's interface: how to ask for days (and a page of them), and how to read one."""

    ask: Callable[[str, Span, str | None], Asking]
    read: Callable[[Any], Page]


def part(value: object, key: str, kind: type) -> Any:  # noqa: ANN401
    """A member of an object. Raises BadBill where it is none of that kind."""
    found = value.get(key) if isinstance(value, Mapping) else None
    if not isinstance(found, kind):
        raise BadBill(f"{key} is missing, or is no {kind.__name__}")
    return found


def entries(value: object, key: str) -> list[Mapping[str, Any]]:
    """A list of objects. Raises BadBill where it is none, or one of them is no object."""
    found: list[Mapping[str, Any]] = part(value, key, list)
    if not all(isinstance(each, Mapping) for each in found):
        raise BadBill(f"{key} holds what is no object")
    return found


def text(value: object) -> str:
    """A text that may be shown, cut, without what looks like a key; "" where it is none."""
    shown = value[:_LONGEST] if isinstance(value, str) else ""
    return redact("".join(c if c.isprintable() else " " for c in shown)).strip()


def count(value: object) -> int | None:
    """A whole number that is not below zero; `None` where it is none."""
    if isinstance(value, bool) or not isinstance(value, int):
        return None
    return value if 0 <= value < _MOST_COUNTED else None


def nano(value: object, unit: Decimal = Decimal(1)) -> int:
    """An amount in nano-dollars; `unit` is how many dollars one of it is. Raises BadBill."""
    try:
        amount = Decimal(str(value)) * unit
    except InvalidOperation:
        raise BadBill(f"the amount {text(str(value))!r} is no number") from None
    if isinstance(value, bool) or not amount.is_finite() or abs(amount) > _MOST_USD:
        raise BadBill(f"the amount {text(str(value))!r} is out of bounds")
    return nano_from_usd(amount)


def day_of_seconds(value: object) -> int:
    """The UTC day of seconds since 1970. Raises BadBill."""
    seconds = count(value)
    if seconds is None or seconds > _MOST_SECONDS:
        raise BadBill(f"the time {text(str(value))!r} is none")
    return datetime.fromtimestamp(seconds, UTC).toordinal()


def day_of_text(value: object) -> int:
    """The UTC day of an ISO 8601 date or instant. Raises BadBill."""
    shown = text(value)
    try:
        return date.fromisoformat(shown[:10]).toordinal()
    except ValueError:
        raise BadBill(f"the day {shown!r} is none") from None


def following(document: object) -> str | None:
    """The cursor of the next page, where there is one. Raises BadBill."""
    if not isinstance(document, Mapping) or document.get("has_more") is not True:
        return None
    cursor = document.get("next_page")
    if not isinstance(cursor, str) or not cursor or len(cursor) > _LONGEST_CURSOR:
        raise BadBill("has_more is true without a next_page")
    return cursor


def start_ms(day: int) -> int:
    """The first instant of a UTC day."""
    return (day - _EPOCH) * 86_400_000
