"""Cadence: when an endpoint is looked at next (docs/semantics.md, section 3).

Pure rules: what decides is the endpoint's own row, moved by the same rules as in the ledger. So
the gap to store with a call is known before the call is recorded, the cadence holds while the
database refuses, and months can be simulated without network or database. Durations are float
seconds, instants integer UTC milliseconds.
"""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import NamedTuple

from monitor.domain.accounts import Account, Answer
from monitor.domain.accounts import advance as advance_account
from monitor.domain.calls import Call
from monitor.domain.course import advance
from monitor.domain.health import Health, Policy, Rule, State, Tick, Verdict, verdict


@dataclass(frozen=True, slots=True)
class CadenceRules:
    """How soon what is looked at again.

    An unconfirmed failure after `first_confirmation_s`, then `later_confirmation_s`, and a first
    good answer of a recovery after `recovery_s`, each spread by `confirmation_spread`. While
    anything is suspicious, the interval is `closer_factor` times shorter, but not below
    `closest_s`; it is for `calm_after_s` after the newest failure. `Retry-After` is heeded up to
    `longest_retry_after_s`. A regular probe starts up to `jitter` of its interval late, at most
    `longest_jitter_s`. No gap below `shortest_gap_s` is stored: a busy second is no blind one.

    The defaults come from `inferwatch rehearse`. Both confirmations together outlast the rule's
    `least_span_ms`, so that the third failure in a row is no burst of a few seconds.
    """

    first_confirmation_s: float = 3.0
    later_confirmation_s: float = 22.0
    recovery_s: float = 30.0
    confirmation_spread: float = 0.2
    closer_factor: float = 5.0
    closest_s: float = 30.0
    calm_after_s: float = 600.0
    longest_retry_after_s: float = 900.0
    jitter: float = 0.05
    longest_jitter_s: float = 15.0
    shortest_gap_s: float = 15.0

    def jitter_s(self, interval_s: float) -> float:
        """How much later than its interval a probe may start, so that none keep step for long."""
        return min(self.longest_jitter_s, self.jitter * interval_s)

    def closer_s(self, interval_s: float) -> float:
        """The interval while anything is suspicious; never longer than the regular one."""
        return min(interval_s, max(self.closest_s, interval_s / self.closer_factor))


DEFAULT = CadenceRules()


class Need(StrEnum):
    """Why an endpoint is looked at again when it is."""

    CONFIRM = "confirm"
    RECOVER = "recover"
    CLOSER = "closer"
    REGULAR = "regular"


class Look(NamedTuple):
    """The next look at an endpoint, in `delay_s`; `gap_s` is to be stored with the call before.

    A closer look is one that the plan has not; where it is not made, the regular one still is, so
    it shortens no gap.
    """

    need: Need
    delay_s: float
    gap_s: float


@dataclass(frozen=True, slots=True)
class Standing:
    """What decides an endpoint's next probe: its state row, its account row, its last trouble.

    `troubled_ms` is the newest of: the end of a charged failure, and when its users' own calls
    were seen to fail.
    """

    health: Health
    account: Account
    troubled_ms: int | None = None

    @property
    def failures(self) -> int:
        """How many failures in a row wait for confirmation; a first refusal of ours is one."""
        account = self.account
        is_refused_once = account.failures == 1 and not account.has_incident
        return max(self.health.failures, int(is_refused_once))

    def is_suspicious(self, at_ms: int, rules: CadenceRules = DEFAULT) -> bool:
        """Whether it is worth a closer look: not well, or failing a moment ago, if but once."""
        health = self.health
        if health.has_incident or health.state in {State.DEGRADED, State.DOWN} or health.trail:
            return True
        troubled_ms = self.troubled_ms
        return troubled_ms is not None and at_ms - troubled_ms < rules.calm_after_s * 1000

    def after(self, call: Call, rule: Rule) -> "Standing":
        """The standing once a probe is recorded, with the gap that the call has by now."""
        said = verdict(call.outcome, call.kind, Policy.PROVIDER, is_strict=rule.openrouter_strict)
        gap_ms = round((call.gap_s or 0) * 1000)
        span_ms = call.started_ms, call.ended_ms
        ticks = [Tick(*span_ms, said, is_probe=True, gap_ms=gap_ms)] if said else []
        answer = Answer(call.started_ms, call.ended_ms, call.outcome, call.kind)
        return Standing(
            advance(self.health, ticks, rule).health,
            advance_account(self.account, [answer]).account,
            call.ended_ms if said is Verdict.FAIL else self.troubled_ms,
        )

    def troubled_at(self, instants_ms: Iterable[int | None]) -> "Standing":
        """The standing with the newest of these instants of trouble, and its own."""
        known = [at_ms for at_ms in (self.troubled_ms, *instants_ms) if at_ms is not None]
        return replace(self, troubled_ms=max(known, default=None))


def next_look(
    standing: Standing,
    interval_s: float,
    at_ms: int,
    retry_after_s: float | None = None,
    jitter: float = 0.0,
    rules: CadenceRules = DEFAULT,
) -> Look:
    """The look after a call that ended at `at_ms` and left this standing.

    `jitter` in [-1, 1] spreads confirmations. What the server asks for by `Retry-After` can only
    make the wait longer.
    """
    need = _need(standing, at_ms, rules)
    delay_s = min(interval_s, _delay_s(need, standing, interval_s, jitter, rules))
    delay_s = max(delay_s, min(retry_after_s or 0.0, rules.longest_retry_after_s))
    is_certain = need in {Need.CONFIRM, Need.RECOVER} and delay_s < interval_s
    until_s = delay_s if is_certain else max(interval_s, delay_s) + rules.jitter_s(interval_s)
    return Look(need, delay_s, max(until_s, rules.shortest_gap_s))


def _need(standing: Standing, at_ms: int, rules: CadenceRules) -> Need:
    if standing.failures:
        return Need.CONFIRM
    if standing.health.passes:
        return Need.RECOVER
    return Need.CLOSER if standing.is_suspicious(at_ms, rules) else Need.REGULAR


def _delay_s(
    need: Need, standing: Standing, interval_s: float, jitter: float, rules: CadenceRules
) -> float:
    spread = 1 + rules.confirmation_spread * jitter
    match need:
        case Need.CONFIRM:
            is_first = standing.failures == 1
            wait_s = rules.first_confirmation_s if is_first else rules.later_confirmation_s
            return wait_s * spread
        case Need.RECOVER:
            return rules.recovery_s * spread
        case Need.CLOSER:
            return rules.closer_s(interval_s)
        case Need.REGULAR:
            return interval_s
