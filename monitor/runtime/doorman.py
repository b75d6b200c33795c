"""The doorman: who may pass with which token, told from memory.

Tokens are read again every two seconds, so that one that was revoked passes no longer than that;
one that is not known is looked for at once, but not more often than each fifth of a second.
"""

from threading import Lock

from monitor.domain.secrets import Secret
from monitor.domain.tokens import Scope, Token, digest_of, read_ticket
from monitor.storage import tokens
from monitor.storage.engine import Database, Session

_STALE_MS = 2_000
_PATIENCE_MS = 200


class NotAdmitted(PermissionError):
    """No token, or none that holds, or (`is_known`) one without the scope that is needed."""

    def __init__(self, text: str, *, is_known: bool = False) -> None:
        super().__init__(text)
        self.is_known = is_known


class Doorman:
    """Stands before the API. May be asked from any thread."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._key: bytes | None = None
        self._tokens: dict[bytes, Token] = {}
        self._read_ms: int | None = None
        self._used_ms: dict[int, int] = {}
        self._turn = Lock()

    def admit(self, authorization: str | None, scope: Scope, now_ms: int) -> Token:
        """The token of an `Authorization` header. Raises NotAdmitted and DatabaseRefused."""
        word, _, presented = (authorization or "").partition(" ")
        if word.lower() != "bearer" or not presented.strip():
            raise NotAdmitted(
                "a token is needed: send Authorization: Bearer TOKEN; "
                f"`inferwatch keys create NAME --scope {scope}` makes one"
            )
        token = self._find(Secret(presented.strip()), now_ms)
        if token is None or not token.holds(now_ms):
            raise NotAdmitted(
                "this token does not hold: unknown, expired or revoked; "
                "`inferwatch keys list` shows those that do"
            )
        if scope not in token.scopes:
            has = ", ".join(sorted(token.scopes))
            text = f"token {token.name!r} has the scope {has}, and {scope} is needed"
            raise NotAdmitted(text, is_known=True)
        if token.id is not None:
            self._used_ms[token.id] = now_ms
        return token

    def is_fresh(self, now_ms: int) -> bool:
        """Whether tokens need not be read again before somebody is let in."""
        return self._read_ms is not None and now_ms - self._read_ms < _STALE_MS

    def note(self, session: Session) -> None:
        """Write down when tokens were last used."""
        with self._turn:
            used_ms, self._used_ms = self._used_ms, {}
        tokens.note_use(session, used_ms)

    def _find(self, presented: Secret, now_ms: int) -> Token | None:
        self._read_again(now_ms, _STALE_MS)
        token = self._known(presented)
        if token is None:
            self._read_again(now_ms, _PATIENCE_MS)
            token = self._known(presented)
        return token

    def _known(self, presented: Secret) -> Token | None:
        if self._key is None:
            return None
        known = self._tokens.get(digest_of(presented, self._key))
        return read_ticket(presented, self._key) if known is None else known

    def _read_again(self, now_ms: int, older_than_ms: int) -> None:
        with self._turn:
            if self._read_ms is not None and now_ms - self._read_ms < older_than_ms:
                return
            with self._database.reading() as session:
                self._key = tokens.key(session)
                self._tokens = {token.digest: token for token in tokens.read(session)}
            self._read_ms = now_ms
