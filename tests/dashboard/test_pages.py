from dataclasses import replace
from zoneinfo import ZoneInfo

import pytest
from dash.development.base_component import Component

from dashboard import ids
from dashboard.app import PAGES
from dashboard.components import waterfall
from dashboard.reads import Reads
from dashboard.shell import draw_page
from monitor.domain.calls import Kind, Origin, Timings
from monitor.domain.outcomes import Outcome
from monitor.domain.windows import DAY_MS, HOUR_MS, day_of
from monitor.services import reference
from monitor.storage import retirements
from tests.dashboard.book import (
    FAILING,
    GOOD,
    HOSTILE,
    INTERVAL_MS,
    Book,
    probe,
    probes,
    request,
)
from tests.dashboard.components import cell, rows, texts, walk

MOST_COMPONENTS = 400
PATHS = [
    "/",
    "/models",
    f"/models/{GOOD}",
    "/providers",
    "/providers/borealis",
    "/usage",
    "/incidents",
    "/incidents/1",
    "/calls",
    "/calls/1",
    "/spend",
    "/spend/what-if",
    "/monitor",
]


def _class_of(component: Component) -> str:
    return getattr(component, "className", "") or ""


def _strings(component: object) -> list[str]:
    """The texts of a component as a browser joins them."""
    if isinstance(component, Component):
        return _strings(getattr(component, "children", None))
    if isinstance(component, list):
        return [text for child in component for text in _strings(child)]
    return [] if component is None else [str(component)]


def draw(reads: Reads, path: str, search: str = "") -> Component:
    return draw_page(reads, PAGES, path, search)


@pytest.mark.parametrize("path", PATHS)
def test_a_page_has_few_enough_components_for_the_renderer(day_reads: Reads, path: str) -> None:
    assert sum(1 for _ in walk(draw(day_reads, path))) < MOST_COMPONENTS


def test_the_number_of_components_does_not_grow_with_the_endpoints(book: Book) -> None:
    book.watch([f"p/m{n}" for n in range(200)], since_ms=book.now_ms - HOUR_MS)
    page = draw(Reads(book.database, book.home), "/")

    assert sum(1 for _ in walk(page)) < 60
    assert len(rows(page, ids.OVERVIEW_TABLE)) == 200


def test_the_overview_says_how_many_are_down_and_since_when(day_reads: Reads) -> None:
    assert "1 of 3 endpoints down since" in texts(draw(day_reads, "/"))


def test_the_overview_lists_open_incidents_with_their_class(day_reads: Reads) -> None:
    said = texts(draw(day_reads, "/"))

    assert f"{FAILING} overloaded since" in said


def test_what_fails_comes_first(day_reads: Reads) -> None:
    listed = rows(draw(day_reads, "/"), ids.OVERVIEW_TABLE)

    assert cell(listed[0], 0).endswith(FAILING)
    assert cell(listed[0], 1).startswith("Down since")


def test_probes_are_no_team_tokens(day_reads: Reads) -> None:
    # 35 calls of 1,500 tokens, less those that were yesterday, and one without usage.
    assert "without usage probes" in texts(draw(day_reads, "/"))


def test_an_empty_database_says_what_to_do(reads: Reads) -> None:
    assert "No endpoint is watched yet" in texts(draw(reads, "/"))


def test_before_the_first_probe_the_page_says_when_it_is_due(book: Book) -> None:
    book.watch([GOOD], since_ms=book.now_ms)
    said = texts(draw(Reads(book.database, book.home), "/"))

    assert "Nothing is known of the endpoint yet" in said
    assert "The first probe is due within" in said


def test_probes_alone_are_no_team_usage(book: Book) -> None:
    book.watch([GOOD], since_ms=book.now_ms - HOUR_MS)
    book.record(probes(GOOD, book.now_ms - HOUR_MS, book.now_ms))
    said = texts(draw(Reads(book.database, book.home), "/"))

    assert said.count("No team usage yet") == 2


def test_unpriced_calls_are_a_state_and_no_amount(book: Book) -> None:
    book.watch([GOOD], since_ms=book.now_ms - HOUR_MS, is_priced=False)
    book.record([request(GOOD, book.now_ms - 1_000)])
    page = draw(Reads(book.database, book.home), "/")

    assert "Not priced" in texts(page)
    assert cell(rows(page, ids.OVERVIEW_TABLE)[0], 5) == "unpriced"


def test_calls_without_usage_have_no_cost(book: Book) -> None:
    book.watch([GOOD], since_ms=book.now_ms - HOUR_MS)
    book.record([request(GOOD, book.now_ms - 1_000, has_usage=False)])
    page = draw(Reads(book.database, book.home), "/")

    assert cell(rows(page, ids.OVERVIEW_TABLE)[0], 5) == "no usage"


def test_a_monitor_that_stopped_recording_is_told_on_every_page(book: Book) -> None:
    from dashboard.components.banners import banner  # noqa: PLC0415

    book.watch([GOOD], since_ms=book.now_ms - DAY_MS)
    book.record([probe(GOOD, book.now_ms - 4 * INTERVAL_MS)])

    assert "The monitor is not recording since" in texts(banner(Reads(book.database, book.home)))


def test_a_model_shows_its_price_with_its_source(day_reads: Reads) -> None:
    offered = rows(draw(day_reads, f"/models/{GOOD}"), ids.MODEL_PROVIDERS)

    assert cell(offered[0], 2) == "$2.00 / $8.00 / $1.00 the tests' own list"


