"""Lateness: at which channels something should go on, and nothing does."""

import time
from collections.abc import Collection, Iterator
from contextlib import contextmanager

from monitor.storage import rounds
from monitor.storage.engine import Session

#: A message that is under way for so long, or due where nothing is begun, is trouble.
LATE_S = 300.0


class Lateness:
    """What was offered to channels, what was begun, and since when."""

    def __init__(self) -> None:
        #: When the last round ended; `None` before the first, and where another courier delivers.
        self.round_ms: int | None = None
        self._offered_s: dict[str, float] = {}
        self._begun_s: dict[tuple[int, str], float] = {}

    def offer(self, channels: Collection[str]) -> None:
        """These have messages that are due, and no others."""
        now_s = time.monotonic()
        self._offered_s = {name: self._offered_s.get(name, now_s) for name in channels}

    @contextmanager
    def watch(self, alert_id: int, channel: str) -> Iterator[None]:
        """While a message of an alert to a channel is under way."""
        self._begun_s[alert_id, channel] = time.monotonic()
        self._offered_s.pop(channel, None)
        try:
            yield
        finally:
            del self._begun_s[alert_id, channel]

    def names(self) -> list[str]:
        """The channels that are late."""
        until_s = time.monotonic() - LATE_S
        hanging = {channel for (_, channel), at_s in self._begun_s.items() if at_s < until_s}
        left = {channel for channel, at_s in self._offered_s.items() if at_s < until_s}
        return sorted(hanging | left)

    def sign(self, session: Session) -> None:
        """Say in the database when the last round was, as long as nothing is left behind."""
        if self.round_ms is not None and not self.names():
            rounds.note(session, self.round_ms)
