"""The benchmark still runs: each measurement in tiny, without a word about how fast it is."""

from collections.abc import Callable
from pathlib import Path

import pytest

from tests.performance import (
    alerting,
    bench,
    concurrency,
    drawing,
    ingesting,
    memory,
    recording,
    starting,
    ttft,
)
from tests.performance.figures import Figure

pytestmark = pytest.mark.slow

TINY: dict[str, Callable[[], list[Figure]]] = {
    "recording": lambda: recording.measure(rounds=1, calls_a_round=500),
    "concurrency": lambda: concurrency.measure(seconds=0.2, callers=4),
    "ttft": lambda: ttft.measure(probes=1),
    "starting": lambda: starting.measure(times=1, starts=1),
    "memory": lambda: memory.measure(after_s=0),
    "drawing": lambda: drawing.measure(rounds=1, days=2, warm_ups=0),
}
MARKS = {"ttft": pytest.mark.model, "drawing": pytest.mark.browser}


@pytest.mark.parametrize(
    "name", [pytest.param(name, marks=MARKS.get(name, ())) for name in bench.MEASUREMENTS]
)
def test_a_measurement_finds_all_its_figures(name: str) -> None:
    figures = TINY[name]()

    assert [figure.key for figure in figures if not figure.value] == []


def test_what_a_monitor_took_in_is_measured_and_counted(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    figures = ingesting.measure(events=1_000, singles=70, probes=3, size=500)

    assert [figure.key for figure in figures if not figure.value] == []


def test_how_soon_alerts_arrive_is_measured() -> None:
    figures = alerting.measure(n_incidents=2, n_channels=2)

    assert [figure.key for figure in figures if not figure.value] == []


def test_the_last_line_gives_the_figures_back() -> None:
    figures = [
        Figure("speed", 5.0, "calls/s", "how many", 4.0),
        Figure("wait", None, "s", "how long", 1.0, is_ceiling=True),
    ]
    line = bench.write_line(figures, (0.0, 0.0, 0.0), failed=[])

    assert bench.read(line) == figures


@pytest.mark.parametrize(
    ("value", "is_ceiling", "is_met"),
    [(4.0, False, True), (3.9, False, False), (4.0, True, True), (4.1, True, False)],
)
def test_a_goal_is_the_least_or_as_a_ceiling_the_most(
    value: float,
    *,
    is_ceiling: bool,
    is_met: bool,
) -> None:
    assert Figure("x", value, "s", "it", 4.0, is_ceiling=is_ceiling).is_met is is_met


def test_a_figure_that_is_not_known_has_no_verdict() -> None:
    assert Figure("x", None, "s", "it", 4.0).is_met is None
