"""Notes: what people wrote about an incident while it lasted, and its post-mortem afterwards.

What people write is hostile like all that comes from outside: it is cut, keys are taken out of it,
and so is what cannot be seen (control characters, marks that turn the direction of a text).
"""

from dataclasses import dataclass
from enum import StrEnum

from monitor.domain.secrets import redact

#: How long a name, and the words of an acknowledgement, may be.
MAX_NAME, MAX_WORDS = 100, 300
#: How long a note may be; a post-mortem has room for the whole story.
MAX_NOTE, MAX_POST_MORTEM = 2_000, 20_000


class Unsayable(ValueError):
    """A text that cannot be taken: says why, and what to do."""


class NoteKind(StrEnum):
    """What is written: a note, in its order; or the post-mortem, of which the newest holds."""

    NOTE = "note"
    POST_MORTEM = "post_mortem"

    @property
    def most(self) -> int:
        """How many characters it may have."""
        return MAX_NOTE if self is NoteKind.NOTE else MAX_POST_MORTEM


@dataclass(frozen=True, slots=True)
class Note:
    """A text about an incident. `key` is the same for the same text sent twice."""

    incident_id: int
    kind: NoteKind
    at_ms: int
    by: str
    text: str
    key: str


def read_name(text: str | None) -> str:
    """The name of whoever says something, on one line. Raises Unsayable where there is none."""
    name = _one_line("the name", text or "", MAX_NAME)
    if not name:
        raise Unsayable("say who you are: a name is missing")
    return name


def read_words(text: str | None) -> str:
    """Words of one line; they may be missing. Raises Unsayable."""
    return _one_line("the text", text or "", MAX_WORDS)


def read_text(kind: NoteKind, text: str | None) -> str:
    """A text of as many lines as it has. Raises Unsayable where it is empty or too long."""
    lines = "\n".join(_visible(line).rstrip() for line in (text or "").splitlines()).strip()
    if not lines:
        raise Unsayable("there is nothing to write down: the text is empty")
    return _cut("the text", lines, kind.most)


def _one_line(what: str, text: str, most: int) -> str:
    return _cut(what, " ".join(_visible(text).split()), most)


def _visible(text: str) -> str:
    return "".join(c if c.isprintable() else " " for c in text)


def _cut(what: str, text: str, most: int) -> str:
    if len(text) > most:
        raise Unsayable(f"{what} has {len(text):,} characters and may have {most:,}; shorten it")
    return redact(text, limit=most)
