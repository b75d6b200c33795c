"""Budgets: as the settings in force have them, other amounts for a while, and what was told.

What is spent is nowhere here: it is summed from the rollups whenever it is asked for.
"""

from typing import Any

from sqlalchemy import ForeignKey, Index
from sqlalchemy.orm import Mapped, mapped_column

from monitor.storage.models.base import Base


class BudgetRow(Base):
    """A budget of the settings in force; `settings` holds its thresholds and its calendar."""

    __tablename__ = "budget"
    name: Mapped[str] = mapped_column(primary_key=True)
    scope: Mapped[str]
    scope_name: Mapped[str]
    amount_nano_usd: Mapped[int]
    period: Mapped[str]
    zone: Mapped[str]
    has_probes: Mapped[bool]
    settings: Mapped[dict[str, Any]]


class BudgetOverrideRow(Base):
    """Another amount from an instant until another; `ended_ms` is when it was taken back."""

    __tablename__ = "budget_override"
    id: Mapped[int] = mapped_column(primary_key=True)
    budget: Mapped[str] = mapped_column(index=True)
    amount_nano_usd: Mapped[int]
    from_ms: Mapped[int]
    until_ms: Mapped[int]
    made_by: Mapped[str]
    reason: Mapped[str]
    ended_ms: Mapped[int | None]
    ended_by: Mapped[str | None]


class BudgetFiringRow(Base):
    """A threshold that was met in a period: once, whatever comes after it.

    What was spent, and of how many calls that is not known, is as of then.
    """

    __tablename__ = "budget_firing"
    id: Mapped[int] = mapped_column(primary_key=True)
    budget: Mapped[str]
    from_ms: Mapped[int]
    percent: Mapped[int]
    is_projected: Mapped[bool]
    to_ms: Mapped[int]
    fired_ms: Mapped[int] = mapped_column(index=True)
    amount_nano_usd: Mapped[int]
    spent_nano_usd: Mapped[int]
    projected_nano_usd: Mapped[int | None]
    calls: Mapped[int]
    unpriced: Mapped[int]
    no_usage: Mapped[int]
    outbox_id: Mapped[int] = mapped_column(ForeignKey("outbox.id"))
    __table_args__ = (
        Index("budget_firing_once", "budget", "from_ms", "percent", "is_projected", unique=True),
    )


class BudgetTripwireRow(Base):
    """How much more may be spent before the sum has to be made anew, as it was then.

    No figure is made of it. It holds from `from_ms` to `to_ms`; whoever adds to what is spent
    takes as much from `left_nano_usd`, and looks at the sum where nothing is left.
    """

    __tablename__ = "budget_tripwire"
    budget: Mapped[str] = mapped_column(ForeignKey("budget.name"), primary_key=True)
    from_ms: Mapped[int]
    to_ms: Mapped[int]
    left_nano_usd: Mapped[int]
