"""Abilities: what the rare, dearer probes last found. How fast on a long question, able to what."""

from collections.abc import Mapping, Sequence

from dash.development.base_component import Component

from dashboard import format as fmt
from dashboard.choices import Choice
from dashboard.components import cells, parts
from dashboard.components.cells import Cell, Column, Row
from dashboard.components.outcomes import name
from dashboard.components.table import table
from monitor.domain.capabilities import Capability
from monitor.domain.outcomes import Outcome
from monitor.storage.engine import Session
from monitor.storage.queries import capabilities
from monitor.storage.queries.call_lines import CallLine
from monitor.storage.queries.capabilities import Tested
from monitor.storage.queries.endpoints import EndpointFacts

_EMPTY = "Neither a performance nor a capability probe was sent yet."
_TESTS = {
    Capability.IMAGE: "Image input",
    Capability.SCHEMA: "Structured output",
    Capability.TOOL: "Tool call",
    Capability.EMBEDDINGS: "Embeddings",
}
COLUMNS: list[Column] = [
    {"h": "Endpoint", "grow": True},
    {"h": "Long question: TTFT", "num": True},
    {"h": "Tokens/s", "num": True},
    *[Column(h=title) for title in _TESTS.values()],
]


def section(component_id: str, drawn: str) -> Component:
    """The table of them, under its title."""
    listed = table(component_id, "Performance and capabilities", COLUMNS, drawn, empty=_EMPTY)
    return parts.section("Performance and capabilities", listed, note="the newest probe of each")


def rows(session: Session, choice: Choice, serving: Sequence[EndpointFacts]) -> list[Row]:
    """One row for each endpoint that such a probe was sent to."""
    numbers = [each.id for each in serving]
    tested: dict[int, dict[Capability, Tested]] = {}
    for each in capabilities.newest_tests(session, numbers):
        tested.setdefault(each.endpoint_id, {})[each.capability] = each
    measured = capabilities.newest_performances(session, numbers)
    return [
        _row(each, measured.get(each.id), tested.get(each.id, {}), choice)
        for each in serving
        if each.id in measured or each.id in tested
    ]


def _row(
    each: EndpointFacts,
    measured: CallLine | None,
    tested: Mapping[Capability, Tested],
    choice: Choice,
) -> Row:
    return {
        "k": str(each.id),
        "c": [
            cells.text(each.model_name, below=each.slug, sort=each.slug),
            _speed_cell(measured, choice),
            _rate_cell(measured),
            *(_test_cell(tested.get(capability), choice) for capability in _TESTS),
        ],
    }


def _speed_cell(measured: CallLine | None, choice: Choice) -> Cell:
    if measured is None:
        return cells.text("not tested", tone="quiet")
    at = fmt.clock(measured.started_ms, choice.zone, choice.now_ms)
    href = choice.href(f"/calls/{measured.id}")
    if measured.ttft_s is None:
        return cells.text(name(measured.outcome), below=at, href=href)
    return cells.text(fmt.seconds(measured.ttft_s), below=at, href=href, sort=measured.ttft_s)


def _rate_cell(measured: CallLine | None) -> Cell:
    rate = None if measured is None else _rate(measured)
    if rate is None:
        return cells.text(fmt.DASH, title="not known", tone="quiet")
    return cells.text(fmt.output_rate(rate), sort=rate)


def _rate(line: CallLine) -> float | None:
    """Tokens per second after the first; `None` where too little is known."""
    if line.ttft_s is None or line.total_s is None or line.output_tokens is None:
        return None
    after_s = line.total_s - line.ttft_s
    return (line.output_tokens - 1) / after_s if after_s > 0 and line.output_tokens > 1 else None


def _test_cell(tested: Tested | None, choice: Choice) -> Cell:
    if tested is None or tested.outcome is None:
        return cells.text("not tested", tone="quiet")
    at = fmt.clock(tested.at_ms, choice.zone, choice.now_ms)
    if tested.outcome is Outcome.OK:
        return cells.state("good", "Can", below=at, sort=0)
    if tested.outcome is Outcome.WRONG_ANSWER:
        return cells.state("bad", "Cannot", below=at, sort=2)
    return cells.state("unknown", "Not told", below=f"{name(tested.outcome)}, {at}", sort=1)
