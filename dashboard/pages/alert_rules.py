"""Alert rules: what is told of, with which values, and how often that opened something."""

from typing import Any

from dash.development.base_component import Component

from dashboard import ids
from dashboard.choices import Choice
from dashboard.components import cells, parts
from dashboard.components.cells import Column, Row
from dashboard.components.table import rows_json, table
from monitor.domain.rules import AlertRule, RuleName
from monitor.domain.windows import DAY_MS, Window
from monitor.services.rule_replay import REPLAYABLE
from monitor.settings.rules import RulesShape
from monitor.settings.trials import Trial, spell
from monitor.storage import outbox
from monitor.storage import rules as rows
from monitor.storage.engine import Session
from monitor.storage.queries import incidents

#: So many days are counted, and so many are replayed.
DAYS = 30
_COLUMNS: list[Column] = [
    {"h": "Rule", "grow": True},
    {"h": "With"},
    {"h": "Severity"},
    {"h": "For"},
    {"h": f"Opened or told in {DAYS} days", "num": True},
]


def section(drawn: str) -> Component:
    """Every rule."""
    return parts.section(
        "Rules",
        table(ids.ALERT_RULES, "Rules", _COLUMNS, drawn, empty="No rule is known yet."),
        note="choose one to try it with other values; alerts: rules: in the settings changes it",
    )


def draw(session: Session, choice: Choice) -> str:
    """The rows of all rules."""
    window = Window(choice.now_ms - DAYS * DAY_MS, choice.now_ms + 1)
    told = outbox.count_notices(session, window)
    opened = {**incidents.count_by_rule(session, window), **told}
    found = rows.read(session).rules.values()
    return rows_json([_row(rule, opened.get(rule.name, 0), choice) for rule in found])


def _row(rule: AlertRule[Any], opened: int, choice: Choice) -> Row:
    told = str(RulesShape.model_fields[rule.name.value].description)
    name = rule.name.value
    row: Row = {
        "k": name,
        "tone": "" if rule.is_on else "quiet",
        "c": [
            cells.text(name, below=told),
            _with(rule),
            rule.severity.value if rule.severity is not None else "as it is",
            _whom(rule),
            cells.text(f"{opened:,}", sort=opened),
        ],
    }
    return {**row, "h": choice.href("/alerts", rule=name)} if rule.name in REPLAYABLE else row


def _with(rule: AlertRule[Any]) -> cells.Cell:
    if not rule.is_on:
        return cells.text("off", tone="quiet")
    values = {} if rule.name is RuleName.DOWN else spell(Trial(rule))
    return cells.text(", ".join(f"{key} {value}" for key, value in values.items()) or "on")


def _whom(rule: AlertRule[Any]) -> str:
    return ", ".join(sorted(rule.reach.providers | rule.reach.endpoints)) or "all"
