"""Rules: what is told of, when, how loudly and for whom; all of it comes from the settings.

A rule of incidents says, of one subject, when something holds and when it is over; one of notices
says what is worth telling once. Which of the two a rule is lies in what evaluates it.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any, Generic, NamedTuple, TypeVar

from monitor.domain.ailments import DiskLimit, LagLimit, Patience, QueueLimit, RunsLimit
from monitor.domain.alerts import AlertKind, Severity
from monitor.domain.anomalies import Tolerance
from monitor.domain.retirements import Nearing
from monitor.domain.rule_parameters import FAST, LONG, STEADY, Nothing, Share, Slow

P = TypeVar("P")


class RuleName(StrEnum):
    """Every rule, by its name in the settings."""

    DOWN = "down"
    ACCOUNT = "account"
    NETWORK = "network"
    DEGRADED = "degraded"
    ERRORS = "errors"
    RATE_LIMITS = "rate_limits"
    FAST_BURN = "fast_burn"
    BURN = "burn"
    SLOW_BURN = "slow_burn"
    SPEND_ANOMALY = "spend_anomaly"
    PRICE_CHANGE = "price_change"
    RETIREMENT = "retirement"
    UNPRICED = "unpriced"
    EVENT_LOOP = "event_loop"
    WRITER_QUEUE = "writer_queue"
    DISK = "disk"
    MISSED_RUNS = "missed_runs"
    PROBE_CAP = "probe_cap"
    FEED = "feed"
    DATABASE = "database"


#: What an alert of each rule is of. Rules of one kind at one provider are told as one thing.
KINDS: Mapping[RuleName, AlertKind] = {
    RuleName.DOWN: AlertKind.AVAILABILITY,
    RuleName.ACCOUNT: AlertKind.ACCOUNT,
    RuleName.NETWORK: AlertKind.MONITOR,
    RuleName.DEGRADED: AlertKind.DEGRADED,
    RuleName.ERRORS: AlertKind.ERRORS,
    RuleName.RATE_LIMITS: AlertKind.RATE_LIMITS,
    RuleName.FAST_BURN: AlertKind.BURN,
    RuleName.BURN: AlertKind.BURN,
    RuleName.SLOW_BURN: AlertKind.BURN,
    RuleName.SPEND_ANOMALY: AlertKind.SPEND,
    RuleName.PRICE_CHANGE: AlertKind.CATALOGUE,
    RuleName.RETIREMENT: AlertKind.CATALOGUE,
    RuleName.UNPRICED: AlertKind.CATALOGUE,
    RuleName.EVENT_LOOP: AlertKind.SELF,
    RuleName.WRITER_QUEUE: AlertKind.SELF,
    RuleName.DISK: AlertKind.SELF,
    RuleName.MISSED_RUNS: AlertKind.SELF,
    RuleName.PROBE_CAP: AlertKind.SELF,
    RuleName.FEED: AlertKind.SELF,
    RuleName.DATABASE: AlertKind.SELF,
}


@dataclass(frozen=True, slots=True)
class Reach:
    """For whom a rule holds: for these providers and endpoints; where it names none, for all."""

    providers: frozenset[str] = frozenset()
    endpoints: frozenset[str] = frozenset()

    def holds(self, provider: str, endpoint: str) -> bool:
        """Whether it holds for an endpoint."""
        is_all = not self.providers and not self.endpoints
        return is_all or provider in self.providers or endpoint in self.endpoints


@dataclass(frozen=True, slots=True)
class AlertRule(Generic[P]):
    """A rule as it is in force.

    `severity` is `None` where what happens says how much it matters. `since_ms` is from when on it
    is in force as it is: nothing before that opens or closes anything.
    """

    name: RuleName
    parameters: P
    severity: Severity | None = None
    is_on: bool = True
    reach: Reach = field(default_factory=Reach)
    since_ms: int = 0

    @property
    def kind(self) -> AlertKind:
        """What its alerts are of."""
        return KINDS[self.name]

    def tells_of(self, provider: str, endpoint: str) -> bool:
        """Whether it is on for an endpoint."""
        return self.is_on and self.reach.holds(provider, endpoint)


#: Every rule as it is until the settings say otherwise; the type of its parameters is its own.
DEFAULTS: Mapping[RuleName, AlertRule[Any]] = {
    rule.name: rule
    for rule in (
        AlertRule(RuleName.DOWN, Nothing(), Severity.CRITICAL),
        AlertRule(RuleName.ACCOUNT, Nothing()),
        AlertRule(RuleName.NETWORK, Nothing(), Severity.WARNING),
        AlertRule(RuleName.DEGRADED, Slow(), Severity.WARNING),
        AlertRule(RuleName.ERRORS, Share(), Severity.WARNING),
        AlertRule(RuleName.RATE_LIMITS, Share(), Severity.WARNING),
        AlertRule(RuleName.FAST_BURN, FAST, Severity.CRITICAL),
        AlertRule(RuleName.BURN, STEADY, Severity.WARNING),
        AlertRule(RuleName.SLOW_BURN, LONG, Severity.WARNING),
        AlertRule(RuleName.SPEND_ANOMALY, Tolerance(), Severity.WARNING),
        AlertRule(RuleName.PRICE_CHANGE, Nothing(), Severity.WARNING),
        AlertRule(RuleName.RETIREMENT, Nearing(), Severity.WARNING),
        AlertRule(RuleName.UNPRICED, Nothing(), Severity.WARNING),
        AlertRule(RuleName.EVENT_LOOP, LagLimit(), Severity.WARNING),
        AlertRule(RuleName.WRITER_QUEUE, QueueLimit(), Severity.WARNING),
        AlertRule(RuleName.DISK, DiskLimit(), Severity.CRITICAL),
        AlertRule(RuleName.MISSED_RUNS, RunsLimit(), Severity.WARNING),
        AlertRule(RuleName.PROBE_CAP, Nothing(), Severity.WARNING),
        AlertRule(RuleName.FEED, Patience(), Severity.WARNING),
        AlertRule(RuleName.DATABASE, Nothing(), Severity.CRITICAL),
    )
}


@dataclass(frozen=True, slots=True)
class Ruleset:
    """All rules in force."""

    rules: Mapping[RuleName, AlertRule[Any]] = field(default_factory=lambda: DEFAULTS)

    def __getitem__(self, name: RuleName) -> AlertRule[Any]:
        return self.rules[name]

    @classmethod
    def of(cls, rules: Iterable[AlertRule[Any]]) -> "Ruleset":
        """The defaults, with these in their places."""
        return cls({**DEFAULTS, **{rule.name: rule for rule in rules}})


class Finding(NamedTuple):
    """What a rule says of a subject at an instant, where that is another thing than before.

    `subject` is what stays the same for it: an endpoint's number, or a name. While `is_firing`,
    `since_ms` is when it began, else when it ended. `facts` is what is known of it, as JSON.
    """

    rule: RuleName
    subject: str
    is_firing: bool
    since_ms: int
    at_ms: int
    facts: Mapping[str, Any] = {}


class Notice(NamedTuple):
    """Something that is worth telling once: `key` is what it is once of.

    `subject` is whom it is of, `provider` whose alerts it is told with ("" is our own side).
    `facts` is what is known of it, as JSON.
    """

    rule: RuleName
    subject: str
    key: str
    at_ms: int
    provider: str = ""
    facts: Mapping[str, Any] = {}
