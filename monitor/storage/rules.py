"""Rules of alerts: those of the settings in force, and since when they are as they are."""

from collections.abc import Collection
from dataclasses import asdict
from typing import Any

from sqlalchemy import select

from monitor.domain.alerts import Severity
from monitor.domain.rules import DEFAULTS, AlertRule, Reach, RuleName, Ruleset
from monitor.storage.engine import Session
from monitor.storage.models.alerts import RuleRow


def install(session: Session, rules: Collection[AlertRule[Any]], now_ms: int) -> None:
    """Let these be in force; one that finds other things than before does so from now on."""
    known = {row.name: row for row in session.scalars(select(RuleRow))}
    for rule in rules:
        values = _columns(rule)
        row = known.get(rule.name)
        if row is None:
            row = RuleRow(name=rule.name.value, since_ms=now_ms)
        elif any(getattr(row, name) != values[name] for name in ("is_on", "reach", "parameters")):
            row.since_ms = now_ms
        for name, value in values.items():
            setattr(row, name, value)
        session.add(row)
    session.flush()


def read(session: Session) -> Ruleset:
    """All in force; before any are known, the defaults."""
    known = set(RuleName)
    rows = session.scalars(select(RuleRow))
    return Ruleset.of(_rule(row) for row in rows if row.name in known)


def _columns(rule: AlertRule[Any]) -> dict[str, Any]:
    return {
        "is_on": rule.is_on,
        "severity": rule.severity,
        "reach": {name: sorted(names) for name, names in asdict(rule.reach).items()},
        "parameters": asdict(rule.parameters),
    }


def _rule(row: RuleRow) -> AlertRule[Any]:
    name = RuleName(row.name)
    default = DEFAULTS[name]
    return AlertRule(
        name,
        type(default.parameters)(**row.parameters),
        None if row.severity is None else Severity(row.severity),
        row.is_on,
        Reach(**{name: frozenset(names) for name, names in row.reach.items()}),
        row.since_ms,
    )
