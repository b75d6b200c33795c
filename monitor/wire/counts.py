"""Counts: numbers of tokens out of a reported usage object, each of them really a count."""

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from monitor.domain.usage import ContradictoryUsage

_MAX_COUNT = 10**12


def count(fields: Mapping[str, Any], name: str) -> int | None:
    """A count; `None` where it is not told. Raises ContradictoryUsage where it is no count."""
    value = fields.get(name)
    if value is None:
        return None
    if isinstance(value, bool) or not isinstance(value, int | Decimal):
        raise ContradictoryUsage(f"{name} is no number")
    if not 0 <= value <= _MAX_COUNT or value != int(value):
        raise ContradictoryUsage(f"{name} is {value:.6g}, which is no count of tokens")
    return int(value)


def rest(name: str, whole: int, *parts: int) -> int:
    """What of a whole is in none of its parts. Raises ContradictoryUsage where they exceed it."""
    left = whole - sum(parts)
    if left < 0:
        raise ContradictoryUsage(f"{name} is {whole}, less than its parts ({sum(parts)})")
    return left


def check_total(name: str, total: int | None, *parts: int) -> None:
    """Raises ContradictoryUsage where a total was told that is not the sum of what was told."""
    if total is not None and total != sum(parts):
        raise ContradictoryUsage(f"{name} is {total}, its parts are {sum(parts)} together")


def object_in(fields: Mapping[str, Any], name: str) -> Mapping[str, Any]:
    """An object inside another; an empty one where there is none."""
    value = fields.get(name)
    return value if isinstance(value, dict) else {}
