"""Channel health: how a channel fares, and when it is switched off for failing all the time."""

from dataclasses import dataclass, replace

from monitor.domain.deliveries import Refused
from monitor.domain.windows import DAY_MS

#: So many messages refused for good, and none taken between, switch a channel off;
FOR_GOOD = 3
#: and so many refusals of any kind, over so long.
REFUSALS = 10
REFUSING_MS = DAY_MS


@dataclass(frozen=True, slots=True)
class ChannelHealth:
    """Of a channel since the last message that it took: `refusing_ms` is when it refused first.

    `refusals` is how often it did, `for_good` how often for good. `off_ms` is when it was
    switched off, and `off_reason` what it answered then.
    """

    refusing_ms: int | None = None
    refusals: int = 0
    for_good: int = 0
    off_ms: int | None = None
    off_reason: str | None = None

    @property
    def is_off(self) -> bool:
        """Whether nothing is sent to it but tests."""
        return self.off_ms is not None


def after_try(health: ChannelHealth, refused: Refused | None, now_ms: int) -> ChannelHealth:
    """How a channel fares after one more message was sent to it. One that takes it works."""
    if refused is None:
        return ChannelHealth()
    if refused.is_ours:
        return health
    after = replace(
        health,
        refusing_ms=now_ms if health.refusing_ms is None else health.refusing_ms,
        refusals=health.refusals + 1,
        for_good=health.for_good + refused.is_permanent,
    )
    if health.is_off or not _is_hopeless(after, now_ms):
        return after
    return replace(after, off_ms=now_ms, off_reason=refused.reason)


def _is_hopeless(health: ChannelHealth, now_ms: int) -> bool:
    refusing_ms = now_ms - (now_ms if health.refusing_ms is None else health.refusing_ms)
    is_long = health.refusals >= REFUSALS and refusing_ms >= REFUSING_MS
    return is_long or health.for_good >= FOR_GOOD
