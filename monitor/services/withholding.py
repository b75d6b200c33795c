"""Withholding: messages are kept back while a silence or maintenance holds, and let go after it.

What holds an alert is read anew each time, and what it changes is noted in the same transaction:
so a message that waited already is kept back too, and nothing depends on when we were alive.
"""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from monitor.domain import deliveries as fate
from monitor.domain.alerts import AlertKind, Told
from monitor.domain.deliveries import Delivery, DeliveryState
from monitor.domain.routes import Alerting
from monitor.domain.silences import Fate, HoldKind, Holds, fate_of, hold_after
from monitor.domain.windows import Window
from monitor.services import digests
from monitor.services.sending import place
from monitor.storage import alerts, deliveries, maintenance, silences, subjects
from monitor.storage.alerts import Standing
from monitor.storage.engine import Session

#: What is on its way, and may be kept back.
_LOOSE = (DeliveryState.WAITING, DeliveryState.GATHERED)


@dataclass(frozen=True, slots=True)
class Move:
    """Messages of an alert to a channel that are kept back from now on, or (`None`) let go."""

    standing: Standing
    channel: str
    messages: tuple[Delivery, ...]
    hold: HoldKind | None
    was_told: bool

    @property
    def fate(self) -> Fate:
        """What becomes of messages that are let go."""
        kind = self.messages[-1].hold or HoldKind.SILENCE
        is_over = self.standing.alert.closed_ms is not None
        return fate_of(kind, is_over=is_over, was_told=self.was_told)


def load(session: Session, from_ms: int, now_ms: int) -> Holds:
    """All that held at any time from an instant until now."""
    windows = maintenance.meeting(session, Window(from_ms, now_ms + 1))
    return Holds(tuple(silences.since(session, from_ms)), tuple(windows))


def moves(session: Session, now_ms: int) -> Iterator[Move]:
    """What is to be kept back or let go now."""
    holds = load(session, now_ms, now_ms)
    states = (DeliveryState.HELD, *(_LOOSE if holds.silences or holds.windows else ()))
    numbers = deliveries.alerts_with(session, *states)
    if not numbers:
        return
    befallen = subjects.of_alerts(session, numbers)
    known = {each.id: each for each in alerts.find(session, numbers)}
    for (alert_id, channel), messages in deliveries.of_alerts(session, numbers).items():
        if known[alert_id].alert.root.kind is AlertKind.DIGEST:
            continue
        kinds = holds.of(alert_id, befallen[alert_id], now_ms)
        before = next((each.hold for each in messages if each.state is DeliveryState.HELD), None)
        hold = hold_after(before, kinds)
        changed = tuple(_changed(messages, hold))
        if changed:
            yield Move(known[alert_id], channel, changed, hold, fate.was_told(messages))


def _changed(messages: Sequence[Delivery], hold: HoldKind | None) -> Iterator[Delivery]:
    for each in messages:
        is_held = each.state is DeliveryState.HELD
        if (is_held and each.hold is not hold) or (each.state in _LOOSE and hold is not None):
            yield each


def apply(session: Session, alerting: Alerting, now_ms: int) -> None:
    """Keep back what is held now, and let go of what no longer is."""
    summed: defaultdict[str, list[Move]] = defaultdict(list)
    for move in list(moves(session, now_ms)):
        numbers = [each.id for each in move.messages]
        if move.hold is not None:
            deliveries.hold(session, numbers, move.hold)
        elif move.fate is Fate.LOG:
            deliveries.settle(session, numbers, DeliveryState.UNTOLD)
        elif move.fate is Fate.SUM:
            summed[move.channel].append(move)
        else:
            _release(session, move, alerting, now_ms)
    for channel, gone in summed.items():
        _sum_up(session, channel, gone, alerting, now_ms)


def _release(session: Session, move: Move, alerting: Alerting, now_ms: int) -> None:
    alert, number = move.standing.alert, move.standing.id
    told = Told(alert, move.messages[-1].telling, now_ms)
    due_ms, state = place(session, number, told, move.channel, alerting)
    numbers = [each.id for each in move.messages]
    deliveries.release(session, numbers, state, due_ms, now_ms)
    if alert.closed_ms is None and alert.told_ms is None:
        alerts.save(session, number, replace(alert, told_ms=now_ms))


def _sum_up(
    session: Session, channel: str, gone: Sequence[Move], alerting: Alerting, now_ms: int
) -> None:
    """What came and went while it was held: a lone alert as ever, more than one as one message."""
    if len(gone) == 1:
        _release(session, gone[0], alerting, now_ms)
        return
    messages = [each for move in gone for each in move.messages]
    deliveries.settle(session, [each.id for each in messages], DeliveryState.SUMMED)
    numbers = [move.standing.id for move in gone]
    digests.sum_up(session, channel, numbers, messages[0].id, alerting, now_ms)
