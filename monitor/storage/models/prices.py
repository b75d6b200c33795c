"""Prices: dated lists of rates."""

from typing import Any

from sqlalchemy import ForeignKey
from sqlalchemy.orm import Mapped, mapped_column

from monitor.domain.prices import Authority, CostState
from monitor.domain.tiers import ServiceTier, TierRule
from monitor.domain.weekdays import EVERY_DAY
from monitor.storage.models.base import CLUSTERED, Base


class PriceListRow(Base):
    """The rates of one endpoint from an instant on. Superseded, never edited."""

    __tablename__ = "price_list"
    id: Mapped[int] = mapped_column(primary_key=True)
    endpoint_id: Mapped[int] = mapped_column(ForeignKey("endpoint.id"), index=True)
    source: Mapped[str]
    authority: Mapped[Authority] = mapped_column(default=Authority.CATALOGUE)
    valid_from_ms: Mapped[int]
    valid_to_ms: Mapped[int | None]
    recorded_ms: Mapped[int]


class PriceRow(Base):
    """One rate of a price list: pico-dollars per unit of a leaf, with its conditions."""

    __tablename__ = "price"
    id: Mapped[int] = mapped_column(primary_key=True)
    price_list_id: Mapped[int] = mapped_column(ForeignKey("price_list.id"), index=True)
    leaf: Mapped[str]
    pico_usd: Mapped[int]
    above_tokens: Mapped[int]
    from_minute: Mapped[int | None]
    to_minute: Mapped[int | None]
    service_tier: Mapped[ServiceTier | None]
    tier_rule: Mapped[TierRule] = mapped_column(default=TierRule.INPUT)
    weekdays: Mapped[int] = mapped_column(default=EVERY_DAY)


class RepricingRow(Base):
    """One time that calls of a window were priced anew."""

    __tablename__ = "repricing"
    id: Mapped[int] = mapped_column(primary_key=True)
    by: Mapped[str]
    from_ms: Mapped[int]
    to_ms: Mapped[int]
    recorded_ms: Mapped[int]
    undone_ms: Mapped[int | None]


class RatingRow(Base):
    """What a repricing made of a call's cost, beside what it was.

    The call itself may be gone: it is kept for less time than its sums.
    """

    __tablename__ = "rating"
    __table_args__ = CLUSTERED
    repricing_id: Mapped[int] = mapped_column(ForeignKey("repricing.id"), primary_key=True)
    call_id: Mapped[int] = mapped_column(primary_key=True, index=True)
    old_cost_state: Mapped[CostState]
    old_cost_nano_usd: Mapped[int | None]
    old_price_list_id: Mapped[int | None]
    cost_state: Mapped[CostState]
    cost_nano_usd: Mapped[int | None]
    price_list_id: Mapped[int | None]


class ProposalRow(Base):
    """What a source said that an endpoint costs, and what was decided of it, if anything."""

    __tablename__ = "price_proposal"
    id: Mapped[int] = mapped_column(primary_key=True)
    endpoint_id: Mapped[int] = mapped_column(ForeignKey("endpoint.id"), index=True)
    source: Mapped[str]
    as_of_ms: Mapped[int]
    recorded_ms: Mapped[int]
    rates: Mapped[dict[str, Any]]
    doubts: Mapped[str]
    decided_ms: Mapped[int | None]
    decided_by: Mapped[str | None]
    is_accepted: Mapped[bool | None]


class FeedRow(Base):
    """A source of prices that the settings name, and how it went when it was asked last.

    `etag` is what it had when it succeeded, with whom it was asked for then; `said` of our
    endpoints had a price in it.
    """

    __tablename__ = "price_feed"
    name: Mapped[str] = mapped_column(primary_key=True)
    kind: Mapped[str]
    place: Mapped[str]
    tried_ms: Mapped[int]
    succeeded_ms: Mapped[int | None]
    as_of_ms: Mapped[int | None]
    etag: Mapped[str | None]
    error: Mapped[str | None]
    said: Mapped[int]
    remarks: Mapped[dict[str, Any]]


class RetirementRow(Base):
    """From which day (UTC) on a source, or the settings, say that a model is served no longer."""

    __tablename__ = "retirement"
    __table_args__ = CLUSTERED
    endpoint_id: Mapped[int] = mapped_column(ForeignKey("endpoint.id"), primary_key=True)
    source: Mapped[str] = mapped_column(primary_key=True)
    day: Mapped[int]
    recorded_ms: Mapped[int]
