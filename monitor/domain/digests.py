"""Digests: many alerts told as one, since they waited for it or are over meanwhile."""

from dataclasses import dataclass

from monitor.domain.alerts import AlertKind, Telling


@dataclass(frozen=True, slots=True)
class Entry:
    """One alert: whom it befell, from when to when; `to_ms` is `None` while it lasts."""

    subject: str
    kind: AlertKind
    from_ms: int
    to_ms: int | None


@dataclass(frozen=True, slots=True)
class Digest:
    """What one message tells of: alerts of [from_ms, to_ms), in the order of their beginning."""

    telling: Telling
    from_ms: int
    to_ms: int
    entries: tuple[Entry, ...]
