from collections.abc import Sequence
from dataclasses import replace
from itertools import product
from typing import Any
from urllib.parse import urlsplit

import plotly.graph_objects as go
import pytest
from dash.development.base_component import Component

from dashboard import ids
from dashboard.choices import choose
from dashboard.pages import spend_rows
from dashboard.pages.spend import draw as draw_parts
from dashboard.pages.spend_rows import mover_rows
from dashboard.reads import Reads
from monitor.domain.budgets import Budget, Scope, ScopeKind
from monitor.domain.calls import Attribution, Call, Detail
from monitor.domain.counterparts import Kind
from monitor.domain.dimensions import Dimension
from monitor.domain.movers import Effects, Mover
from monitor.domain.outcomes import Outcome
from monitor.domain.periods import Cycle, Period
from monitor.domain.windows import DAY_MS, HOUR_MS, MINUTE_MS
from monitor.services import budgets
from tests.dashboard.book import FAILING, GOOD, HOSTILE, Book, probe, request
from tests.dashboard.components import cell, rows, texts, walk
from tests.dashboard.test_monitor import figure_of
from tests.dashboard.test_pages import draw

#: What a call of the book costs: 900 in, 300 cached, 250 out and 50 thought.
COST_USD = 0.0045
FREE = "gale/free"
NASTY = "=1+1 <b>red</b>"
ZONES = ["UTC", "Asia/Kathmandu", "Pacific/Chatham", "America/St_Johns"]


def of(call: Call, team: str) -> Call:
    return replace(call, attribution=Attribution(team))


def spend_some(book: Book, *, days: int = 3) -> None:
    """Calls of two teams on each of some days up to now, of which one endpoint has no price."""
    start_ms = book.now_ms - days * DAY_MS
    book.watch([GOOD, FAILING], since_ms=start_ms)
    book.watch([GOOD, FAILING, FREE], since_ms=start_ms, is_priced=False)
    made = [of(request(GOOD, start_ms + n * HOUR_MS), "red") for n in range(24 * days)]
    made += [of(request(FAILING, start_ms + n * DAY_MS + 1), NASTY) for n in range(days)]
    made.append(of(request(FREE, book.now_ms - HOUR_MS), "red"))
    cut = replace(request(GOOD, book.now_ms - MINUTE_MS), outcome=Outcome.STREAM_CUT)
    book.record([*made, cut, probe(GOOD, book.now_ms - 2 * MINUTE_MS)])


def draw_spend(book: Book, search: str = "?window=7d") -> Component:
    return draw(Reads(book.database, book.home), "/spend", search)


def cards(page: Component) -> dict[str, str]:
    """The words of each card by its name."""
    found = [each for each in walk(page) if "iw-card " in str(getattr(each, "className", ""))]
    pairs = [(texts(each.children[0]), texts(each.children[1:])) for each in found]
    return dict(pairs)


def test_before_any_team_called_the_page_says_how_calls_come(book: Book) -> None:
    page = draw_spend(book)

    assert "No team usage yet Calls of your programs come through" in texts(page)
    assert cards(page)["Spend in this window"] == "No team usage yet"
    assert cards(page)["Probes, apart"].startswith("No probe in this window")


def test_cards_tell_what_is_known_and_of_how_much(book: Book) -> None:
    spend_some(book)
    told = cards(draw_spend(book))

    assert (
        told["Spend in this window"] == "$0.34 cost known of 98 % of 77 calls 1 unpriced left out"
    )
    assert told["Failed calls cost"] == "$0.0045 1 failed call of known cost, 1 failed"
    assert told["Not counted"] == "1 call 1 without a price 0 without usage"
    assert told["Spared by caching"].startswith("$0.02 reads spared $0.02 of ")
    assert told["Probes, apart"].startswith("$0.000072 1 probe in this window")


def test_a_projection_says_of_how_many_days_it_is(book: Book) -> None:
    spend_some(book, days=20)
    told = cards(draw_spend(book, "?window=mtd"))["This month, so far"]

    assert "by its end: projected, 7 days" in told


def test_a_forecast_stands_with_its_interval(book: Book) -> None:
    spend_some(book, days=40)
    told = cards(draw_spend(book, "?window=mtd"))["This month, so far"]

    assert "$3.37 by its end, $3.37 to $3.38 at 80 %" in told


def test_a_team_without_any_price_has_no_zero(book: Book) -> None:
    book.watch([GOOD], since_ms=book.now_ms - HOUR_MS, is_priced=False)
    book.record([request(GOOD, book.now_ms - MINUTE_MS)])
    page = draw_spend(book)
    chart = figure_of(page, ids.SPEND_DAYS)

    assert cards(page)["Spend in this window"].startswith("Not priced cost known of 0 % of 1 call")
    assert cell(rows(page, ids.SPEND_OWNERS)[0], 1) == "unpriced"
    assert chart["layout"]["annotations"][0]["text"] == "No price is known of these calls"


