import plotly.graph_objects as go
import pytest

from dashboard.figures import availability as bars
from dashboard.figures import latency, usage
from dashboard.figures.axes import Figure
from monitor.domain.availability import Availability
from monitor.domain.windows import HOUR_MS, Window
from monitor.storage.queries.latency import Point
from monitor.storage.queries.totals import Totals
from monitor.storage.queries.usage import DayTotals
from tests.dashboard.book import HOME

POINTS = [Point(n * HOUR_MS, {60: 3, 61: 1} if n != 2 else {}) for n in range(5)]
DAYS = [
    DayTotals(739_940, Totals(n=2, n_measured=2, n_computed=2, input=10, cost_nano_usd=5_000)),
    DayTotals(739_941, Totals(n=1, n_missing=1, n_no_usage=1)),
    DayTotals(739_942, Totals()),
]


IDLE = [DayTotals(739_940, Totals())]


def spend(team: list[DayTotals], probes: list[DayTotals]) -> Figure:
    return usage.spend_per_day({"Team": ("#123456", team), "Probes": ("#654321", probes)})


def said(figure: Figure) -> str:
    """The sentence of a chart without axes."""
    assert not figure["data"]
    assert not figure["layout"]["yaxis"]["visible"]
    [annotation] = figure["layout"]["annotations"]
    return str(annotation["text"])


def percentiles() -> Figure:
    return latency.percentiles({"a": ("#123456", POINTS)}, Window(0, 5 * HOUR_MS), HOME, href="")


@pytest.mark.parametrize(
    "figure",
    [
        percentiles(),
        usage.tokens_per_day(DAYS, DAYS),
        usage.spend_per_day({"Team": ("#123456", DAYS), "Probes": ("#654321", DAYS)}),
    ],
)
def test_plotly_accepts_every_figure(figure: Figure) -> None:
    assert go.Figure(figure).layout.uirevision == "kept"


def test_a_step_without_calls_is_a_gap_in_the_line() -> None:
    values = percentiles()["data"][0]["y"]

    assert [value is None for value in values] == [False, False, True, False, False]


def test_a_value_between_two_gaps_is_drawn_as_a_dot() -> None:
    lonely = [Point(n * HOUR_MS, {60: 1} if n == 1 else {}) for n in range(3)]
    figure = latency.percentiles({"a": ("#123456", lonely)}, Window(0, 3 * HOUR_MS), HOME, href="")

    assert figure["data"][0]["marker"]["size"] == [0, 4, 0]


def test_a_day_without_known_usage_is_a_gap_not_a_zero() -> None:
    assert usage.tokens_per_day(DAYS, [])["data"][0]["y"] == [10, None, None]


def test_a_day_without_known_cost_is_a_gap_not_a_zero() -> None:
    figure = usage.spend_per_day({"Team": ("#123456", DAYS)})

    assert figure["data"][0]["y"] == [0.000005, None, None]


def test_probes_have_a_series_of_their_own_beside_the_teams_tokens() -> None:
    traces = usage.tokens_per_day(IDLE, DAYS)["data"]

    assert {each["name"]: each["y"][0] for each in traces}["Probes"] == 10
    assert {each["y"][0] for each in traces if each["name"] != "Probes"} == {None}


def test_a_day_with_good_calls_without_usage_is_hatched() -> None:
    partly = Totals(n=3, n_good=2, n_bad=1, n_measured=1, n_missing=2, input=10)
    failed = Totals(n=2, n_good=1, n_bad=1, n_measured=1, n_missing=1, input=10)
    days = [DayTotals(739_940, partly), DayTotals(739_941, failed)]

    assert usage.tokens_per_day(days, [])["data"][0]["marker"]["pattern"]["shape"] == ["/", ""]


def test_days_without_calls_are_a_sentence_and_no_axis() -> None:
    for figure in (usage.tokens_per_day(IDLE, IDLE), spend(IDLE, IDLE)):
        assert said(figure) == "No calls on these days"


@pytest.mark.parametrize(
    ("team", "probes", "sentence"),
    [
        ({}, {"n_computed": 1}, "Probes are free here, no team usage yet"),
        ({"n_computed": 1}, {"n_computed": 1}, "All calls were free"),
        ({}, {"n_unpriced": 1}, "No price is known of these calls"),
        ({}, {"n_no_usage": 1}, "No usage was reported, so no cost is known"),
    ],
)
def test_no_spend_is_a_sentence_that_says_why(
    team: dict[str, int], probes: dict[str, int], sentence: str
) -> None:
    figure = spend(*([DayTotals(739_940, Totals(n=len(each), **each))] for each in (team, probes)))

    assert said(figure) == sentence


@pytest.mark.parametrize(
    ("covered_ms", "down_ms", "letter"),
    [
        (0, 0, "n"),
        (499, 0, "h"),
        (499, 499, "h"),
        (1_000, 0, "u"),
        (1_000, 1, "m"),
        (1_000, 11, "p"),
        (1_000, 51, "d"),
    ],
)
def test_a_bar_tells_availability_only_where_half_was_watched(
    covered_ms: int, down_ms: int, letter: str
) -> None:
    assert bars.letter(Availability(1_000, covered_ms, down_ms)) == letter


def test_bars_carry_a_letter_a_figure_and_a_coverage_for_each_day() -> None:
    days = [(739_941, Availability(1_000, 0, 0)), (739_942, Availability(1_000, 900, 9))]
    encoded = bars.encode_days(days, label="x", href="/calls", zone="UTC")

    assert (encoded["s"], encoded["a"], encoded["c"]) == ("nm", ",99000", "0,90000")
    assert encoded["from"] == "2026-11-21"


def test_a_line_without_axes_leaves_gaps_empty() -> None:
    assert latency.spark(POINTS).split(",")[2] == ""
