"""Targets: what a column can be. Each is a field of an event (`docs/ingest.md`), and its unit."""

from collections.abc import Callable
from enum import StrEnum
from typing import Any, NamedTuple
from zoneinfo import ZoneInfo

from monitor.domain.usage import LEAVES
from monitor.imports import cells, instants

Read = Callable[[Any], Any]
_UTC = ZoneInfo("UTC")
TAG, REPORTED = "tags.", "usage_reported."


class Shelf(StrEnum):
    """Where in an event a value lies."""

    EVENT = "event"
    USAGE = "usage"
    TAGS = "tags"
    REPORTED = "usage_reported"


class Dialect(NamedTuple):
    """How a file writes times without an offset, all times (for strptime), and fractions."""

    zone: ZoneInfo = _UTC
    time_format: str | None = None
    has_comma: bool = False


class Target(NamedTuple):
    """What a column is: a field on a shelf, and what reads its cells."""

    shelf: Shelf
    field: str
    read: Read
    #: Whether it takes objects as they are, not as text.
    is_raw: bool = False


#: Counts that have others in them: what is left of the first when the others are taken away.
WHOLES = {
    "input_all": (
        "input",
        (
            "cache_read",
            "cache_write_5m",
            "cache_write_1h",
            "cache_write",
            "input_audio",
            "cache_read_audio",
            "input_image",
        ),
    ),
    "output_all": ("output", ("reasoning", "output_audio", "output_image")),
}
_DURATIONS = ("connect", "tls", "first_byte", "ttft", "total")
_INSTANTS = ("started", "ended")
_MONEY = {
    "cost_usd": 1,
    "cost_cents": 100,
    "cost_micro_usd": 1_000_000,
    "cost_nano_usd": 1_000_000_000,
}
_TEXTS = (
    "id",
    "response_id",
    "request_id",
    "endpoint",
    "provider",
    "model",
    "served_model",
    "flavour",
    "service_tier",
    "finish_reason",
    "estimated_by",
    "key",
    "team",
    "project",
    "app",
    "app_title",
    "user",
)
NAMES: tuple[str, ...] = (
    *(f"{name}{unit}" for name in _INSTANTS for unit in ("", "_s", "_ms", "_us", "_ns")),
    *(f"{name}{unit}" for name in _DURATIONS for unit in ("_s", "_ms")),
    *LEAVES,
    *WHOLES,
    *_MONEY,
    *_TEXTS,
    "url",
    "error",
    "http_status",
    "outcome",
    "is_reused",
    "usage_reported",
    "tags",
)


def find(name: str, dialect: Dialect) -> Target:
    """What a target's name means in a file. Raises KeyError where it means nothing."""
    if name.startswith(TAG) and len(name) > len(TAG):
        return Target(Shelf.TAGS, name.removeprefix(TAG), cells.text)
    if name.startswith(REPORTED) and len(name) > len(REPORTED):
        return Target(Shelf.REPORTED, name.removeprefix(REPORTED), cells.count)
    if name in LEAVES or name in WHOLES:
        return Target(Shelf.USAGE, name, cells.count)
    if name in _TEXTS:
        return Target(Shelf.EVENT, name, cells.text)
    found = _PLAIN.get(name) or _instant(name, dialect) or _quantity(name, dialect)
    if found is None:
        raise KeyError(name)
    return found


def is_same(one: str, other: str) -> bool:
    """Whether two targets are the same thing in two units."""
    return one == other or (_stem(one) == _stem(other) and _stem(one) in _STEMS)


def _instant(name: str, dialect: Dialect) -> Target | None:
    stem, _, unit = name.partition("_")
    if stem not in _INSTANTS or name not in NAMES:
        return None
    if unit:
        return Target(Shelf.EVENT, f"{stem}_ms", instants.in_unit(unit))
    read = instants.reader(dialect.zone, dialect.time_format)
    return Target(Shelf.EVENT, f"{stem}_ms", read)


def _quantity(name: str, dialect: Dialect) -> Target | None:
    if name in _MONEY:
        field, read = "cost_usd", cells.dollars(_MONEY[name])
    elif name in NAMES and _stem(name) in _DURATIONS:
        field, read = f"{_stem(name)}_s", cells.seconds(1_000 if name.endswith("_ms") else 1)
    else:
        return None
    return Target(Shelf.EVENT, field, cells.comma(read) if dialect.has_comma else read)


def _stem(name: str) -> str:
    if name in _MONEY:
        return "cost"
    if name in WHOLES:
        return WHOLES[name][0]
    stem = name.rpartition("_")[0]
    return stem if stem in _STEMS else name


_STEMS = frozenset({*_INSTANTS, *_DURATIONS, "cost", "input", "output"})
_PLAIN = {
    "url": Target(Shelf.EVENT, "url", cells.url),
    "error": Target(Shelf.EVENT, "error", cells.beginning),
    "http_status": Target(Shelf.EVENT, "http_status", cells.count),
    "outcome": Target(Shelf.EVENT, "outcome", cells.outcome),
    "is_reused": Target(Shelf.EVENT, "is_reused", cells.flag),
    "usage_reported": Target(Shelf.EVENT, "usage_reported", cells.document, is_raw=True),
    "tags": Target(Shelf.EVENT, "tags", cells.labels, is_raw=True),
}
