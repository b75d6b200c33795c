"""Tiers: under which conditions a provider charges which of its rates."""

from enum import StrEnum
from typing import NamedTuple


class ServiceTier(StrEnum):
    """A tier with prices of its own; the standard one is `None`.

    `OTHER` is one that we have no word for, and so no price.
    """

    BATCH = "batch"
    FLEX = "flex"
    PRIORITY = "priority"
    OTHER = "other"


_STANDARD = frozenset({"", "auto", "default", "standard", "on_demand"})
#: Gemini's words for tiers that others have, too.
_SAME = {"on_demand_flex": ServiceTier.FLEX, "on_demand_priority": ServiceTier.PRIORITY}


def read_service_tier(echoed: object) -> ServiceTier | None:
    """The tier that an answer says it was served at, whatever was asked for."""
    word = echoed.strip().lower() if isinstance(echoed, str) else ""
    if word in _STANDARD:
        return None
    if word in _SAME:
        return _SAME[word]
    return ServiceTier(word) if word in set(ServiceTier) else ServiceTier.OTHER


class TierRule(StrEnum):
    """What a rate with a threshold looks at, and what it then holds for.

    `INPUT` (all input tokens of the call, cached ones too) and `TOTAL` (input and output) are
    cliffs: strictly above the threshold the rate holds for every token of the call. `BEYOND` holds
    for those tokens of its own leaf alone that lie beyond the threshold.
    """

    INPUT = "input"
    TOTAL = "total"
    BEYOND = "beyond"


class Moment(NamedTuple):
    """What the conditions of a rate look at, of one call: token sums, time of the UTC week, tier.

    `total` is input and output together; Monday is weekday 0.
    """

    input_total: int = 0
    total: int = 0
    minute: int = 0
    weekday: int = 0
    service_tier: ServiceTier | None = None
