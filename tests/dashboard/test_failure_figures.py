from zoneinfo import ZoneInfo

import plotly.graph_objects as go
import pytest

from dashboard.figures import failures as failed
from dashboard.figures.axes import Figure
from monitor.domain.outcomes import RULINGS, Outcome
from monitor.domain.windows import BUCKET_MS, Window
from monitor.storage.queries import failures


def failed_steps() -> list[failures.Step]:
    """Four quarters of an hour: two classes, none, no call at all, one class."""
    return [
        failures.Step(0, 9, {Outcome.OVERLOADED: 2, Outcome.TIMEOUT_TOTAL: 1}),
        failures.Step(BUCKET_MS, 9, {}),
        failures.Step(2 * BUCKET_MS, 0, {}),
        failures.Step(3 * BUCKET_MS, 9, {Outcome.OVERLOADED: 4}),
    ]


def draw_failures(steps: list[failures.Step]) -> Figure:
    return failed.over_time(steps, Window(0, 4 * BUCKET_MS), ZoneInfo("UTC"), href="/calls?a=b")


def test_failures_are_stacked_by_family_and_unknown_time_is_no_zero() -> None:
    drawn = draw_failures(failed_steps())
    values = {trace["name"]: trace["y"] for trace in drawn["data"]}

    assert go.Figure(drawn).layout.barmode == "stack"
    assert values == {"Overloaded": [2, 0, None, 4], "Timeout": [1, 0, None, 0]}


def test_time_without_calls_is_one_shade_from_where_they_stop() -> None:
    steps = [failures.Step(n * BUCKET_MS, 0, {}) for n in (0, 1)]
    steps += [failures.Step(2 * BUCKET_MS, 3, {Outcome.TLS: 1})]
    [shade] = failed.over_time(steps, Window(0, 3 * BUCKET_MS), ZoneInfo("UTC"), href="")["layout"][
        "shapes"
    ]

    assert (shade["x0"], shade["x1"]) == ("1970-01-01T00:00:00", "1970-01-01T00:30:00")


def test_a_step_of_failures_leads_to_its_calls() -> None:
    drawn = draw_failures(failed_steps())

    assert drawn["layout"]["meta"] == {"href": "/calls?a=b", "last_step_ms": BUCKET_MS}
    assert drawn["data"][0]["customdata"] == [n * BUCKET_MS for n in range(4)]


@pytest.mark.parametrize(
    ("calls", "said"), [(0, "No call in this window"), (7, "None of 7 calls failed")]
)
def test_where_nothing_failed_a_sentence_says_of_how_many(calls: int, said: str) -> None:
    drawn = draw_failures([failures.Step(0, calls, {})])

    assert [each["text"] for each in drawn["layout"]["annotations"]] == [said]
    assert go.Figure(drawn).data == ()


def test_every_class_of_failure_has_a_colour() -> None:
    assert {failed.family_of(result) for result in RULINGS} <= set(failed.FAMILIES)


@pytest.mark.parametrize(("n", "dtick"), [(1, 1), (5, 1), (6, None), (4_000, None)])
def test_a_few_failures_are_not_cut_into_halves(n: int, dtick: int | None) -> None:
    drawn = draw_failures([failures.Step(0, n, {Outcome.TLS: n})])

    assert go.Figure(drawn).layout.yaxis.dtick == dtick
