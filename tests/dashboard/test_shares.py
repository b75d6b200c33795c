import plotly.graph_objects as go

from dashboard.figures.axes import Figure
from dashboard.figures.shares import Axis, Series, calls, stacked, states_in, tokens, tokens_of
from monitor.storage.queries.totals import Totals

KNOWN = Totals(n=2, n_good=2, n_measured=2, input=10, output=4)
HALF = Totals(n=2, n_good=2, n_measured=1, n_missing=1, input=10)
GUESSED = Totals(n=1, n_good=1, n_estimated=1, input=3)
UNKNOWN = Totals(n=1, n_good=1, n_missing=1)
AXIS = Axis(
    ["2026-11-22", "2026-11-23", "2026-11-24"], [0, 86_400_000, 172_800_000], is_so_far=True
)


def series(*totals: Totals, **more: object) -> Series:
    return Series("small", "#123456", totals, "/calls?model=small", **more)  # type: ignore[arg-type]


def drawn() -> Figure:
    return stacked([series(KNOWN, HALF, GUESSED), series(UNKNOWN, Totals(), KNOWN)], AXIS)


def test_plotly_accepts_the_figure() -> None:
    assert go.Figure(drawn()).layout.barmode == "stack"


def test_calls_of_unknown_usage_are_a_gap_and_no_calls_are_zero() -> None:
    assert drawn()["data"][1]["y"] == [None, 0, 14]


def test_how_much_is_known_is_drawn_by_a_pattern() -> None:
    pattern = drawn()["data"][0]["marker"]["pattern"]

    assert pattern["shape"] == ["", "/", "."]
    assert pattern["solidity"][1] > pattern["solidity"][0]
    assert states_in([series(KNOWN, HALF)]) == {"/"}


def test_a_failed_call_without_usage_is_no_missing_usage() -> None:
    assert states_in([series(Totals(n=2, n_good=1, n_measured=1, n_missing=1))]) == set()


def test_each_series_leads_to_its_own_calls() -> None:
    trace = drawn()["data"][0]

    assert (trace["meta"]["href"], trace["customdata"]) == ("/calls?model=small", AXIS.starts_ms)


def test_the_day_that_is_not_over_says_so() -> None:
    [mark] = drawn()["layout"]["annotations"]
    over = stacked([series(KNOWN)], Axis(["2026-11-22"], [0]))

    assert (mark["text"], mark["x"]) == ("so far", "2026-11-24")
    assert over["layout"]["annotations"] == []


def test_without_a_call_a_sentence_stands_in_the_place_of_the_axes() -> None:
    empty = stacked([], AXIS)

    assert (empty["data"], empty["layout"]["xaxis"]["visible"]) == ([], False)
    assert empty["layout"]["annotations"][0]["text"] == "No team call in this window"


def test_the_same_totals_can_be_drawn_as_calls_or_by_kind() -> None:
    assert (calls(KNOWN), tokens(KNOWN), tokens_of(("output",))(KNOWN)) == (2, 14, 4)
    assert tokens_of(("output",))(UNKNOWN) is None
