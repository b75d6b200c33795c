"""Noticed: what was noticed and is told once, and what is said of it."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, NamedTuple

from monitor.domain.alerts import Severity


@dataclass(frozen=True, slots=True)
class Noticed:
    """A notice as it is told; `facts` is what was known when it was noticed, at `at_ms`."""

    rule: str
    subject: str
    provider: str
    severity: Severity
    at_ms: int
    facts: Mapping[str, Any]


class Words(NamedTuple):
    """What is said of a notice, and the path of its page."""

    title: str
    lines: tuple[str, ...]
    path: str = "/alerts"
