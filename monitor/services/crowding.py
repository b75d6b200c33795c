"""Crowding: more messages wait for a channel than its pace lets it take, so one tells the rest.

What is most urgent keeps its own message; the last one that there is room for lists all others.
"""

from collections import defaultdict
from collections.abc import Collection, Mapping

from monitor.domain.alerts import AlertKind
from monitor.domain.deliveries import DeliveryState
from monitor.domain.routes import Alerting
from monitor.services import digests
from monitor.services.deliveries import Parcel, rank, ready, rooms_of
from monitor.storage import deliveries
from monitor.storage.engine import Session

Crowds = Mapping[str, list[Parcel]]


def find(
    session: Session, now_ms: int, busy: Collection[tuple[int, str]], alerting: Alerting
) -> Crowds:
    """What one message is to tell, by channel. What was tried already keeps its own."""
    parcels = ready(session, now_ms, busy)
    rooms = rooms_of(session, now_ms, busy, alerting, {each.channel for each in parcels})
    waiting: defaultdict[str, list[Parcel]] = defaultdict(list)
    for parcel in parcels:
        if parcel.barred is None and parcel.channel in rooms:
            waiting[parcel.channel].append(parcel)
    found = {name: _rest(each, rooms[name]) for name, each in waiting.items()}
    return {name: rest for name, rest in found.items() if len(rest) > 1}


def _rest(parcels: list[Parcel], room: int) -> list[Parcel]:
    if room < 1 or len(parcels) <= room:
        return []
    rest = sorted(parcels, key=rank)[room - 1 :]
    return [each for each in rest if _is_fresh(each)]


def _is_fresh(parcel: Parcel) -> bool:
    is_digest = parcel.standing.alert.root.kind is AlertKind.DIGEST
    return not is_digest and not parcel.picked.delivery.attempts


def gather(
    session: Session, now_ms: int, busy: Collection[tuple[int, str]], alerting: Alerting
) -> None:
    """Put one message for the rest of each crowded channel in their place."""
    for name, parcels in find(session, now_ms, busy, alerting).items():
        told = [each.picked.delivery.id for each in parcels]
        merged = [older.id for each in parcels for older in each.picked.merged]
        deliveries.settle(session, told, DeliveryState.SUMMED)
        deliveries.merge(session, merged)
        digests.crowd(session, name, [each.standing for each in parcels], min(told), now_ms)
