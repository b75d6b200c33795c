"""Health: what we hold true of an endpoint, and what calls say of it (docs/semantics.md, 2 and 3).

All instants are integer UTC milliseconds. `monitor.domain.course` moves the row forward.
"""

from dataclasses import dataclass, replace
from enum import StrEnum
from typing import NamedTuple, assert_never

from monitor.domain.calls import Kind
from monitor.domain.outcomes import RULINGS, Group, LocalFailure, Outcome, Result

#: How much later than two gaps a call in progress may still bring the next tick.
_IN_PROGRESS_MS = 60_000


class State(StrEnum):
    """What we hold true now."""

    UNKNOWN = "unknown"
    UP = "up"
    DEGRADED = "degraded"
    DOWN = "down"


class Policy(StrEnum):
    """Whose question is asked: whether the provider is up, or whether we can use it."""

    PROVIDER = "provider"
    USABLE = "usable"


class Verdict(StrEnum):
    """What a call says: passed, failed, or that our own side was blind meanwhile."""

    PASS = "pass"
    FAIL = "fail"
    BLIND = "blind"


class Tick(NamedTuple):
    """A call's word on an endpoint. `gap_ms`: the longest gap then planned to the next probe.

    `is_degraded`: what the last probes say of speed and quality (`monitor.domain.pace`), `None`
    where this call adds nothing to it.
    """

    started_ms: int
    ended_ms: int
    verdict: Verdict
    is_probe: bool
    gap_ms: int
    is_degraded: bool | None = None


@dataclass(frozen=True, slots=True)
class Rule:
    """When a failure is confirmed and a recovery believed; `version` is stamped on incidents.

    A failure is confirmed when any of three is met. In a row: `failures_to_open` probes. Few of
    many: `window_failures` among the last `window_probes`. By share: there is a run of probes up
    to now in which failures exceed `share_percent` of the probes by `share_points` in all, each
    failure counting 100 and each probe costing `share_percent` (a one-sided cumulative sum, after
    E. S. Page, 1954). 0 for `window_failures` or `share_points` turns that one off. None is met
    before the failures span `least_span_ms`: what is over sooner is a blip, however many calls
    met it. The defaults come from `inferwatch rehearse`.

    Degraded: the 95th percentile of the last probes' time to first token is above
    `slow_factor` times what is usual at that hour, and above `slow_cap_us`, until it is at most
    `slow_factor_to_leave` times (or under the cap); or more than `wrong_percent` of the last
    answers are wrong, until at most `wrong_percent_to_leave` are.

    Traffic fails in a minute in which `traffic_percent` of at least `traffic_calls` calls fail;
    or all of them, from `traffic_callers` attributions at least. Where nothing is probed,
    `traffic_minutes` such minutes confirm a failure, and as many others a recovery.
    """

    failures_to_open: int = 3
    passes_to_close: int = 2
    window_failures: int = 3
    window_probes: int = 6
    share_percent: int = 20
    share_points: int = 300
    least_span_ms: int = 20_000
    slow_factor: int = 3
    slow_factor_to_leave: int = 2
    slow_cap_us: int = 2_000_000
    wrong_percent: int = 50
    wrong_percent_to_leave: int = 25
    traffic_percent: int = 30
    traffic_calls: int = 20
    traffic_callers: int = 3
    traffic_minutes: int = 2
    openrouter_strict: bool = False
    version: int = 3

    @property
    def of_traffic(self) -> "Rule":
        """The rule for minutes of traffic, where nothing is probed."""
        minutes = self.traffic_minutes
        return replace(
            self,
            failures_to_open=minutes,
            passes_to_close=minutes,
            window_failures=0,
            share_points=0,
            least_span_ms=0,
        )


