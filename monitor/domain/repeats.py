"""Repeats: a call that is told again may fill what was unknown, and contradict nothing.

Two who watch the same call never measure the same times, so times are filled and not compared;
an estimate gives way to a count.
"""

from dataclasses import fields, replace
from typing import TypeVar

from monitor.domain.calls import Attribution, Call, Timings
from monitor.domain.outcomes import Outcome, Result
from monitor.domain.prices import CostState
from monitor.domain.usage import Usage, UsageState

T = TypeVar("T")
_TRUST = {UsageState.MISSING: 0, UsageState.ESTIMATED: 1, UsageState.MEASURED: 2}


class Contradiction(ValueError):
    """A repeat says something else than what is known of the call."""


def merge(standing: Call, told: Call) -> Call:
    """What is known of a call after it was told again. Raises Contradiction."""
    state, usage = _usage(standing, told)
    cost = _agree("reported cost", standing.cost_nano_usd, told.cost_nano_usd)
    return replace(
        standing,
        outcome=_outcome(standing.outcome, told.outcome),
        http_status=_agree("HTTP status", standing.http_status, told.http_status),
        timings=_timings(standing.timings, told.timings),
        usage=usage,
        usage_state=state,
        cost_nano_usd=cost,
        service_tier=standing.service_tier or told.service_tier,
        cost_state=standing.cost_state if cost is None else CostState.REPORTED,
        attribution=Attribution(
            *(
                _agree(name, own, other)
                for name, own, other in zip(
                    Attribution._fields, standing.attribution, told.attribution, strict=True
                )
            )
        ),
    )


def _agree(name: str, standing: T | None, told: T | None) -> T | None:
    if standing is not None and told is not None and standing != told:
        raise Contradiction(f"{name} is known to be {standing}, and told to be {told}")
    return told if standing is None else standing


def _outcome(standing: Result, told: Result) -> Result:
    known = None if standing is Outcome.UNKNOWN else standing
    return _agree("outcome", known, None if told is Outcome.UNKNOWN else told) or Outcome.UNKNOWN


def _usage(standing: Call, told: Call) -> tuple[UsageState, Usage | None]:
    if standing.usage_state is told.usage_state is UsageState.MEASURED:
        return standing.usage_state, _agree("usage", standing.usage, told.usage)
    better = max(standing, told, key=lambda call: _TRUST[call.usage_state])
    return better.usage_state, better.usage


def _timings(standing: Timings, told: Timings) -> Timings:
    known = {each.name: getattr(standing, each.name) for each in fields(Timings)}
    missing = {name: getattr(told, name) for name, value in known.items() if value is None}
    return replace(standing, **missing)
