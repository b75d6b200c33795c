"""Failing: what went wrong with the calls to some endpoints, over time and by class."""

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import NamedTuple

from dashboard import format as fmt
from dashboard.choices import Choice
from dashboard.components import cells, parts
from dashboard.components.cells import Column, Row
from dashboard.components.outcomes import answers_for, name, why
from dashboard.figures import failures as charts
from dashboard.figures.axes import BLIND, Figure
from monitor.domain.outcomes import Result
from monitor.domain.steps import cut
from monitor.storage.engine import Session
from monitor.storage.queries import failures

CLASSES: list[Column] = [
    {"h": "Class", "grow": True},
    {"h": "Who answers for it"},
    {"h": "Calls", "num": True},
    {"h": "Of all calls", "num": True},
    {"h": "Endpoints", "num": True},
]


class Drawn(NamedTuple):
    """The chart, the colours that occur in it, and how many calls it is of."""

    figure: Figure
    legend: parts.Children
    note: str


def over_time(session: Session, choice: Choice, numbers: Sequence[int], href: str) -> Drawn:
    """Failed calls step by step; `href` lists the failed calls of a step."""
    steps = cut(choice.window, choice.step_ms, choice.zone)
    found = failures.over_time(session, steps, choice.zone, numbers)
    legend = [(charts.FAMILIES[family], family) for family in charts.families_in(found)]
    if legend and any(not step.calls for step in found):
        legend.append((BLIND, "No calls"))
    figure = charts.over_time(found, choice.window, choice.zone, href=href)
    return Drawn(figure, parts.legend(legend), choice.label())


def classes(
    counts: Mapping[int, Counter[Result]], made: int, choice: Choice, **filters: str
) -> list[Row]:
    """A row for each class, the most frequent first; `filters` are those of the list of calls."""
    whole: Counter[Result] = Counter()
    for counted in counts.values():
        whole.update(counted)
    return [
        _row(result, n, made, sum(1 for each in counts.values() if each[result]), choice, filters)
        for result, n in sorted(whole.items(), key=lambda pair: (-pair[1], pair[0]))
    ]


def _row(
    result: Result, n: int, made: int, places: int, choice: Choice, filters: Mapping[str, str]
) -> Row:
    href = choice.href("/calls", **{**filters, "outcome": result.value})
    share = 100_000 * n // made if made else None
    return {
        "k": result.value,
        "h": href,
        "c": [
            cells.text(name(result), below=why(result), href=href),
            answers_for(result),
            cells.text(fmt.count(n), sort=n),
            cells.text(fmt.share(share), below=f"of {made:,}", sort=share),
            cells.text(fmt.count(places), sort=places),
        ],
    }
