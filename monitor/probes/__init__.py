"""Probes: each kind is a function that makes one call."""

from collections.abc import Awaitable, Callable
from typing import Final

from monitor.domain.calls import Call, Kind
from monitor.probes import infer, reach

#: `reach` takes (target, transport, now), `infer` (endpoint, transport, now, nonce).
PROBES: Final[dict[Kind, Callable[..., Awaitable[Call]]]] = {
    Kind.REACH: reach.probe,
    Kind.INFER: infer.probe,
}
