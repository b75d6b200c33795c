"""Rules of a settings file: which alerts are raised, when, and for whom."""

from collections.abc import Callable, Collection, Iterator, Mapping
from typing import Any

from pydantic import Field

from monitor.domain.alerts import Severity
from monitor.domain.rules import DEFAULTS, AlertRule, Reach, RuleName
from monitor.settings.base import Flag, Id, Name, Shape
from monitor.settings.problems import KeyPath

Blame = Callable[[KeyPath, str], None]


class RuleShape(Shape):
    """One rule; what it does not say is as it is without it."""

    enabled: Flag = Field(default=True, description="Whether it raises alerts.")
    severity: Severity | None = Field(
        None, description="critical or warning; without it, that of docs/alerts.md."
    )
    providers: tuple[Name, ...] = Field(
        (), description="Names of providers that it is for; none, and no endpoints: all."
    )
    endpoints: tuple[Id, ...] = Field((), description="Ids of endpoints that it is for, too.")

    def parameters(self, name: RuleName) -> Any:  # noqa: ANN401 -- each rule has its own
        """What it looks at, and when that is too much."""
        return DEFAULTS[name].parameters

    def find_faults(self) -> Iterator[tuple[str, str]]:
        """Keys whose values do not go together, and what is wrong with them."""
        return iter(())


class RulesShape(Shape):
    """Every rule, by name. All of them are on without being written down."""

    down: RuleShape = Field(RuleShape(), description="An endpoint is down.")
    account: RuleShape = Field(RuleShape(), description="A provider refuses our account.")
    network: RuleShape = Field(RuleShape(), description="The monitor's own network is away.")


def build_rules(
    shape: RulesShape, providers: Collection[str], endpoints: Collection[str], blame: Blame
) -> tuple[AlertRule[Any], ...]:
    """What the shapes come to; what is wrong with them is blamed, place by place."""
    named = {"providers": providers, "endpoints": endpoints}
    return tuple(_build(name, getattr(shape, name.value), named, blame) for name in RuleName)


def _build(
    name: RuleName, shape: RuleShape, named: Mapping[str, Collection[str]], blame: Blame
) -> AlertRule[Any]:
    path: KeyPath = ("alerts", "rules", name.value)
    for key, known in named.items():
        for stranger in sorted(set(getattr(shape, key)) - set(known)):
            listed = ", ".join(sorted(known)) or "none"
            blame((*path, key), f"{stranger!r} is not in this file; these are: {listed}")
    for key, text in shape.find_faults():
        blame((*path, key), text)
    severity = DEFAULTS[name].severity if shape.severity is None else shape.severity
    reach = Reach(frozenset(shape.providers), frozenset(shape.endpoints))
    return AlertRule(name, shape.parameters(name), severity, shape.enabled, reach)
