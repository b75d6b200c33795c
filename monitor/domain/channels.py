"""Channels: where messages go, and how each is spoken to; all of it comes from the settings."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from enum import StrEnum
from hashlib import blake2b
from typing import assert_never

from monitor.domain.secrets import MASK, Secret
from monitor.domain.templates import PLAIN, Wording
from monitor.domain.windows import DAY_MS, HOUR_MS, MINUTE_MS

_MARK_BYTES = 16


class ChannelKind(StrEnum):
    """How a channel is spoken to."""

    WEBHOOK = "webhook"
    APPRISE = "apprise"
    EMAIL = "email"


class Security(StrEnum):
    """How a connection to a mail server is kept private: from its start, by STARTTLS, not."""

    TLS = "tls"
    STARTTLS = "starttls"
    NONE = "none"


@dataclass(frozen=True, slots=True)
class Hook:
    """A URL that is sent JSON signed with a secret. Many services put a token into a URL."""

    url: Secret
    secret: Secret


@dataclass(frozen=True, slots=True)
class Service:
    """A service that Apprise speaks to, by Apprise's URL of it, which is secret as a whole."""

    url: Secret


@dataclass(frozen=True, slots=True)
class Mailbox:
    """Who gets mails, from whom, and by which server. Without a user nobody logs in there."""

    host: str
    port: int
    security: Security
    sender: str
    to: tuple[str, ...]
    user: str | None = None
    password: Secret | None = None


@dataclass(frozen=True, slots=True)
class Pace:
    """How many messages a channel takes in a span of `per_ms`; what is over waits."""

    n: int
    per_ms: int

    def __str__(self) -> str:
        return f"{self.n}/{_SPANS[self.per_ms]}"


_SPANS = {MINUTE_MS: "min", HOUR_MS: "h", DAY_MS: "d"}


@dataclass(frozen=True, slots=True)
class Channel:
    """Where messages go. `shown` is what screens and texts say of it.

    `fallback` is the channel that tells what this one cannot take; `wording` has its templates.
    """

    name: str
    way: Hook | Service | Mailbox
    shown: str
    pace: Pace | None = None
    fallback: str | None = None
    wording: Wording = PLAIN

    @property
    def kind(self) -> ChannelKind:
        """How it is spoken to."""
        match self.way:
            case Hook():
                return ChannelKind.WEBHOOK
            case Service():
                return ChannelKind.APPRISE
            case Mailbox():
                return ChannelKind.EMAIL
            case _:
                assert_never(self.way)


def mark_of(channel: Channel, key: bytes) -> str:
    """What changes with where a channel leads and how; without the key it tells nothing."""
    values = [getattr(channel.way, name) for name in channel.way.__slots__]
    told = [each.reveal() if isinstance(each, Secret) else str(each) for each in values]
    text = "\0".join([channel.kind.value, *told])
    return blake2b(text.encode(), key=key, digest_size=_MARK_BYTES).hexdigest()


def secrets_of(channels: Iterable[Channel]) -> tuple[Secret, ...]:
    """All that no text may show of channels."""
    return tuple(each for channel in channels for each in _secrets(channel.way))


def _secrets(way: Hook | Service | Mailbox) -> Iterator[Secret]:
    match way:
        case Hook(url, secret):
            yield from (url, secret)
        case Service(url):
            yield url
        case Mailbox():
            yield from () if way.password is None else (way.password,)
        case _:
            assert_never(way)


def show_address(url: str) -> str:
    """What may be shown of a URL: where it leads, without path, query and who we are there."""
    scheme, _, rest = url.partition("://")
    host = rest.partition("/")[0].partition("?")[0].rpartition("@")[2]
    return f"{scheme}://{host}/{MASK}"


def show_service(url: str) -> str:
    """What may be shown of an Apprise URL: the service, for its host may be a token."""
    return f"{url.partition(':')[0].lower()}://{MASK}"


def show_mailbox(mailbox: Mailbox) -> str:
    """Who gets mails, and by which server."""
    more = f" and {len(mailbox.to) - 1} more" if len(mailbox.to) > 1 else ""
    return f"{mailbox.to[0]}{more} by {mailbox.host}"
