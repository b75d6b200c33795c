"""The outbox: what has to be told, put down in the transaction of that which it tells of.

So nothing is told that did not happen, and nothing happens untold. What carries it away may be cut
short at any moment; `Message.key` is by what its receiver knows a second one.
"""

from collections import Counter
from collections.abc import Mapping
from typing import Any, NamedTuple

from sqlalchemy import exists, insert, select
from sqlalchemy.orm import Session

from monitor.domain.windows import Window
from monitor.storage.models.health import OutboxRow

#: Nothing has carried it away yet.
WAITING = "waiting"


class Message(NamedTuple):
    """What is to be told: of what kind and of whom, and what became of it.

    `transition` is said once of a subject; `payload` is what was known then, as JSON.
    """

    kind: str
    subject: str
    transition: str
    created_ms: int
    incident_id: int | None = None
    payload: Mapping[str, Any] = {}

    @property
    def key(self) -> str:
        """What is the same for the same message, and for no other."""
        return f"{self.kind}/{self.subject}/{self.transition}"


def put_once(session: Session, message: Message) -> bool:
    """Put a message down that may be there already; whether it was not."""
    if session.scalar(select(exists().where(OutboxRow.key == message.key))):
        return False
    put(session, message)
    return True


def keys(session: Session, kind: str, transition: str, window: Window) -> frozenset[str]:
    """The keys of messages of a kind, whose transition begins so, put down in a window."""
    row = OutboxRow
    chosen = select(row.key).where(
        row.kind == kind,
        row.transition.startswith(transition, autoescape=True),
        row.created_ms >= window.from_ms,
        row.created_ms < window.to_ms,
    )
    return frozenset(session.scalars(chosen))


def count_notices(session: Session, window: Window) -> Counter[str]:
    """How many notices of each rule were put down in a window."""
    row = OutboxRow
    chosen = select(row.transition).where(
        row.kind == "notice", row.created_ms >= window.from_ms, row.created_ms < window.to_ms
    )
    return Counter(text.partition("/")[0] for text in session.scalars(chosen))


def put(session: Session, message: Message) -> int:
    """Put a message down; its number."""
    values = message._asdict() | {
        "key": message.key,
        "payload": dict(message.payload),
        "state": WAITING,
    }
    return session.execute(insert(OutboxRow).values(values).returning(OutboxRow.id)).scalar_one()
