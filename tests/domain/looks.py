"""Looks of a monitor at itself that are well but for what a test says."""

from typing import Any

from monitor.domain.vitals import Vitals


def look(at_ms: int, **more: Any) -> Vitals:
    """One at an instant."""
    numbers: dict[str, Any] = dict.fromkeys(Vitals.__slots__, 0)
    return Vitals(**numbers | {"at_ms": at_ms, "is_writable": True} | more)
