"""Tokens: the rows of the API's tokens, and the key that they are hashed with."""

from collections.abc import Mapping

from sqlalchemy import insert, select, update
from sqlalchemy.orm import Session

from monitor.domain.calls import Attribution
from monitor.domain.tokens import Scope, Token
from monitor.storage import facts
from monitor.storage.models.access import TokenRow


def key(session: Session) -> bytes | None:
    """The installation's key to hash with; `None` until the first token is made."""
    told = facts.read(session, facts.TOKEN_KEY)
    return None if told is None else bytes.fromhex(told)


def read(session: Session) -> list[Token]:
    """All tokens that ever were, in the order of their making."""
    return [_token(row) for row in session.scalars(select(TokenRow).order_by(TokenRow.id))]


def add(session: Session, token: Token) -> None:
    """A token that is new."""
    attribution = {name: value or "" for name, value in token.attribution._asdict().items()}
    session.execute(
        insert(TokenRow).values(
            name=token.name,
            scopes=" ".join(sorted(token.scopes)),
            digest=token.digest,
            beginning=token.beginning,
            created_ms=token.created_ms,
            expires_ms=token.expires_ms,
            **attribution,
        )
    )


def revoke(session: Session, number: int, now_ms: int) -> None:
    """It holds no longer."""
    _change(session, number, revoked_ms=now_ms)


def note_use(session: Session, used_ms: Mapping[int, int]) -> None:
    """When tokens were last used, by their numbers."""
    for number, at_ms in used_ms.items():
        _change(session, number, last_used_ms=at_ms)


def _change(session: Session, number: int, **values: int) -> None:
    session.execute(
        update(TokenRow)
        .where(TokenRow.id == number)
        .values(**values)
        .execution_options(synchronize_session=False)
    )


def _token(row: TokenRow) -> Token:
    return Token(
        name=row.name,
        scopes=frozenset(map(Scope, row.scopes.split())),
        digest=row.digest,
        beginning=row.beginning,
        created_ms=row.created_ms,
        expires_ms=row.expires_ms,
        revoked_ms=row.revoked_ms,
        last_used_ms=row.last_used_ms,
        attribution=Attribution(
            row.team or None, row.project or None, row.app or None, row.key or None
        ),
        id=row.id,
    )
