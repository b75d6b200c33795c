"""Cadence: when an endpoint is probed next (docs/semantics.md, section 3).

An unconfirmed failure is looked at again after 2 s and 10 s, everything else after the
endpoint's interval. What decides is the endpoint's own row, moved by the same rules as in the
ledger; so the gap to store with a call is known before the call is recorded, and the cadence
holds while the database refuses to write.
"""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Final

from monitor.domain import accounts, course
from monitor.domain.accounts import Account
from monitor.domain.calls import Call
from monitor.domain.health import Health, Policy, Rule, Tick, verdict
from monitor.services.health import Failing

FIRST_CONFIRMATION_S: Final = 2.0
LATER_CONFIRMATION_S: Final = 10.0
CONFIRMATION_SPREAD: Final = 0.2
#: A server that asks for more than this is asked again all the same.
LONGEST_RETRY_AFTER_S: Final = 900.0
JITTER: Final = 0.05
LONGEST_JITTER_S: Final = 15.0
#: The shortest gap to store: a busy second is no blind one.
SHORTEST_GAP_S: Final = 15.0


def next_delay_s(
    failures: int, interval_s: float, retry_after_s: float | None = None, jitter: float = 0.0
) -> float:
    """Seconds until the next probe after one that left `failures` unconfirmed ones in a row.

    `jitter` in [-1, 1] spreads confirmations by ±20 %. What the server asks for by `Retry-After`
    can only make the wait longer.
    """
    if failures == 0:
        delay_s = interval_s
    else:
        wait_s = FIRST_CONFIRMATION_S if failures == 1 else LATER_CONFIRMATION_S
        delay_s = min(interval_s, wait_s * (1 + CONFIRMATION_SPREAD * jitter))
    return max(delay_s, min(retry_after_s or 0.0, LONGEST_RETRY_AFTER_S))


def jitter_s(interval_s: float) -> float:
    """How much later than its interval a probe may start, so that none keep step for long."""
    return min(LONGEST_JITTER_S, JITTER * interval_s)


def gap_s(delay_s: float, interval_s: float) -> float:
    """The gap to store with a call after which the next probe is planned in `delay_s`."""
    late_s = jitter_s(interval_s) if delay_s >= interval_s else 0.0
    return max(delay_s + late_s, SHORTEST_GAP_S)


@dataclass(frozen=True, slots=True)
class Standing:
    """What decides an endpoint's next probe: its state row and its account row."""

    health: Health
    account: Account

    @property
    def failures(self) -> int:
        """How many failures in a row wait for confirmation; a first refusal of ours is one."""
        account = self.account
        is_refused_once = account.failures == 1 and not account.has_incident
        return max(self.health.failures, int(is_refused_once))

    def after(self, call: Call, rule: Rule) -> "Standing":
        """The standing once a probe is recorded, with the gap that the call has by now."""
        said = verdict(call.outcome, call.kind, Policy.PROVIDER)
        gap_ms = round((call.gap_s or 0) * 1000)
        ticks = (
            [Tick(call.started_ms, call.ended_ms, said, is_probe=True, gap_ms=gap_ms)]
            if said
            else []
        )
        answer = accounts.Answer(call.started_ms, call.ended_ms, call.outcome, call.kind)
        return Standing(
            course.advance(self.health, ticks, rule).health,
            accounts.advance(self.account, [answer]).account,
        )


class Cadence:
    """The standings of all endpoints that are probed."""

    def __init__(self, standings: dict[str, Standing], rule: Rule | None = None) -> None:
        self._standings = standings
        self._rule = rule or Rule()

    def foresee(self, endpoint: str, call: Call) -> int:
        """How many failures of an endpoint will wait for confirmation after this call."""
        return self._standings[endpoint].after(call, self._rule).failures

    def take(self, endpoint: str, call: Call, failing: Iterable[Failing] | None) -> None:
        """Move an endpoint by a call that was made.

        `failing` is what the ledger says of it, which knows of calls that we did not make;
        `None` while it cannot say.
        """
        standing = self._standings[endpoint].after(call, self._rule)
        if failing is not None:
            counts = {each.endpoint: each.failures for each in failing}
            health = replace(standing.health, failures=counts.get(endpoint, 0))
            standing = replace(standing, health=health)
        self._standings[endpoint] = standing

    def failures(self, endpoint: str) -> int:
        """How many failures in a row wait for confirmation."""
        return self._standings[endpoint].failures

    def last_tick_ms(self, endpoint: str) -> int | None:
        """The end of the newest call that said something of the endpoint."""
        return self._standings[endpoint].health.last_tick_ms