@dataclass(frozen=True, slots=True)
class Health:
    """One endpoint under one policy: everything that decides the next step.

    `state` holds up to `settled_ms`, since `since_ms`; the time after it is pending while a
    failure or a recovery is unconfirmed. `last_tick_ms` is the end of the newest tick and
    `gap_ms` the gap stored with it; `is_interrupted` says that a blind call came after it.
    `first_failed_ms` is the start of the first failing call under confirmation, `failures` how
    many there are in a row. `passes` counts the ok ticks in a row of an unfinished recovery,
    `first_pass_ms` is the end of the first of them. `has_incident`: an incident is open.

    `trail` are the last probes from the oldest failure on that still counts for "few of many":
    since when each failed, -1 for a good one. `excess` is the sum of the share rule, over the
    probes since the failure that began at `excess_from_ms`.
    """

    created_ms: int
    settled_ms: int
    since_ms: int
    state: State = State.UNKNOWN
    last_tick_ms: int | None = None
    gap_ms: int = 0
    is_interrupted: bool = False
    first_failed_ms: int | None = None
    failures: int = 0
    passes: int = 0
    first_pass_ms: int | None = None
    has_incident: bool = False
    trail: tuple[int, ...] = ()
    excess: int = 0
    excess_from_ms: int | None = None

    @classmethod
    def new(cls, created_ms: int) -> "Health":
        """An endpoint of which nothing is known yet."""
        return cls(created_ms=created_ms, settled_ms=created_ms, since_ms=created_ms)


class Span(NamedTuple):
    """A settled half-open span [from_ms, to_ms) in one state."""

    from_ms: int
    to_ms: int
    state: State


class Opened(NamedTuple):
    """An incident opens: from the first failing call, confirmed by the last."""

    started_ms: int
    confirmed_ms: int


class Closed(NamedTuple):
    """The open incident closes: ended by the first good call, confirmed by the last."""

    ended_ms: int
    confirmed_ms: int


class Unobserved(NamedTuple):
    """The open incident could not be observed since then."""

    since_ms: int


Transition = Opened | Closed | Unobserved


class Advanced(NamedTuple):
    """What ticks did: the new row, the spans they settled, in order, and what happened."""

    health: Health
    spans: tuple[Span, ...]
    transitions: tuple[Transition, ...]


def verdict(
    result: Result, kind: Kind, policy: Policy, *, is_strict: bool = False
) -> Verdict | None:
    """What a call says of an endpoint under a policy; `None` where it is no tick.

    A team's own calls never fail an endpoint, and a reachability check never heals one.
    `is_strict`: provider availability as OpenRouter counts it.
    """
    if isinstance(result, LocalFailure):
        return None if kind is Kind.REQUEST else Verdict.BLIND
    is_good = RULINGS[result].group is Group.GOOD
    match kind:
        case Kind.REQUEST:
            return Verdict.PASS if is_good else None
        case Kind.REACH:
            # Many servers have no model list: a 404 on it says nothing of the model.
            is_missing_list = result is Outcome.MODEL_NOT_FOUND
            is_charged = fails(result, policy, is_strict=is_strict)
            return Verdict.FAIL if is_charged and not is_missing_list else None
        case Kind.INFER | Kind.PERFORMANCE | Kind.CAPABILITY:
            if is_good:
                return Verdict.PASS
            return Verdict.FAIL if fails(result, policy, is_strict=is_strict) else None
        case _:
            assert_never(kind)


def fails(result: Result, policy: Policy, *, is_strict: bool = False) -> bool:
    """Whether an outcome is charged under a policy, whoever made the call."""
    ruling = RULINGS[result]
    match policy:
        case Policy.PROVIDER:
            return ruling.is_charged or (is_strict and ruling.is_charged_strictly)
        case Policy.USABLE:
            return ruling.is_unusable
        case _:
            assert_never(policy)


def current(health: Health, now_ms: int) -> State:
    """The state to show now: unknown where no tick vouches, or can still vouch, for this moment."""
    last_ms = health.last_tick_ms
    if last_ms is None or health.is_interrupted or now_ms < last_ms:
        return State.UNKNOWN
    is_overdue = now_ms - last_ms > 2 * health.gap_ms + _IN_PROGRESS_MS
    return State.UNKNOWN if is_overdue else health.state
