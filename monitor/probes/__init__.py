"""Probes: each kind is a function that makes one call."""

from collections.abc import Awaitable, Callable
from typing import Final

from monitor.domain.calls import Call, Kind
from monitor.probes import capability, infer, performance, reach

#: `reach` takes (target, transport, now), the others (endpoint, transport, now, nonce), and
#: `capability` besides which one.
PROBES: Final[dict[Kind, Callable[..., Awaitable[Call]]]] = {
    Kind.REACH: reach.probe,
    Kind.INFER: infer.probe,
    Kind.PERFORMANCE: performance.probe,
    Kind.CAPABILITY: capability.probe,
}
