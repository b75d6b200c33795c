"""Codes: the small integers that stand for closed sets in the database. Append, never renumber."""

from collections.abc import Mapping
from enum import StrEnum
from typing import TypeVar

from sqlalchemy import Dialect, SmallInteger, TypeDecorator

from monitor.domain.calls import Kind, Origin, Phase
from monitor.domain.capabilities import Capability
from monitor.domain.health import Policy, State
from monitor.domain.histogram import Metric
from monitor.domain.outcomes import LocalFailure, Outcome, Result
from monitor.domain.prices import Authority, CostState
from monitor.domain.tiers import ServiceTier, TierRule
from monitor.domain.usage import UsageState

T = TypeVar("T", bound=StrEnum)

ORIGINS = dict(enumerate(Origin, start=1))
KINDS = {
    1: Kind.REQUEST,
    2: Kind.REACH,
    3: Kind.INFER,
    4: Kind.PERFORMANCE,
    5: Kind.CAPABILITY,
}
PHASES = dict(enumerate(Phase, start=1))
CAPABILITIES = {
    1: Capability.IMAGE,
    2: Capability.SCHEMA,
    3: Capability.TOOL,
    4: Capability.EMBEDDINGS,
}
SERVICE_TIERS = {
    1: ServiceTier.BATCH,
    2: ServiceTier.FLEX,
    3: ServiceTier.PRIORITY,
    99: ServiceTier.OTHER,
}
TIER_RULES = {1: TierRule.INPUT, 2: TierRule.TOTAL, 3: TierRule.BEYOND}
AUTHORITIES = {
    1: Authority.CATALOGUE,
    2: Authority.ACCEPTED,
    3: Authority.SETTINGS,
    4: Authority.HAND,
}
USAGE_STATES = dict(enumerate(UsageState, start=1))
COST_STATES = dict(enumerate(CostState, start=1))
STATES = dict(enumerate(State, start=1))
POLICIES = dict(enumerate(Policy, start=1))
METRICS = dict(enumerate(Metric, start=1))
RESULTS: dict[int, Result] = {
    1: Outcome.OK,
    2: Outcome.WRONG_ANSWER,
    10: Outcome.AUTH,
    11: Outcome.PERMISSION,
    12: Outcome.QUOTA_EXHAUSTED,
    13: Outcome.RATE_LIMITED,
    14: Outcome.MODEL_NOT_FOUND,
    20: Outcome.OVERLOADED,
    21: Outcome.SERVER_ERROR,
    22: Outcome.STREAM_CUT,
    23: Outcome.MALFORMED,
    24: Outcome.EMPTY_RESPONSE,
    30: Outcome.TIMEOUT_CONNECT,
    31: Outcome.TIMEOUT_FIRST_TOKEN,
    32: Outcome.TIMEOUT_TOTAL,
    33: Outcome.DNS,
    34: Outcome.TCP_REFUSED,
    35: Outcome.TLS,
    40: Outcome.BAD_REQUEST,
    41: Outcome.CONTEXT_LENGTH,
    42: Outcome.CONTENT_FILTER,
    50: Outcome.UNKNOWN,
    60: LocalFailure.MONITOR_ERROR,
    61: LocalFailure.NETWORK_LOCAL,
}


def codes_of(members: Mapping[int, T]) -> dict[T, int]:
    """The code of each member."""
    return {member: code for code, member in members.items()}


class Coded(TypeDecorator[T]):
    """A closed set, kept as its code."""

    impl = SmallInteger
    cache_ok = True

    def __init__(self, name: str, members: Mapping[int, T]) -> None:
        super().__init__()
        self.set = name
        self._members = dict(members)
        self._codes = codes_of(members)

    def process_bind_param(self, value: T | None, dialect: Dialect) -> int | None:  # noqa: ARG002 -- SQLAlchemy's signature
        """The code of a member."""
        return None if value is None else self._codes[value]

    def process_result_value(self, value: int | None, dialect: Dialect) -> T | None:  # noqa: ARG002 -- SQLAlchemy's signature
        """The member of a code."""
        return None if value is None else self._members[value]
