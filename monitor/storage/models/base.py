"""Base: how Python types become columns.

Instants are UTC milliseconds, durations microseconds, money nano-dollars, rates pico-dollars. A
bucket is the number of a 15-minute UTC span, a day a proleptic ordinal in the home zone.
"""

from typing import Any, ClassVar

from sqlalchemy import JSON, BigInteger, Integer, LargeBinary, String
from sqlalchemy.orm import DeclarativeBase

from monitor.domain.calls import Kind, Origin, Phase
from monitor.domain.capabilities import Capability
from monitor.domain.health import Policy, State
from monitor.domain.histogram import Metric
from monitor.domain.prices import Authority, CostState
from monitor.domain.tiers import ServiceTier, TierRule
from monitor.domain.usage import UsageState
from monitor.storage import codes
from monitor.storage.packing import Packed

BigId = BigInteger().with_variant(Integer, "sqlite")
OUTCOME: codes.Coded[Any] = codes.Coded("outcome", codes.RESULTS)
CLUSTERED = {"sqlite_with_rowid": False}


class Base(DeclarativeBase):
    """All tables."""

    type_annotation_map: ClassVar = {
        int: BigId,
        str: String,
        Origin: codes.Coded("origin", codes.ORIGINS),
        Kind: codes.Coded("kind", codes.KINDS),
        Phase: codes.Coded("phase", codes.PHASES),
        Capability: codes.Coded("capability", codes.CAPABILITIES),
        UsageState: codes.Coded("usage_state", codes.USAGE_STATES),
        CostState: codes.Coded("cost_state", codes.COST_STATES),
        ServiceTier: codes.Coded("service_tier", codes.SERVICE_TIERS),
        TierRule: codes.Coded("tier_rule", codes.TIER_RULES),
        Authority: codes.Coded("authority", codes.AUTHORITIES),
        State: codes.Coded("state", codes.STATES),
        Policy: codes.Coded("policy", codes.POLICIES),
        Metric: codes.Coded("metric", codes.METRICS),
        dict[str, Any]: JSON,
        bytes: LargeBinary,
        tuple[int, ...]: Packed(),
    }
