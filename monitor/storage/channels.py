"""Channels: those of the settings in force, for who looks without the settings."""

from collections.abc import Sequence

from sqlalchemy import delete, insert

from monitor.domain.channels import Channel
from monitor.storage.engine import Session
from monitor.storage.models.alerts import ChannelRow


def state(session: Session, channels: Sequence[Channel]) -> None:
    """Write down these in the place of those before; of an address only what may be seen."""
    session.execute(delete(ChannelRow))
    for place, each in enumerate(channels):
        values = {"name": each.name, "kind": each.kind.value, "shown": each.shown, "place": place}
        session.execute(insert(ChannelRow).values(values))
