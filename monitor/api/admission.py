"""Admission: the token that a request carries, weighed without holding the event loop up."""

import asyncio

from monitor.domain.tokens import Scope, Token
from monitor.runtime.monitor import Monitor


async def admit(monitor: Monitor, authorization: str | None, scope: Scope) -> Token:
    """The token of an `Authorization` header. Raises NotAdmitted and DatabaseRefused."""
    doorman, now_ms = monitor.doorman, monitor.clock.now_ms()
    if doorman.is_fresh(now_ms):
        return doorman.admit(authorization, scope, now_ms)
    return await asyncio.to_thread(doorman.admit, authorization, scope, now_ms)
