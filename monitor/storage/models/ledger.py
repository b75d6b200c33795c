"""The ledger: calls, and the endpoints and attributions that they name.

`call` holds integers only; everything long is in `call_detail`.
"""

from typing import Any

from sqlalchemy import ForeignKey, Index
from sqlalchemy.orm import Mapped, mapped_column

from monitor.domain.calls import Kind, Origin, Phase
from monitor.domain.capabilities import Capability
from monitor.domain.outcomes import Result
from monitor.domain.prices import CostState
from monitor.domain.tiers import ServiceTier
from monitor.domain.usage import UsageState
from monitor.storage.models.base import OUTCOME, Base


class EndpointRow(Base):
    """An endpoint, or (with no model) a target that reach calls are made to.

    `is_met`: no settings name it, a team's calls did.
    """

    __tablename__ = "endpoint"
    id: Mapped[int] = mapped_column(primary_key=True)
    slug: Mapped[str] = mapped_column(unique=True)
    target_id: Mapped[int | None] = mapped_column(ForeignKey("endpoint.id"))
    provider: Mapped[str]
    model: Mapped[str | None] = mapped_column(index=True)
    family: Mapped[str | None]
    model_name: Mapped[str | None]
    base_url: Mapped[str]
    flavour: Mapped[str]
    key_alias: Mapped[str]
    interval_ms: Mapped[int]
    is_probed: Mapped[bool]
    created_ms: Mapped[int]
    retired_ms: Mapped[int | None]
    is_met: Mapped[bool] = mapped_column(default=False)


class FormerIdRow(Base):
    """What an endpoint or target was called before it was renamed: calls may still say it."""

    __tablename__ = "former_id"
    slug: Mapped[str] = mapped_column(primary_key=True)
    endpoint_id: Mapped[int] = mapped_column(ForeignKey("endpoint.id"), index=True)
    renamed_ms: Mapped[int]


class AttributionRow(Base):
    """An interned (team, project, app, key); the empty string stands for not known."""

    __tablename__ = "attribution"
    id: Mapped[int] = mapped_column(primary_key=True)
    team: Mapped[str]
    project: Mapped[str]
    app: Mapped[str]
    key: Mapped[str]
    __table_args__ = (Index("attribution_key", "team", "project", "app", "key", unique=True),)


class AppTitleRow(Base):
    """How an app is called; its identity is what attributions name."""

    __tablename__ = "app_title"
    app: Mapped[str] = mapped_column(primary_key=True)
    title: Mapped[str]
    told_ms: Mapped[int]


class CallLeaves:
    """A call's usage leaves: null where usage is missing."""

    input: Mapped[int | None]
    cache_read: Mapped[int | None]
    cache_write_5m: Mapped[int | None]
    cache_write_1h: Mapped[int | None]
    cache_write: Mapped[int | None]
    output: Mapped[int | None]
    reasoning: Mapped[int | None]
    input_audio: Mapped[int | None]
    cache_read_audio: Mapped[int | None]
    output_audio: Mapped[int | None]
    input_image: Mapped[int | None]
    output_image: Mapped[int | None]
    images: Mapped[int | None]
    requests: Mapped[int | None]
    searches: Mapped[int | None]


class CallRow(CallLeaves, Base):
    """The ledger: one row a call."""

    __tablename__ = "call"
    id: Mapped[int] = mapped_column(primary_key=True)
    endpoint_id: Mapped[int] = mapped_column(ForeignKey("endpoint.id"))
    attribution_id: Mapped[int] = mapped_column(ForeignKey("attribution.id"))
    origin: Mapped[Origin]
    kind: Mapped[Kind]
    outcome: Mapped[Result] = mapped_column(OUTCOME)
    http_status: Mapped[int | None]
    phase: Mapped[Phase]
    started_ms: Mapped[int]
    ended_ms: Mapped[int]
    recorded_ms: Mapped[int]
    is_live: Mapped[bool]
    gap_ms: Mapped[int]
    ttft_us: Mapped[int | None]
    total_us: Mapped[int | None]
    usage_state: Mapped[UsageState]
    cost_state: Mapped[CostState]
    cost_nano_usd: Mapped[int | None]
    price_list_id: Mapped[int | None] = mapped_column(ForeignKey("price_list.id"))
    dedupe_key: Mapped[bytes | None]
    service_tier: Mapped[ServiceTier | None]
    __table_args__ = (
        Index("call_endpoint_started", "endpoint_id", "started_ms"),
        Index("call_started", "started_ms"),
    )


Index(
    "call_dedupe",
    CallRow.dedupe_key,
    unique=True,
    sqlite_where=CallRow.dedupe_key.is_not(None),
    postgresql_where=CallRow.dedupe_key.is_not(None),
)


#: What is usual at an hour is read from infer probes alone, however busy the endpoint is.
Index(
    "call_infer",
    CallRow.endpoint_id,
    CallRow.started_ms,
    sqlite_where=CallRow.kind == Kind.INFER,
    postgresql_where=CallRow.kind == Kind.INFER,
)


class CallDetailRow(Base):
    """What a reader wants to know of one call and no sum needs. Kept for less time."""

    __tablename__ = "call_detail"
    call_id: Mapped[int] = mapped_column(ForeignKey("call.id"), primary_key=True)
    started_ms: Mapped[int] = mapped_column(index=True)
    connect_us: Mapped[int | None]
    tls_us: Mapped[int | None]
    first_byte_us: Mapped[int | None]
    loop_lag_us: Mapped[int | None]
    is_reused: Mapped[bool | None]
    request_id: Mapped[str | None]
    provider_code: Mapped[str | None]
    finish_reason: Mapped[str | None]
    served_model: Mapped[str | None]
    excerpt: Mapped[str | None]
    witness: Mapped[str | None]
    retry_after_us: Mapped[int | None]
    usage_reported: Mapped[dict[str, Any] | None]
    capability: Mapped[Capability | None]
    estimated_by: Mapped[str | None]
    user_hash: Mapped[bytes | None]
    tags: Mapped[dict[str, Any] | None]
