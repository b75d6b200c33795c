"""Notices of a settings file: rules of spend, prices, models that end, and the monitor itself."""

from collections.abc import Iterator
from decimal import Decimal
from typing import Annotated

from pydantic import BeforeValidator, Field, WithJsonSchema

from monitor.domain import ailments
from monitor.domain.anomalies import Tolerance
from monitor.domain.money import nano_from_usd
from monitor.domain.retirements import Nearing
from monitor.domain.rules import RuleName
from monitor.settings.base import AMOUNT_SCHEMA, Whole
from monitor.settings.rule import Percent, ReachingShape, RuleShape
from monitor.settings.values import read_decimal

Dollars = Annotated[Decimal, BeforeValidator(read_decimal), WithJsonSchema(AMOUNT_SCHEMA)]
Minutes = Annotated[Whole, Field(ge=1, le=1440)]
Ahead = Annotated[Whole, Field(ge=0, le=365)]


class AnomalyShape(RuleShape):
    """When spend of a day so far is unusual for its weekday."""

    weeks: Annotated[Whole, Field(ge=1, le=26)] = Field(
        8, description="How many weeks are looked back."
    )
    least_days: Annotated[Whole, Field(ge=2, le=26)] = Field(
        3, description="Of how many of those weekdays the spend has to be known."
    )
    factor: Annotated[Whole, Field(ge=1, le=100)] = Field(
        4, description="By how many spreads it has to be above the median of them."
    )
    floor_usd: Dollars = Field(
        Decimal(5), description="By how many USD it has to be above it at least."
    )

    def parameters(self, name: RuleName) -> Tolerance:
        """From when on spend is unusual."""
        del name
        return Tolerance(self.weeks, self.least_days, self.factor, nano_from_usd(self.floor_usd))

    def find_faults(self, name: RuleName) -> Iterator[tuple[str, str]]:
        """More days than weeks."""
        del name
        if self.least_days > self.weeks:
            yield "least_days", f"is more than the {self.weeks} weeks looked back; lower it"


class RetirementShape(ReachingShape):
    """How long before its day a model is told of."""

    first_days: Ahead = Field(30, description="So many days before, first.")
    again_days: Ahead = Field(7, description="So many days before, again.")
    last_days: Ahead = Field(1, description="So many days before, for the last time.")

    def parameters(self, name: RuleName) -> Nearing:
        """The distances."""
        del name
        return Nearing(self.first_days, self.again_days, self.last_days)


class LagShape(RuleShape):
    """How late the monitor's event loop may be."""

    limit_ms: Annotated[Whole, Field(ge=10, le=60_000)] = Field(
        1_000, description="So late in milliseconds, in every minute."
    )
    minutes: Minutes = Field(5, description="For so many minutes.")

    def parameters(self, name: RuleName) -> ailments.LagLimit:
        """The limit."""
        del name
        return ailments.LagLimit(self.limit_ms, self.minutes)


class QueueShape(RuleShape):
    """How many calls may wait for the ledger's writer."""

    calls: Annotated[Whole, Field(ge=1, le=10_000_000)] = Field(
        10_000, description="So many calls at once, in every minute."
    )
    minutes: Minutes = Field(5, description="For so many minutes.")

    def parameters(self, name: RuleName) -> ailments.QueueLimit:
        """The limit."""
        del name
        return ailments.QueueLimit(self.calls, self.minutes)


class DiskShape(RuleShape):
    """How much room has to be left where the database and the monitor's own files lie."""

    free_mib: Annotated[Whole, Field(ge=0, le=2**40)] = Field(1_024, description="So many MiB,")
    free_percent: Percent = Field(5, description="and so many percent of the volume.")

    def parameters(self, name: RuleName) -> ailments.DiskLimit:
        """The limit."""
        del name
        return ailments.DiskLimit(self.free_mib, self.free_percent)


class RunsShape(RuleShape):
    """What share of probes may be missed or skipped."""

    percent: Percent = Field(10, description="So many percent of those that fell due,")
    minutes: Minutes = Field(15, description="in so many minutes.")

    def parameters(self, name: RuleName) -> ailments.RunsLimit:
        """The limit."""
        del name
        return ailments.RunsLimit(self.percent, self.minutes)


class FeedShape(RuleShape):
    """How long a source of prices may fail."""

    hours: Annotated[Whole, Field(ge=0, le=720)] = Field(
        6, description="So many hours beyond the time that it is asked again in."
    )

    def parameters(self, name: RuleName) -> ailments.Patience:
        """The patience."""
        del name
        return ailments.Patience(self.hours)
