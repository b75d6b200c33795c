"""Firings: thresholds of budgets that were met, as rows of a table."""

from zoneinfo import ZoneInfo

from dashboard import format as fmt
from dashboard.choices import Choice
from dashboard.components import cells
from dashboard.components.cells import Row
from monitor.domain.windows import Window, day_of
from monitor.storage.queries.budgets import Fired

COLUMNS: list[cells.Column] = [
    {"h": "At"},
    {"h": "Budget", "grow": True},
    {"h": "Threshold"},
    {"h": "Spent then", "num": True},
    {"h": "Of", "num": True},
    {"h": "Period"},
    {"h": "Delivery"},
]


def period(window: Window, zone: ZoneInfo) -> str:
    """The days of a period, with the zone that they are of."""
    days = fmt.days(day_of(window.from_ms, zone), day_of(window.to_ms - 1, zone))
    return f"{days} · {fmt.zone_name(zone)}"


def row(fired: Fired, choice: Choice) -> Row:
    """What was known when a threshold was met, and what became of its message."""
    spent, projected = fired.spent, fired.projected_nano_usd
    below = "" if projected is None else f"projected {fmt.money(projected)}"
    sent = fmt.clock(fired.delivered_ms, choice.zone, choice.now_ms)
    return {
        "k": str(fired.id),
        "c": [
            cells.text(fmt.clock(fired.fired_ms, choice.zone, choice.now_ms), sort=fired.fired_ms),
            cells.text(fired.budget),
            cells.text(str(fired.threshold)),
            cells.text(fmt.money(spent.nano_usd), below=below, sort=spent.nano_usd / 1e9),
            cells.text(fmt.money(fired.amount_nano_usd), sort=fired.amount_nano_usd / 1e9),
            cells.text(period(fired.window, fired.zone)),
            cells.text("not delivered; see Alerts", tone="quiet")
            if fired.delivered_ms is None
            else cells.text(sent, sort=fired.delivered_ms),
        ],
    }
