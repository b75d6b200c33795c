"""Composing: what a message says as it goes out, looked up once for all channels that hear it."""

import time
from dataclasses import replace
from threading import Lock
from typing import NamedTuple

from monitor.domain.alerts import Telling
from monitor.domain.digest_messages import compose_digest
from monitor.domain.messages import Message, compose
from monitor.domain.silences import HoldKind
from monitor.services import cases, digests, firings, invitations
from monitor.services.deliveries import Parcel
from monitor.services.invitations import Inviter
from monitor.settings.model import Settings
from monitor.storage.engine import Database, Session

#: So old may be what was looked up, when it is sent.
FRESH_S = 2.0


class _Asked(NamedTuple):
    """What a message depends on, but for the ledger and the settings."""

    alert_id: int
    changed_ms: int
    telling: Telling
    told_before: bool
    hold: HoldKind | None


class _Found(NamedTuple):
    """A message for whichever channel, until when it is fresh, and who invites to acknowledge."""

    until_s: float
    message: Message
    inviter: Inviter | None = None


class Composer:
    """Composes messages; may be called by several threads."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._lock = Lock()
        self._known: dict[_Asked, _Found] = {}

    def compose(self, parcel: Parcel, settings: Settings, now_ms: int) -> Message:
        """The message as it is now. Raises DatabaseRefused."""
        with self._lock:
            found = self._find(parcel, settings, now_ms)
        if found.inviter is None:
            return found.message
        path = found.inviter.path(parcel.channel, now_ms)
        return replace(found.message, acknowledge=f"{settings.link}{path}")

    def _find(self, parcel: Parcel, settings: Settings, now_ms: int) -> _Found:
        delivery, alert, now_s = parcel.picked.delivery, parcel.standing.alert, time.monotonic()
        asked = _Asked(
            parcel.standing.id,
            alert.changed_ms,
            delivery.telling,
            parcel.told_before,
            delivery.hold,
        )
        self._known = {each: found for each, found in self._known.items() if now_s < found.until_s}
        if asked not in self._known:
            with self._database.reading() as session:
                found = _look_up(session, parcel, settings, now_ms)
            self._known[asked] = found._replace(until_s=now_s + FRESH_S)
        return self._known[asked]


def _look_up(session: Session, parcel: Parcel, settings: Settings, now_ms: int) -> _Found:
    standing, delivery = parcel.standing, parcel.picked.delivery
    fired = firings.compose(session, standing.id, settings.link, settings.zone)
    if fired is not None:
        return _Found(0.0, fired)
    gathered = digests.find(session, standing.id)
    if gathered is not None:
        link = f"{settings.link}/alerts"
        return _Found(0.0, compose_digest(gathered, link, settings.zone))
    before, hold = parcel.told_before, delivery.hold
    told = cases.build(session, standing, now_ms, told_before=before, hold=hold)
    link = f"{settings.link}{told.path}"
    message = compose(delivery.telling, told.case, link, settings.zone)
    is_over = delivery.telling is Telling.CLOSED
    return _Found(0.0, message, None if is_over else invitations.inviter(session, standing.id))
