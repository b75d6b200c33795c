"""Notes: what people wrote about an incident while it lasted, and its post-mortem afterwards."""

from dataclasses import dataclass
from enum import StrEnum

#: How long a note may be; a post-mortem has room for the whole story.
MAX_NOTE, MAX_POST_MORTEM = 2_000, 20_000


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
