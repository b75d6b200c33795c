"""Postings: a message with what makes it one and the same however often it is sent."""

from dataclasses import dataclass
from typing import Protocol

from monitor.domain.deliveries import Refused
from monitor.domain.messages import Message
from monitor.domain.templates import Words


@dataclass(frozen=True, slots=True)
class Posting:
    """A message to send, in a channel's words. `key` stays over all tries; `sent_ms` is of this.

    `tries` is how often it was refused before.
    """

    message: Message
    words: Words
    key: str
    sent_ms: int
    tries: int = 0


class Line(Protocol):
    """What leads to a channel, kept open as long as the channel is in the settings."""

    async def send(self, posting: Posting) -> Refused | None:
        """`None` once the channel has taken it, else why not; expected trouble is no exception."""

    async def aclose(self) -> None:
        """Let go of connections; what still hangs is not waited for."""
