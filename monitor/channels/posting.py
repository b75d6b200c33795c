"""Postings: a message with what makes it one and the same however often it is sent."""

from collections.abc import Awaitable
from dataclasses import dataclass
from typing import Protocol

from monitor.domain.deliveries import Refused
from monitor.domain.messages import Message
from monitor.domain.routes import Channel
from monitor.wire.transport import Client


@dataclass(frozen=True, slots=True)
class Posting:
    """A message for a channel. `key` stays the same over all tries; `sent_ms` is of this one."""

    channel: Channel
    message: Message
    key: str
    sent_ms: int


class Send(Protocol):
    """Sends a posting."""

    def __call__(self, posting: Posting, client: Client) -> Awaitable[Refused | None]:
        """`None` once the channel has taken it, else why not; expected trouble is no exception."""
