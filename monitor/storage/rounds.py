"""Rounds: when the courier last went round with nothing left behind, for who looks from outside."""

from sqlalchemy import exists, select

from monitor.storage import facts
from monitor.storage.engine import Session
from monitor.storage.models.alerts import ChannelRow

#: It is noted with the monitor's heartbeat, once a minute; after so long without, nobody delivers.
SILENT_MS = 150_000


def note(session: Session, at_ms: int) -> None:
    """Note a round."""
    facts.state(session, facts.COURIER_ROUND, str(at_ms))


def silent_since_ms(session: Session, now_ms: int) -> int | None:
    """Since when nobody delivers; `None` while somebody does, and where nobody is to be told."""
    if not session.scalar(select(exists(select(ChannelRow.name)))):
        return None
    told = facts.read(session, facts.COURIER_ROUND)
    return int(told) if told is not None and now_ms - int(told) > SILENT_MS else None
