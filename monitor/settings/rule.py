"""Rule: what every rule of alerts has in a settings file."""

from collections.abc import Iterator
from typing import Annotated, Any

from pydantic import BeforeValidator, Field, WithJsonSchema

from monitor.domain.alerts import Severity
from monitor.domain.rules import DEFAULTS, Reach, RuleName
from monitor.settings.base import Flag, Id, Name, Shape
from monitor.settings.values import read_whole

_PERCENT = {"type": "integer", "minimum": 0, "maximum": 100}


def read_percent(value: object) -> int:
    """A whole number of percent, `10` or `10%`."""
    percent = read_whole(str(value).strip().removesuffix("%").strip())
    if not 0 <= percent <= 100:  # noqa: PLR2004 -- that is what a percent is
        raise ValueError("is no percent; write a whole number from 0 to 100")
    return percent


Percent = Annotated[int, BeforeValidator(read_percent), WithJsonSchema(_PERCENT)]


class RuleShape(Shape):
    """One rule; what it does not say is as it is without it."""

    enabled: Flag = Field(default=True, description="Whether it raises alerts.")
    severity: Severity | None = Field(
        None, description="critical or warning; without it, that of docs/alerts.md."
    )

    @property
    def reach(self) -> Reach:
        """For whom it is."""
        return Reach()

    def parameters(self, name: RuleName) -> Any:  # noqa: ANN401 -- each rule has its own
        """What it looks at, and when that is too much."""
        return DEFAULTS[name].parameters

    def find_faults(self, name: RuleName) -> Iterator[tuple[str, str]]:
        """Keys whose values do not go together, and what is wrong with them."""
        del name
        return iter(())


class ReachingShape(RuleShape):
    """A rule about endpoints, which may be for some of them only."""

    providers: tuple[Name, ...] = Field(
        (), description="Names of providers that it is for; none, and no endpoints: all."
    )
    endpoints: tuple[Id, ...] = Field((), description="Ids of endpoints that it is for, too.")

    @property
    def reach(self) -> Reach:
        """For whom it is."""
        return Reach(frozenset(self.providers), frozenset(self.endpoints))
