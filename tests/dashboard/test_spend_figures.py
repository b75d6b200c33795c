from zoneinfo import ZoneInfo

import plotly.graph_objects as go

from dashboard.figures import courses, movers, spend
from dashboard.figures.spend import Series, plain
from monitor.domain.movers import Effects, Mover
from monitor.domain.windows import DAY_MS, day_window
from monitor.storage.queries.totals import Totals
from monitor.storage.queries.usage import DayTotals

UTC, KATHMANDU = ZoneInfo("UTC"), ZoneInfo("Asia/Kathmandu")
FIRST = 739_700
USD = 10**9


def day(place: int, usd: int = 0, n: int = 10, **more: int) -> DayTotals:
    known = n - more.get("n_unpriced", 0) - more.get("n_no_usage", 0)
    totals = Totals(n=n, n_good=n, n_computed=known, cost_nano_usd=usd * USD, **more)
    return DayTotals(FIRST + place, totals)


def draw(*days: DayTotals, zone: ZoneInfo = UTC) -> go.Figure:
    return go.Figure(spend.per_day([Series("a", "#123456", days)], zone, href="/calls"))


def test_a_day_of_unknown_cost_is_a_gap_with_a_shade_and_no_zero() -> None:
    figure = draw(day(0, 2), day(1, 0, n_unpriced=10), day(2, n=0))

    assert list(figure.data[0].y) == [2.0, None, None]
    assert len(figure.layout.shapes) == 1


def test_marks_say_how_many_calls_are_not_counted() -> None:
    figure = draw(day(0, 2), day(1, 1, n_unpriced=1, n_no_usage=2))

    assert list(figure.data[1].text) == ["", "1 unpriced, 2 without usage"]
    assert list(figure.data[1].y) == [None, 0]


def test_failed_calls_are_not_missed_for_having_no_usage() -> None:
    failed = DayTotals(FIRST, Totals(n=10, n_good=8, n_no_usage=2, n_computed=8, cost_nano_usd=USD))

    assert len(draw(failed).data) == 1


def test_patterns_are_for_days_that_lack_much() -> None:
    days = [
        day(0, 1, n=100, n_unpriced=4),
        day(1, 1, n=100, n_unpriced=5),
        day(2, 1, n=100, n_no_usage=9),
    ]

    assert list(draw(*days).data[0].marker.pattern.shape) == ["", "/", "."]


def test_a_click_leads_to_the_calls_of_the_zones_day() -> None:
    figure = draw(day(0, 1), day(1, 1), zone=KATHMANDU)

    assert figure.layout.meta == {"href": "/calls", "last_step_ms": DAY_MS}
    assert figure.data[0].customdata[1] == day_window(FIRST + 1, KATHMANDU).from_ms


def test_without_calls_the_chart_says_so() -> None:
    assert draw(day(0, n=0)).layout.annotations[0].text == "No calls on these days"
    assert draw(day(0)).layout.annotations[0].text == "All calls were free"


def test_money_adds_up_day_by_day_beside_the_period_before() -> None:
    figure = go.Figure(
        courses.cumulative(
            [day(0, 1), day(1, 2)],
            [day(-3, 5), day(-2, 0), day(-1, 1)],
            range(FIRST, FIRST + 4),
            projected_nano_usd=9 * USD,
            limit_nano_usd=7 * USD,
        )
    )
    lines = {line.name: list(line.y) for line in figure.data}

    assert lines == {
        "The period before": [5.0, 5.0, 6.0],
        "So far": [1.0, 3.0],
        "Projected": [3.0, 9.0],
        "Budget": [7.0, 7.0],
    }


def test_one_day_alone_is_a_point() -> None:
    figure = go.Figure(courses.cumulative([day(0, 1)], [], range(FIRST, FIRST + 30)))

    assert [line.mode for line in figure.data if line.name == "So far"] == ["markers"]


def test_effects_of_each_mover_are_bars_to_either_side() -> None:
    moved = [Mover("<b>x", 0, USD, Effects(2 * USD, -USD)), Mover("", USD, USD, Effects())]
    figure = go.Figure(movers.effects(moved))
    bars = {bar.name: list(bar.x) for bar in figure.data}

    assert (bars["Volume"], bars["Mix"]) == ([2.0, 0.0], [-1.0, 0.0])
    assert list(figure.data[0].y) == ["&lt;b&gt;x", "not known"]


def test_where_nothing_changed_the_chart_says_so() -> None:
    figure = go.Figure(movers.effects([Mover("a", 1, 1, Effects())]))

    assert figure.layout.annotations[0].text == "Nothing changed between these periods"


def test_long_names_are_cut() -> None:
    assert plain("a" * 90) == "a" * 35 + "…"
