"""Call rows: calls as every table of calls shows them."""

from dashboard import format as fmt
from dashboard.choices import Choice
from dashboard.components import cells
from dashboard.components.cells import Cell, Column, Row
from dashboard.components.outcomes import outcome_cell
from monitor.domain.prices import CostState
from monitor.storage.queries.call_lines import CallLine

COLUMNS: list[Column] = [
    {"h": "Started"},
    {"h": "Endpoint", "grow": True},
    {"h": "Outcome"},
    {"h": "TTFT", "num": True},
    {"h": "Total", "num": True},
    {"h": "Tokens in", "num": True},
    {"h": "Tokens out", "num": True},
    {"h": "Cost", "num": True},
]


def call_row(line: CallLine, choice: Choice) -> Row:
    """One call."""
    href = choice.href(f"/calls/{line.id}")
    at = fmt.stamp(line.started_ms, choice.zone)
    whose = " · ".join(w for w in (line.origin, line.kind, line.team, line.app) if w)
    return {
        "k": str(line.id),
        "h": href,
        "c": [
            cells.text(at.rpartition(" ")[2], below=at.rpartition(" ")[0], href=href, sort=at),
            cells.text(line.endpoint, below=whose),
            outcome_cell(line.outcome, line.http_status),
            fmt.seconds(line.ttft_s),
            fmt.seconds(line.total_s),
            fmt.count(line.input_tokens),
            fmt.count(line.output_tokens),
            _cost_cell(line),
        ],
    }


def _cost_cell(line: CallLine) -> Cell:
    match line.cost_state:
        case CostState.UNPRICED:
            return cells.text("unpriced", tone="warned")
        case CostState.NO_USAGE:
            return cells.text("no usage", tone="quiet")
        case _:
            money = line.cost_nano_usd
            return cells.text(fmt.money(money), sort=None if money is None else money / 1e9)
