"""Reach: whether a base URL answers and takes our key.

Free: it asks for the list of models, or for the key's own data where that list is public.
"""

from collections.abc import Callable
from dataclasses import replace

from monitor.domain.calls import Call, Kind
from monitor.domain.endpoints import Target
from monitor.domain.prices import CostState
from monitor.probes.calls import call_from
from monitor.wire import FLAVOURS, KNOCKS
from monitor.wire.transport import Transport


async def probe(target: Target, transport: Transport, now: Callable[[], int]) -> Call:
    """One reachability check of a target, as a call on the target's id that cost nothing.

    `now` gives milliseconds of the anchored clock; the wait for our own turn is not in the call.
    """
    knock = KNOCKS.get(target.flavour, FLAVOURS[target.flavour].list_models)
    async with transport.slot:
        started_ms = now()
        reply = await knock(target, transport)
        span_ms = started_ms, now()
    call = call_from(reply, reply.outcome, target.id, Kind.REACH, span_ms)
    return replace(call, cost_nano_usd=0, cost_state=CostState.COMPUTED)