def test_days_are_stacked_by_team_and_sum_to_the_spend_of_the_window(book: Book) -> None:
    spend_some(book)
    page = draw_spend(book, "?window=7d&by=team")
    figure = go.Figure(figure_of(page, ids.SPEND_DAYS))
    bars = {
        trace.name: sum(y or 0 for y in trace.y) for trace in figure.data if trace.type == "bar"
    }

    assert [*bars] == ["red", "=1+1 &lt;b&gt;red&lt;/b&gt;", "search", "Probes"]
    assert sum(bars.values()) - bars["Probes"] == pytest.approx(76 * COST_USD)
    assert rows(page, ids.SPEND_OWNERS)[1]["c"][0]["t"] == NASTY


@pytest.mark.parametrize(
    ("by", "zone"), [*product(["team"], ZONES), *product(["model", "key", "origin"], ["UTC"])]
)
def test_a_tables_owners_sum_to_the_card_in_any_zone(book: Book, by: str, zone: str) -> None:
    spend_some(book)
    listed = rows(draw_spend(book, f"?window=30d&by={by}&zone={zone}"), ids.SPEND_OWNERS)
    known = [row["c"][1]["v"] for row in listed if "v" in row["c"][1]]

    assert sum(known) == pytest.approx(76 * COST_USD)


def test_days_with_calls_that_are_not_counted_are_marked_in_words(book: Book) -> None:
    spend_some(book)
    page = draw_spend(book)
    marks = next(t for t in figure_of(page, ids.SPEND_DAYS)["data"] if t["type"] == "scatter")

    assert [words for words in marks["text"] if words] == ["1 unpriced"]
    assert "▲ some calls are not counted" in texts(page)


def test_a_filter_leaves_its_own_calls_and_can_be_taken_away(book: Book) -> None:
    spend_some(book)
    page = draw_spend(book, "?window=7d&by=model&team=red")
    links = [each for each in walk(page) if texts(each) == "team: red ×"]

    assert cards(page)["Spend in this window"].startswith("$0.32")
    assert getattr(links[0], "href", "") == "/spend?window=7d&by=model"


def test_a_name_that_is_not_known_is_asked_for_by_a_word(book: Book) -> None:
    book.watch([GOOD], since_ms=book.now_ms - HOUR_MS)
    book.record([of(request(GOOD, book.now_ms - MINUTE_MS), "")])
    [row] = rows(draw_spend(book, "?window=24h&by=team"), ids.SPEND_OWNERS)

    assert cell(row, 0) == "not known"
    assert row["h"] == "/spend?window=24h&team=%28none%29&by=model"


def test_what_changed_is_of_complete_days_and_sums_up(book: Book) -> None:
    spend_some(book, days=20)
    page = draw_spend(book)
    *movers, whole = rows(page, ids.SPEND_MOVED)

    assert "complete days" in texts(page)
    assert [cell(each, 0) for each in movers] == [GOOD, FAILING, FREE][: len(movers)]
    for row in (*movers, whole):
        before, after, change, *effects = (each["v"] for each in row["c"][1:])
        assert after - before == pytest.approx(change) == pytest.approx(sum(effects))


def tell(book: Book, details: Sequence[Detail | None]) -> None:
    """A call of each, an hour apart, yesterday and the day before."""
    book.watch([GOOD], since_ms=book.now_ms - 9 * DAY_MS)
    starts = [book.now_ms - days * DAY_MS - HOUR_MS for days in (1, 2, 2, 3)]
    calls = [(start + n, each) for start in starts for n, each in enumerate(details)]
    book.record([replace(request(GOOD, at_ms), detail=each) for at_ms, each in calls])


def test_users_have_their_own_money(book: Book) -> None:
    tell(book, [Detail(user_hash=bytes([n]) * 16) for n in range(1, 10)])
    page = draw_spend(book, "?by=user&window=30d")
    listed = rows(page, ids.SPEND_OWNERS)

    assert {each["k"] for each in listed} == {f"{n:02}" * 16 for n in range(1, 10)}
    assert {cell(each, 0) for each in listed} == {f"{n:02}" * 6 for n in range(1, 10)}
    assert {cell(each, 1) for each in listed} == {"$0.02"}
    assert "told by 36 of 36 calls" in texts(page)
    alone = draw_spend(book, f"?{urlsplit(listed[0]['h']).query}")
    assert cards(alone)["Spend in this window"].startswith("$0.02 cost known of 100")


def test_money_under_tags_overlaps_and_is_not_summed(book: Book) -> None:
    both = (("ring", NASTY), ("release", "2"))
    tell(book, [Detail(tags=both), Detail(tags=both[:1]), None])
    page = draw_spend(book, "?by=tag&window=30d")
    listed = rows(page, ids.SPEND_OWNERS)

    assert {each["k"]: cell(each, 1) for each in listed} == {
        f"ring={NASTY}": "$0.04",
        "release=2": "$0.02",
        "(none)": "$0.02",
    }
    assert cards(page)["Spend in this window"].startswith("$0.05")
    assert "they overlap, and do not add up to all calls; told by 8 of 12 calls" in texts(page)
    assert next(each["name"] for each in figure_of(page, ids.SPEND_DAYS)["data"]) == "Team"


