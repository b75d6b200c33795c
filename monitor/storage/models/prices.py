"""Prices: dated lists of rates."""

from sqlalchemy import ForeignKey
from sqlalchemy.orm import Mapped, mapped_column

from monitor.domain.prices import Authority
from monitor.domain.tiers import ServiceTier, TierRule
from monitor.storage.models.base import Base


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
