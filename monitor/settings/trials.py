"""Trials: rules of alerts with other parameters than those in force, written as in the settings.

Of `down` it is how failures are confirmed, which no settings say: only a replay tries it.
"""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, replace
from typing import Any

from pydantic import ValidationError

from monitor.domain.anomalies import Tolerance
from monitor.domain.health import Rule
from monitor.domain.money import usd_from_nano
from monitor.domain.rule_parameters import Burn, Share, Slow
from monitor.domain.rules import AlertRule, RuleName
from monitor.settings.rule import RuleShape
from monitor.settings.rules import RulesShape
from monitor.settings.values import read_whole

#: What of confirming outages can be tried.
CONFIRMING = (
    "failures_to_open",
    "passes_to_close",
    "window_failures",
    "window_probes",
    "share_percent",
    "share_points",
    "least_span_ms",
)
_MINUTES_OF_HOUR, _MINUTES_OF_DAY = 60, 24 * 60


@dataclass(frozen=True, slots=True)
class Trial:
    """A rule as it might be; `health` confirms outages, and matters to `down` alone."""

    rule: AlertRule[Any]
    health: Rule = field(default_factory=Rule)


def spell(trial: Trial) -> dict[str, str]:
    """The parameters of a rule, as they are written."""
    match trial.rule.parameters:
        case Share() as share:
            return {
                "percent": str(share.percent),
                "close_percent": str(share.close_percent),
                "window": _spell_minutes(share.window_min),
                "least_calls": str(share.least_calls),
            }
        case Slow() as slow:
            return {"hold": _spell_minutes(slow.hold_min), "close": _spell_minutes(slow.close_min)}
        case Burn() as burn:
            return {
                "objective": f"{burn.objective_milli / 1000:g}",
                "factor": f"{burn.factor_tenths / 10:g}",
                "window": _spell_minutes(burn.long_min),
                "short_window": _spell_minutes(burn.short_min),
            }
        case Tolerance() as tolerance:
            return {
                "weeks": str(tolerance.weeks),
                "least_days": str(tolerance.least_days),
                "factor": str(tolerance.factor),
                "floor_usd": f"{usd_from_nano(tolerance.floor_nano_usd).normalize():f}",
            }
        case _ if trial.rule.name is RuleName.DOWN:
            return {name: str(getattr(trial.health, name)) for name in CONFIRMING}
        case plain:
            return {name: str(value) for name, value in asdict(plain).items()}


def revise(trial: Trial, given: Mapping[str, str]) -> Trial:
    """The same with other values. Raises ValueError("key: problem; remedy")."""
    known = spell(trial)
    for key in given:
        if key not in known:
            listed = ", ".join(known) or "none, it has no parameters"
            raise ValueError(f"{key}: is no parameter of {trial.rule.name}; these are: {listed}")
    if trial.rule.name is RuleName.DOWN:
        return replace(trial, health=replace(trial.health, **_read_confirming(given)))
    shape = _read(trial.rule.name, known | dict(given))
    return replace(trial, rule=replace(trial.rule, parameters=shape.parameters(trial.rule.name)))


def _read(name: RuleName, written: Mapping[str, str]) -> RuleShape:
    kind: type[RuleShape] = type(RulesShape.model_fields[name.value].default)
    try:
        shape = kind.model_validate(dict(written))
    except ValidationError as error:
        first = error.errors()[0]
        said = str(first["msg"]).removeprefix("Value error, ")
        raise ValueError(f"{first['loc'][0]}: {said}") from None
    for key, text in shape.find_faults(name):
        raise ValueError(f"{key}: {text}")
    return shape


def _read_confirming(given: Mapping[str, str]) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for key, text in given.items():
        try:
            found[key] = read_whole(text)
        except ValueError as error:
            raise ValueError(f"{key}: {error}") from None
        least = 1 if key in {"failures_to_open", "passes_to_close"} else 0
        if found[key] < least:
            raise ValueError(f"{key}: is below {least}; raise it")
    return found


def _spell_minutes(minutes: int) -> str:
    if minutes % _MINUTES_OF_DAY == 0:
        return f"{minutes // _MINUTES_OF_DAY}d"
    if minutes % _MINUTES_OF_HOUR == 0:
        return f"{minutes // _MINUTES_OF_HOUR}h"
    return f"{minutes}m"