def test_owners_beyond_those_that_fit_are_one_row(
    book: Book, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(spend_rows, "MOST_OWNERS", 2)
    tell(book, [Detail(user_hash=bytes([n]) * 16) for n in range(1, 6)])
    *_, rest = rows(draw_spend(book, "?by=user&window=30d"), ids.SPEND_OWNERS)

    assert (cell(rest, 0), cell(rest, 1), cell(rest, 4)) == ("3 others", "$0.05", "12")


def test_who_spent_nothing_known_moved_nothing() -> None:
    unpriced, moved = Mover("a", 0, 0, Effects()), Mover("b", 0, 5, Effects(new=5))

    by = Dimension.MODEL
    assert [row["k"] for row in mover_rows([moved, unpriced], moved, by)] == ["b", "All together"]
    assert mover_rows([unpriced], unpriced, by) == []


def test_on_the_first_day_nothing_is_compared(book: Book) -> None:
    spend_some(book, days=1)
    choice = choose("window=mtd", book.home, book.now_ms)
    with book.database.reading() as session:
        first = replace(choice, window=choice.day)
        drawn = draw_parts(session, first)

    assert drawn.moved == "[]"
    assert drawn.moved_note == "nothing to compare: no day of this window is over yet"


def test_a_budget_of_just_these_calls_is_a_line_to_keep_below(book: Book) -> None:
    spend_some(book)
    scope, cycle = Scope(ScopeKind.TEAM, "red"), Cycle(Period.WEEK, book.home)
    with book.database.writing() as session:
        budgets.install(session, (Budget("reds", scope, 2 * 10**9, cycle),), book.now_ms)
    plain, own = draw_spend(book), draw_spend(book, "?window=7d&team=red")
    lines = {line["name"]: line["y"] for line in figure_of(own, ids.SPEND_COURSE)["data"]}

    assert lines["Budget"] == [2.0, 2.0]
    assert "budget reds: $2.00 a week" in texts(own)
    assert "Budget" not in texts(plain)


def test_calls_without_a_price_are_listed_with_a_way_to_prices(book: Book) -> None:
    spend_some(book)
    page = draw_spend(book)
    [row] = rows(page, ids.SPEND_UNPRICED)

    assert [cell(row, place) for place in range(4)] == [FREE, "1", "1", "1,500"]
    assert "/prices?window=7d" in {getattr(each, "href", "") for each in walk(page)}


def test_failed_calls_lead_to_those_calls(book: Book) -> None:
    spend_some(book)
    [row] = rows(draw_spend(book), ids.SPEND_FAILED)

    assert [cell(row, place) for place in range(3)] == ["stream cut", "1", "$0.0045"]
    assert (
        len(rows(draw(Reads(book.database, book.home), *row["h"].split("?")), ids.CALLS_TABLE)) == 1
    )


def test_hostile_names_stay_words(day_reads: Reads) -> None:
    page = draw(day_reads, "/spend", "?by=endpoint")
    figure: Any = figure_of(page, ids.SPEND_EFFECTS)

    assert "<img" not in str(figure)
    assert HOSTILE not in {row["k"] for row in rows(page, ids.SPEND_OWNERS)}


@pytest.mark.parametrize(
    ("search", "words"),
    [
        ("?user=ann", "user='ann' is no user; use the hexadecimal digits"),
        ("?by=tag&user=01234567&window=90d", "users and tags crossed are read call by call"),
        ("?by=nonsense", "by='nonsense' is no grouping"),
        ("?origin=nobody", "origin='nobody' is not known"),
    ],
)
def test_what_cannot_be_asked_is_told(book: Book, search: str, words: str) -> None:
    assert words in texts(draw_spend(book, search))


@pytest.mark.parametrize(
    ("search", "kind"),
    [
        ("window=1h", Kind.SPAN),
        ("window=7d", Kind.DAYS),
        ("window=mtd", Kind.MONTH),
        ("window=last", Kind.MONTH),
        ("window=custom&from=2026-01-01&to=2026-01-02", Kind.DAYS),
        ("window=custom&from=2026-01-01T00:00Z&to=2026-01-02", Kind.SPAN),
    ],
)
def test_a_window_is_compared_by_what_it_is_made_of(book: Book, search: str, kind: Kind) -> None:
    assert choose(search, book.home, book.now_ms).kind is kind


def test_the_same_calls_elsewhere_say_what_is_not_carried_over(book: Book) -> None:
    spend_some(book)
    page = draw(Reads(book.database, book.home), "/spend/what-if", "?window=7d&team=red")
    listed = {row["k"]: row["c"] for row in rows(page, ids.WHAT_IF_OTHERS)}

    assert listed[GOOD][3] == {"t": "$0", "v": 0.0}
    assert listed[GOOD][5] == "1\u00a0call left out: cost here not known"
    assert FREE not in listed


def test_what_if_nobody_called_says_so(book: Book) -> None:
    book.watch([GOOD], since_ms=book.now_ms - DAY_MS)
    page = draw(Reads(book.database, book.home), "/spend/what-if", "?window=7d")

    assert rows(page, ids.WHAT_IF_OTHERS) == []
