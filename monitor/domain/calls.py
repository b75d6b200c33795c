"""Calls: one request to one endpoint, by anyone. A probe and a team's request are the same row.

Instants are integers of UTC milliseconds and end in `_ms`; durations are float seconds and end
in `_s`; `None` means not known.
"""

from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any, NamedTuple

from monitor.domain.capabilities import Capability
from monitor.domain.outcomes import Result
from monitor.domain.prices import CostState
from monitor.domain.tiers import ServiceTier
from monitor.domain.usage import Usage, UsageState


class Origin(StrEnum):
    """Which source made the call known to us."""

    PROBE = "probe"
    RECORDER = "recorder"
    API = "api"
    OTLP = "otlp"
    IMPORT = "import"


class Kind(StrEnum):
    """What the call was for: `request` is a team's own, the others are probes."""

    REQUEST = "request"
    REACH = "reach"
    INFER = "infer"
    PERFORMANCE = "performance"
    CAPABILITY = "capability"


class Phase(StrEnum):
    """How far a call got."""

    STARTED = "started"
    CONNECTED = "connected"
    SECURED = "secured"
    SENT = "sent"
    HEADERS = "headers"
    FIRST_TOKEN = "first_token"
    DONE = "done"


@dataclass(frozen=True, slots=True)
class Timings:
    """Seconds on a monotonic clock, from the start of the call, after any wait in our queue.

    `connect_s` (name look-up and TCP) and `tls_s` are spans of their own and `None` on a reused
    connection; `first_byte_s`, `ttft_s` (first content, reasoning or tool token) and `total_s`
    count from the start. `loop_lag_s` is the event loop's own lateness while the call ran.
    """

    connect_s: float | None = None
    tls_s: float | None = None
    first_byte_s: float | None = None
    ttft_s: float | None = None
    total_s: float | None = None
    loop_lag_s: float | None = None


class Attribution(NamedTuple):
    """On whose behalf a call was made."""

    team: str | None = None
    project: str | None = None
    app: str | None = None
    key: str | None = None


NOBODY = Attribution()


@dataclass(frozen=True, slots=True)
class Detail:
    """What a reader wants to know of one call and no sum needs. All text is redacted.

    `estimated_by` is what estimated its usage; `user_hash` stands for an end user.
    """

    request_id: str | None = None
    provider_code: str | None = None
    finish_reason: str | None = None
    served_model: str | None = None
    excerpt: str | None = None
    usage_reported: dict[str, Any] | None = None
    retry_after_s: float | None = None
    is_reused: bool | None = None
    witness: str | None = None
    capability: Capability | None = None
    estimated_by: str | None = None
    user_hash: bytes | None = None
    tags: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class Call:
    """One call, as recorded.

    `endpoint` is the endpoint's id (for reach calls the target's). `gap_s` is the time then
    planned to the next probe of it that can pass. `cost_nano_usd` set with state `reported` is
    the provider's own figure; otherwise the ledger computes it. `dedupe_key` as made by
    `monitor.domain.dedupe`. `service_tier` is the one that the call was served at, `None` the
    standard one.
    """

    endpoint: str
    origin: Origin
    kind: Kind
    started_ms: int
    ended_ms: int
    outcome: Result
    http_status: int | None = None
    phase: Phase = Phase.DONE
    timings: Timings = field(default_factory=Timings)
    usage: Usage | None = None
    usage_state: UsageState = UsageState.MISSING
    cost_nano_usd: int | None = None
    cost_state: CostState | None = None
    attribution: Attribution = NOBODY
    gap_s: float | None = None
    is_live: bool = True
    dedupe_key: bytes | None = None
    service_tier: ServiceTier | None = None
    detail: Detail | None = None
