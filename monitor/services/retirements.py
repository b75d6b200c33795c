"""Retirements: the days from which on models are served no longer, as sources and settings say."""

from collections.abc import Collection, Iterable
from zoneinfo import ZoneInfo

from monitor.domain.retirements import SETTINGS, Retiring, spell
from monitor.domain.windows import day_of
from monitor.services import reference
from monitor.settings.model import Settings
from monitor.storage import retirements as rows
from monitor.storage.engine import Session

_UTC = ZoneInfo("UTC")


def say(session: Session, source: str, retiring: Iterable[Retiring], now_ms: int) -> None:
    """All that a source says now; what it no longer says is forgotten."""
    numbers = reference.load(session).endpoint_ids
    days = {numbers[each.endpoint]: each.day for each in retiring if each.endpoint in numbers}
    rows.state(session, source, days, now_ms)


def install(session: Session, settings: Settings, now_ms: int) -> None:
    """What the settings say; of feeds that they no longer name nothing stands."""
    named = [Retiring(e.id, e.retires_day) for e in settings.endpoints if e.retires_day is not None]
    say(session, SETTINGS, named, now_ms)
    rows.forget_all_but(session, [feed.name for feed in settings.feeds.sources])


def tell(session: Session, endpoint_ids: Collection[int], now_ms: int) -> str:
    """Until when these are served, in a sentence; of several days the first, "" for none."""
    found = rows.every(session, endpoint_ids)
    first = min(found.values(), key=lambda each: each.day, default=None)
    return "" if first is None else f"{spell(first, day_of(now_ms, _UTC))}."