def test_a_model_tells_until_when_it_is_served(book: Book) -> None:
    book.watch([GOOD], since_ms=book.now_ms - HOUR_MS)
    with book.database.writing() as session:
        number = reference.load(session).endpoint_ids[GOOD]
        today = day_of(book.now_ms, ZoneInfo("UTC"))
        retirements.state(session, "litellm", {number: today + 51}, book.now_ms)

    said = texts(draw(Reads(book.database, book.home), f"/models/{GOOD}"))

    assert "(UTC), for 51 days more, according to litellm." in said


def test_a_model_without_a_price_says_so(book: Book) -> None:
    book.watch([GOOD], since_ms=book.now_ms - HOUR_MS, is_priced=False)
    page = draw(Reads(book.database, book.home), f"/models/{GOOD}")

    assert cell(rows(page, ids.MODEL_PROVIDERS)[0], 2) == "unpriced no price is known"


def test_sample_code_names_the_endpoint_and_its_model(day_reads: Reads) -> None:
    said = texts(draw(day_reads, f"/models/{GOOD}"))

    assert 'base_url="http://127.0.0.1:1/aurora/v1"' in said
    assert 'model="aurora-large"' in said


def test_a_name_with_quotes_stays_inside_the_shell_word(day_reads: Reads) -> None:
    said = texts(draw(day_reads, f"/models/{HOSTILE}"))

    assert 'onerror=\\"window.hurt=1\\">"' in said


@pytest.mark.parametrize(
    "path",
    ["/nowhere", "/models/no/such", "/providers/x", "/incidents/9", "/calls/999999", "/calls/x"],
)
def test_an_unknown_address_is_not_found(day_reads: Reads, path: str) -> None:
    assert "Not found" in texts(draw(day_reads, path))


def test_a_bad_query_names_the_key_and_the_remedy(day_reads: Reads) -> None:
    assert "window='5y' is no window; use one of" in texts(draw(day_reads, "/", "?window=5y"))


@pytest.mark.parametrize(
    ("search", "count"),
    [
        ("?outcome=bad", 6),
        (f"?endpoint={FAILING}&outcome=bad", 6),
        (f"?endpoint={GOOD}&outcome=bad", 0),
        ("?origin=recorder", 36),
        ("?kind=request&outcome=good", 36),
    ],
)
def test_calls_are_filtered_by_the_query(day_reads: Reads, search: str, count: int) -> None:
    assert len(rows(draw(day_reads, "/calls", search), ids.CALLS_TABLE)) == count


@pytest.mark.parametrize(
    "search", ["?outcome=x", "?origin=x", "?kind=x", "?endpoint=x", "?before=x"]
)
def test_a_filter_that_cannot_be_is_told(day_reads: Reads, search: str) -> None:
    assert "This address cannot be read" in texts(draw(day_reads, "/calls", search))


def test_following_older_leads_through_every_call_once(day_reads: Reads) -> None:
    seen, search = list[str](), "?window=24h"
    while search:
        page = draw(day_reads, "/calls", search)
        seen += [row["k"] for row in rows(page, ids.CALLS_TABLE)]
        links = [each for each in walk(page) if texts(each) == "Older" and hasattr(each, "href")]
        search = links[0].href.removeprefix("/calls") if links else ""

    assert len(seen) == len(set(seen)) > 800


def test_a_call_says_who_answers_for_it(book: Book) -> None:
    book.watch([GOOD], since_ms=book.now_ms - HOUR_MS)
    [number] = book.record([probe(GOOD, book.now_ms - 1_000, Outcome.RATE_LIMITED)])
    said = texts(draw(Reads(book.database, book.home), f"/calls/{number}"))

    assert "Our account. It does not count against the provider's availability." in said


def test_a_call_whose_details_are_gone_says_so(book: Book) -> None:
    book.watch([GOOD], since_ms=book.now_ms - HOUR_MS)
    [number] = book.record(
        [replace(probe(GOOD, book.now_ms - 1_000), detail=None, timings=Timings())]
    )
    said = texts(draw(Reads(book.database, book.home), f"/calls/{number}"))

    assert "Details of this call are no longer kept" in said


def test_a_call_that_was_never_answered_shows_no_rest_of_an_answer() -> None:
    refused = Timings(connect_s=None, total_s=0.011)

    assert waterfall.spans(refused) == [("Without an answer", 0.0, 0.011)]


def test_a_model_that_never_answered_says_so_instead_of_drawing_an_axis(book: Book) -> None:
    book.watch([GOOD], since_ms=book.now_ms - HOUR_MS)
    book.record([probe(GOOD, book.now_ms - 1_000, Outcome.OVERLOADED)])
    page = draw(Reads(book.database, book.home), f"/models/{GOOD}")
    figures = [each.figure for each in walk(page) if hasattr(each, "figure")]

    assert not any(drawn["layout"]["yaxis"].get("visible", True) for drawn in figures)
    assert len(figures) == 4


def test_a_percentile_and_its_name_are_two_words(day_reads: Reads) -> None:
    values = [each for each in walk(draw(day_reads, "/")) if _class_of(each) == "iw-value"]

    assert any("".join(_strings(each)).endswith("s p95") for each in values)


def test_every_origin_and_kind_can_be_chosen() -> None:
    from dashboard.pages.calls import _FILTERS  # noqa: PLC0415

    assert (_FILTERS["origin"][1], _FILTERS["kind"][1]) == (list(Origin), list(Kind))
