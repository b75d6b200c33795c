"""Tokens: keys to the monitor's own API, each for what its scopes say.

A token is 256 random bits, so a fast hash is right for it: a slow one protects passwords, which
can be guessed one by one, and 2²⁵⁶ values cannot, while each request would pay for its slowness.
It is keyed with a secret of the installation, so that what one database holds says nothing about
another's.
"""

from dataclasses import dataclass
from enum import StrEnum
from hashlib import blake2b
from hmac import compare_digest
from secrets import token_urlsafe

from monitor.domain.calls import NOBODY, Attribution
from monitor.domain.secrets import Secret

_MARK = "iw_"
_TICKET = "iw_ticket_"
#: Under this name rows of a file have their own ids, whoever imports it, wherever.
IMPORT = "import"
_RANDOM_BYTES = 32
_SHOWN = len(_MARK) + 6
#: No token is longer: more is not even hashed.
_MAX_LENGTH = 100


class Scope(StrEnum):
    """What a token lets its bearer do."""

    INGEST = "ingest"
    READ = "read"


@dataclass(frozen=True, slots=True)
class Token:
    """A token as it is known: `beginning` are its first characters, `digest` stands for the rest.

    What an event leaves out of its attribution is the token's. It holds until `expires_ms` or
    `revoked_ms`. `last_used_ms` is up to a minute old.
    """

    name: str
    scopes: frozenset[Scope]
    digest: bytes
    beginning: str
    created_ms: int
    expires_ms: int | None = None
    revoked_ms: int | None = None
    last_used_ms: int | None = None
    attribution: Attribution = NOBODY
    id: int | None = None

    def holds(self, now_ms: int) -> bool:
        """Whether it is taken at an instant."""
        ends_ms = [end for end in (self.expires_ms, self.revoked_ms) if end is not None]
        return all(now_ms < end_ms for end_ms in ends_ms)


def draw() -> Secret:
    """A new token, as its bearer knows it."""
    return Secret(_MARK + token_urlsafe(_RANDOM_BYTES))


def ticket(key: bytes, until_ms: int) -> Secret:
    """A token for a moment, of a program that may read the installation's own key anyhow."""
    return Secret(f"{_TICKET}{until_ms}_{_sign(key, str(until_ms))}")


def read_ticket(presented: Secret, key: bytes) -> Token | None:
    """What a ticket lets its bearer do, `None` where it is none of ours."""
    text = presented.reveal()[:_MAX_LENGTH].removeprefix(_TICKET)
    until, _, signed = text.partition("_")
    if not (until.isascii() and until.isdecimal()) or not signed.isascii():
        return None
    if not compare_digest(signed, _sign(key, until)):
        return None
    scopes = frozenset({Scope.INGEST})
    return Token(IMPORT, scopes, b"", _TICKET, created_ms=0, expires_ms=int(until))


def _sign(key: bytes, text: str) -> str:
    return blake2b(f"ticket {text}".encode(), key=key, digest_size=16).hexdigest()


def beginning_of(token: Secret) -> str:
    """So much of it as may be shown, to tell it from others."""
    return token.reveal()[:_SHOWN]


def digest_of(token: Secret, key: bytes) -> bytes:
    """What stands for a token where it is stored; `key` is the installation's own."""
    return blake2b(token.reveal()[:_MAX_LENGTH].encode(), key=key, digest_size=32).digest()
