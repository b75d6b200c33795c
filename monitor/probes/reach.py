"""Reach: whether a base URL answers and takes our key. Free: it asks for the list of models."""

from collections.abc import Callable
from dataclasses import replace

from monitor.domain.calls import Call, Kind
from monitor.domain.endpoints import Target
from monitor.domain.prices import CostState
from monitor.probes.calls import call_from
from monitor.wire import FLAVOURS
from monitor.wire.transport import Transport


async def probe(target: Target, transport: Transport, now: Callable[[], int]) -> Call:
    """One reachability check of a target, as a call on the target's id that cost nothing.

    `now` gives milliseconds of the anchored clock; the wait for our own turn is not in the call.
    """
    async with transport.slot:
        started_ms = now()
        reply = await FLAVOURS[target.flavour].list_models(target, transport)
        span_ms = started_ms, now()
    call = call_from(reply, reply.outcome, target.id, Kind.REACH, span_ms)
    return replace(call, cost_nano_usd=0, cost_state=CostState.COMPUTED)
