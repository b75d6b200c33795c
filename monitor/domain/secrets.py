"""Secrets: values that hide themselves, and texts cleaned of them."""

import re
from collections.abc import Iterable

_LOOKS_LIKE_A_KEY = re.compile(
    # Not inside a word: "disk-pressure" is no key.
    r"(?<![A-Za-z0-9])(?:sk|pk|rk|gsk|xai)-[A-Za-z0-9_*.\-]{6,}"
    r"|gsk_[A-Za-z0-9]{6,}|iw_[A-Za-z0-9_\-]{20,}|AIza[A-Za-z0-9_\-]{6,}"
    r"|(?i:bearer)\s+[^\s\"',;]+|(?i:api[-_ ]?key)[\"']?\s*[:=]\s*[\"']?[^\s\"',;]+"
)
#: What one database takes and another refuses, or none takes: NUL, and halves of pairs.
_UNSTORABLE = re.compile("[\0\ud800-\udfff]")
MASK = "•••"


class Secret:
    """A secret value. Nothing prints it; `reveal` is the only way out."""

    __slots__ = ("_value",)

    def __init__(self, value: str) -> None:
        self._value = value

    def reveal(self) -> str:
        """The value, to be put on the wire and nowhere else."""
        return self._value

    def __repr__(self) -> str:
        return f"Secret({MASK})"

    __str__ = __repr__

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Secret) and other._value == self._value

    def __hash__(self) -> int:
        return hash(self._value)


def redact(text: str, secrets: Iterable[Secret] = (), limit: int = 300) -> str:
    """At most `limit` characters of `text`, without the secrets and what looks like a key.

    Every text from outside that is stored comes through here: what no database keeps becomes �.
    """
    text = _UNSTORABLE.sub("\N{REPLACEMENT CHARACTER}", text)
    # The longest first: of two keys of which one begins like the other, no tail may stay.
    for value in sorted({s.reveal() for s in secrets} - {""}, key=len, reverse=True):
        # In any case: error codes are kept in lower case.
        text = re.sub(re.escape(value), MASK, text, flags=re.IGNORECASE)
    return _LOOKS_LIKE_A_KEY.sub(MASK, text)[:limit]
