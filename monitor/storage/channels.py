"""Channels: those of the settings in force, for who looks without the settings; how they fare."""

from collections.abc import Sequence
from dataclasses import asdict

from sqlalchemy import delete, insert, select, update

from monitor.domain.channel_health import ChannelHealth
from monitor.domain.channels import Channel, mark_of
from monitor.storage import facts
from monitor.storage.engine import Session
from monitor.storage.models.alerts import ChannelRow

_ROW = ChannelRow
_FARES = (_ROW.refusing_ms, _ROW.refusals, _ROW.for_good, _ROW.off_ms, _ROW.off_reason)


def state(session: Session, channels: Sequence[Channel]) -> None:
    """Write down these in the place of those before; of an address only what may be seen.

    How a channel fares is forgotten where it leads elsewhere, or there in another way.
    """
    key, known = facts.ensure_key(session, facts.CHANNEL_KEY), _by_mark(session)
    session.execute(delete(_ROW))
    for place, each in enumerate(channels):
        mark = mark_of(each, key)
        values = {
            "name": each.name,
            "kind": each.kind.value,
            "shown": each.shown,
            "place": place,
            "pace": None if each.pace is None else str(each.pace),
            "fallback": each.fallback,
            "mark": mark,
        }
        fares = known.get((each.name, mark), ChannelHealth())
        session.execute(insert(_ROW).values(values | asdict(fares)))


def health(session: Session) -> dict[str, ChannelHealth]:
    """How each channel fares, by name."""
    found = session.execute(select(_ROW.name, *_FARES))
    return {row[0]: ChannelHealth(*row[1:]) for row in found}


def note(session: Session, name: str, fares: ChannelHealth) -> None:
    """Note how a channel fares."""
    changed = update(_ROW).where(_ROW.name == name).values(asdict(fares))
    session.execute(changed.execution_options(synchronize_session=False))


def _by_mark(session: Session) -> dict[tuple[str, str | None], ChannelHealth]:
    found = session.execute(select(_ROW.name, _ROW.mark, *_FARES))
    return {(row[0], row[1]): ChannelHealth(*row[2:]) for row in found}
