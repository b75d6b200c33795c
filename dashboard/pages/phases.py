"""Phases: where the time of good calls goes, from the first packet to the last token.

Percentiles of phases do not add up to those of the whole, so each phase has a line of its own.
"""

from collections.abc import Collection

from dashboard import format as fmt
from dashboard.choices import Choice
from dashboard.components import cells
from dashboard.components.cells import Cell, Column, Row
from dashboard.figures import latency as lines
from monitor.domain.histogram import Metric, merge, quantile_s
from monitor.storage.engine import Session
from monitor.storage.queries import latency
from monitor.storage.queries.latency import Histogram, Point

COLUMNS: list[Column] = [
    {"h": "Phase", "grow": True},
    {"h": "Median over the window"},
    {"h": "p50", "num": True},
    {"h": "p90", "num": True},
    {"h": "p95", "num": True},
    {"h": "p99", "num": True},
    {"h": "n", "num": True},
]
PHASES = {
    Metric.CONNECT: ("Connect", "name look-up and TCP, on a new connection"),
    Metric.TLS: ("TLS", "handshake, on a new connection"),
    Metric.FIRST_BYTE: ("First byte", "from the start of the call"),
    Metric.TTFT: ("First token", "from the start of the call"),
    Metric.TOTAL: ("Whole answer", "from the start of the call"),
}


def rows(session: Session, choice: Choice, numbers: Collection[int]) -> list[Row]:
    """One row for each phase, of all these endpoints together."""
    return [_row(session, choice, numbers, metric) for metric in PHASES]


def _row(session: Session, choice: Choice, numbers: Collection[int], metric: Metric) -> Row:
    name, meaning = PHASES[metric]
    found = latency.histograms(session, choice.window, metric, choice.zone, endpoint_ids=numbers)
    whole = merge(found.values())
    return {
        "k": metric.value,
        "c": [
            cells.text(name, below=meaning, sort=list(PHASES).index(metric)),
            _line_cell(name, _points(session, choice, numbers, metric)),
            *(_speed_cell(whole, share) for share in (0.5, 0.9, 0.95, 0.99)),
            cells.text(fmt.count(sum(whole.values())), sort=sum(whole.values())),
        ],
    }


def _points(
    session: Session, choice: Choice, numbers: Collection[int], metric: Metric
) -> list[Point]:
    step_ms = choice.coarse_step_ms
    found = latency.series(
        session, choice.window, metric, step_ms, choice.zone, endpoint_ids=numbers
    )
    return [
        Point(together[0].from_ms, merge(point.histogram for point in together))
        for together in zip(*found.values(), strict=True)
    ]


def _line_cell(name: str, points: list[Point]) -> Cell:
    label = f"{name}: {lines.describe(points)}"
    return cells.spark(lines.spark(points), label, shown="", below="", sort=None)


def _speed_cell(histogram: Histogram, share: float) -> Cell:
    value_s = quantile_s(histogram, share)
    if value_s is None:
        return cells.text(fmt.DASH, title="no call measured it", tone="quiet")
    return cells.text(fmt.fine_seconds(value_s), sort=value_s)
