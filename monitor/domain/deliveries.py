"""Deliveries: messages of an alert on their way to a channel, and what becomes of them.

At least once, in order for each alert and channel. What was not delivered before something newer
came is merged into it, so that nobody hears of a recovery without the failure, or of both apart.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import NamedTuple, assert_never

from monitor.domain.alerts import Telling
from monitor.domain.silences import HoldKind
from monitor.domain.windows import DAY_MS

#: After these waits, each shaken, a message is tried again; the last one goes on.
_WAITS_S = (5.0, 15.0, 45.0, 120.0, 300.0, 900.0)
#: A message that no try has delivered for so long becomes a dead letter.
GIVE_UP_MS = DAY_MS
#: What an opening that is on its way says as well.
_ADDED = frozenset({Telling.GREW, Telling.REMINDER})
#: A channel cannot put us off for longer than this.
MAX_WAIT_S = 3600.0


class DeliveryState(StrEnum):
    """Where a message is: on its way, delivered, given up in sight, or told by a newer one.

    `HELD` waits for the end of a silence or of maintenance, `GATHERED` for its digest; `SUMMED`
    is what one message told with others, `UNTOLD` what only the log was to know.
    `PASSED` is what its channel could not take, and the fallback channel tells.
    """

    WAITING = "waiting"
    DELIVERED = "delivered"
    DEAD = "dead"
    MERGED = "merged"
    HELD = "held"
    GATHERED = "gathered"
    SUMMED = "summed"
    UNTOLD = "untold"
    PASSED = "passed"


#: What somebody may still be told by.
PENDING = (DeliveryState.WAITING, DeliveryState.HELD, DeliveryState.GATHERED)


@dataclass(frozen=True, slots=True)
class Delivery:
    """A message to one channel. `due_ms` is when it is tried next, `attempts` how often it was.

    `hold` is what held it last, and `released_ms` when it was let go.
    `passed_from` is the channel that could not take it, and `passed_ms` when it was passed on.
    """

    id: int
    channel: str
    telling: Telling
    created_ms: int
    due_ms: int
    attempts: int = 0
    state: DeliveryState = DeliveryState.WAITING
    hold: HoldKind | None = None
    released_ms: int | None = None
    passed_from: str | None = None
    passed_ms: int | None = None


@dataclass(frozen=True, slots=True)
class Refused:
    """Why a channel did not take a message, and whether trying again can help.

    `wait_s` is how long it asked us to wait, where it did. `is_ours`: nothing was sent to it.
    """

    reason: str
    is_permanent: bool = False
    wait_s: float | None = None
    is_ours: bool = False


class Picked(NamedTuple):
    """What goes out next to a channel of an alert, when, and which messages it stands for.

    It goes under the key of the newest of them: a receiver that took another one already, without
    our knowing, must not take this for the same.
    """

    delivery: Delivery
    due_ms: int
    merged: tuple[Delivery, ...] = ()

    @property
    def newest_id(self) -> int:
        """The number of the newest message in it."""
        return max(each.id for each in (self.delivery, *self.merged))


class Next(NamedTuple):
    """What becomes of a message that was refused: tried again at `due_ms`, or dead."""

    state: DeliveryState
    due_ms: int


def pick(deliveries: Sequence[Delivery]) -> Picked | None:
    """Of all messages of one alert to one channel, in order, the one to send next.

    A newer message stands for those before it that never got there; an opening that was not tried
    yet is told with all that joined it since. A wait that the channel asked for holds for what
    takes its place.
    """
    waiting = [each for each in deliveries if each.state is DeliveryState.WAITING]
    if not waiting:
        return None
    opening, *joined = waiting
    is_fresh = opening.telling is Telling.OPENED and not opening.attempts
    is_growing = all(each.telling in _ADDED for each in joined)
    chosen = opening if is_fresh and is_growing else waiting[-1]
    merged = tuple(each for each in waiting if each is not chosen)
    tried_ms = [each.due_ms for each in merged if each.attempts]
    return Picked(chosen, max([chosen.due_ms, *tried_ms]), merged)


def was_told(deliveries: Sequence[Delivery]) -> bool:
    """Whether a channel heard anything of an alert yet."""
    heard = {DeliveryState.DELIVERED, DeliveryState.SUMMED}
    return any(each.state in heard for each in deliveries)


def hears(deliveries: Sequence[Delivery]) -> bool:
    """Whether what comes next of an alert goes to a channel: it heard of it, or is about to.

    Where the opening is a dead letter there is nothing to close.
    """
    return any(_is_alive(each.state) for each in deliveries)


def _is_alive(state: DeliveryState) -> bool:
    match state:
        case DeliveryState.DELIVERED | DeliveryState.SUMMED:
            return True
        case DeliveryState.WAITING | DeliveryState.HELD | DeliveryState.GATHERED:
            return True
        case (
            DeliveryState.DEAD | DeliveryState.MERGED | DeliveryState.UNTOLD | DeliveryState.PASSED
        ):
            return False
        case _:
            assert_never(state)


def is_too_old(delivery: Delivery, now_ms: int) -> bool:
    """Whether one more refusal is the last."""
    since_ms = max(delivery.created_ms, delivery.released_ms or 0, delivery.passed_ms or 0)
    return now_ms - since_ms >= GIVE_UP_MS


def after_refusal(delivery: Delivery, refused: Refused, now_ms: int, chance: float) -> Next:
    """What becomes of a message after one more refusal; `chance` in [0, 1) shakes the wait."""
    if refused.is_permanent or is_too_old(delivery, now_ms):
        return Next(DeliveryState.DEAD, now_ms)
    wait_s = _WAITS_S[min(delivery.attempts, len(_WAITS_S) - 1)] * (0.5 + chance)
    asked_s = min(refused.wait_s or 0.0, MAX_WAIT_S)
    return Next(DeliveryState.WAITING, now_ms + round(max(wait_s, asked_s) * 1000))
