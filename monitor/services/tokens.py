"""Tokens: make, list and revoke keys to the monitor's own API."""

from collections.abc import Collection

from monitor.domain.calls import NOBODY, Attribution
from monitor.domain.secrets import Secret
from monitor.domain.tokens import Scope, Token, beginning_of, digest_of, draw
from monitor.storage import facts, tokens
from monitor.storage.engine import Session


class NameTaken(ValueError):
    """A token of that name holds already."""


class UnknownToken(LookupError):
    """No token of that name holds."""


def create(
    session: Session,
    name: str,
    scopes: Collection[Scope],
    now_ms: int,
    expires_ms: int | None = None,
    attribution: Attribution = NOBODY,
) -> Secret:
    """A new token, which is told here and never again. Raises NameTaken."""
    if _holding(session, name, now_ms) is not None:
        raise NameTaken(f"a token is called {name!r} already; revoke it first, or take another")
    secret = draw()
    token = Token(
        name=name,
        scopes=frozenset(scopes),
        digest=digest_of(secret, facts.ensure_key(session, facts.TOKEN_KEY)),
        beginning=beginning_of(secret),
        created_ms=now_ms,
        expires_ms=expires_ms,
        attribution=attribution,
    )
    tokens.add(session, token)
    return secret


def revoke(session: Session, name: str, now_ms: int) -> None:
    """Let a token hold no longer. Raises UnknownToken."""
    token = _holding(session, name, now_ms)
    if token is None or token.id is None:
        raise UnknownToken(f"no token {name!r} holds; `inferwatch keys list` shows all")
    tokens.revoke(session, token.id, now_ms)


def _holding(session: Session, name: str, now_ms: int) -> Token | None:
    held = (token for token in tokens.read(session) if token.name == name and token.holds(now_ms))
    return next(held, None)
