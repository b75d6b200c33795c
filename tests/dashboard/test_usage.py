from dataclasses import replace
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from dash.development.base_component import Component

from dashboard import ids
from dashboard.app import PAGES
from dashboard.pages import usage
from dashboard.pages.volume import percent_change
from dashboard.reads import Reads
from dashboard.shell import draw_page
from monitor.domain.calls import Attribution, Detail
from monitor.domain.windows import DAY_MS, MINUTE_MS
from tests.dashboard.book import GOOD, Book, request
from tests.dashboard.components import cell, rows, texts, walk

HOSTILE = "<b>=cmd()</b>"


def page(reads: Reads, search: str) -> Component:
    return draw_page(reads, PAGES, "/usage", search)


def listed(reads: Reads, search: str) -> dict[str, list[str]]:
    found = rows(page(reads, search), ids.USAGE_TABLE)
    return {cell(row, 0): [cell(row, n) for n in range(1, len(row["c"]))] for row in found}


def figure(reads: Reads, search: str) -> dict[str, Any]:
    return reads.drawn(usage.draw, reads.choice(search)).chart


def told(book: Book, whose: list[Attribution]) -> None:
    """A call of each yesterday, two of the first today."""
    book.watch([GOOD], since_ms=book.now_ms - 9 * DAY_MS)
    for n, each in enumerate([whose[0], *whose]):
        at_ms = book.now_ms - (n > 1) * DAY_MS - MINUTE_MS * (n + 1)
        call = request(GOOD, at_ms)
        book.record([replace(call, attribution=each)])


def test_a_teams_tokens_are_listed_by_model_with_their_share(day_reads: Reads) -> None:
    found = listed(day_reads, "?window=7d")

    assert found[GOOD][:2] == ["52.5K", "100 %"]
    assert found[GOOD][-1] == "97 %"


def test_a_change_against_a_time_before_the_first_call_is_not_told(day_reads: Reads) -> None:
    shown = texts(page(day_reads, "?window=30d"))

    assert "no earlier period to compare" in shown
    assert "complete day" not in shown


@pytest.mark.parametrize("by", ["provider", "endpoint", "app", "team", "project", "key", "origin"])
def test_tokens_are_listed_by_whatever_is_asked_for(day_reads: Reads, by: str) -> None:
    names = {
        "provider": "aurora",
        "endpoint": GOOD,
        "app": "assistant",
        "team": "search",
        "project": "shop",
        "key": "prod",
        "origin": "recorder",
    }

    assert [*listed(day_reads, f"?window=7d&by={by}")] == [names[by]]


def test_a_name_that_is_not_known_is_a_row_that_leads_to_its_calls(
    book: Book, reads: Reads
) -> None:
    told(book, [Attribution("red"), Attribution()])
    found = rows(page(reads, "?by=team&window=7d"), ids.USAGE_TABLE)

    assert [cell(row, 0) for row in found] == ["red", "not known"]
    assert parse_qs(urlsplit(found[1]["h"]).query)["team"] == ["(none)"]


def test_a_filter_holds_for_cards_chart_and_table_and_can_be_taken_away(
    book: Book, reads: Reads
) -> None:
    told(book, [Attribution("red"), Attribution("blue"), Attribution("blue")])
    shown = page(reads, "?team=blue&window=7d")

    assert "team: blue" in texts(shown)
    assert listed(reads, "?team=blue&window=7d")[GOOD][3] == "2"
    assert "of 2 calls" in texts(shown)


def told_by(book: Book, details: list[Detail | None]) -> None:
    """A call of each, today."""
    book.watch([GOOD], since_ms=book.now_ms - 9 * DAY_MS)
    for n, each in enumerate(details):
        book.record([replace(request(GOOD, book.now_ms - MINUTE_MS * (n + 1)), detail=each)])


def test_tags_overlap_and_are_not_stacked(book: Book, reads: Reads) -> None:
    both = (("ring", HOSTILE), ("release", "2"))
    told_by(book, [Detail(tags=both), Detail(tags=both[:1]), None])
    found = listed(reads, "?by=tag&window=7d")
    said = texts(page(reads, "?by=tag&window=7d"))

    assert {owner: each[3] for owner, each in found.items()} == {
        f"ring={HOSTILE}": "2",
        "release=2": "1",
        "not known": "1",
    }
    assert "they overlap, and do not add up to all calls" in said
    assert "usage known of 3 of 3 calls" in said
    assert len(figure(reads, "?by=tag&window=7d")["data"]) == 1


def test_where_every_call_has_a_tag_nothing_is_not_known(book: Book, reads: Reads) -> None:
    told_by(book, [Detail(tags=(("ring", "a"),)), Detail(tags=(("ring", "b"),))])

    assert {*listed(reads, "?by=tag&window=7d")} == {"ring=a", "ring=b"}


def test_users_are_shown_by_their_hashes_each_in_a_colour(book: Book, reads: Reads) -> None:
    told_by(book, [Detail(user_hash=bytes([n]) * 32) for n in (1, 2)])
    drawn = figure(reads, "?by=user&window=24h")["data"]

    assert {*listed(reads, "?by=user&window=7d")} == {"01" * 6, "02" * 6}
    assert len({each["marker"]["color"] for each in drawn}) == 2


@pytest.mark.parametrize("window", ["24h", "7d"])
def test_users_beyond_those_with_a_colour_are_one(book: Book, reads: Reads, window: str) -> None:
    told_by(book, [Detail(user_hash=bytes([n]) * 16) for n in range(9)])
    drawn = figure(reads, f"?by=user&view=calls&window={window}")["data"]

    assert len(drawn) == 8
    assert drawn[-1]["name"] == "Other (2)"
    assert sum(n or 0 for n in drawn[-1]["y"]) == 2


def test_users_and_tags_crossed_are_read_of_a_month(day_reads: Reads) -> None:
    said = texts(page(day_reads, "?by=tag&user=01234567&window=90d"))

    assert "users and tags crossed are read call by call, of at most 31 days" in said


def test_a_user_is_chosen_by_what_is_shown_of_him(book: Book, reads: Reads) -> None:
    tags = (("a=b", "c"),)
    told_by(book, [Detail(user_hash=bytes([n]) * 16, tags=tags[:n]) for n in (0, 1, 2)])
    found = rows(page(reads, "?by=user&window=90d"), ids.USAGE_TABLE)
    [row] = [each for each in found if each["k"] == "01" * 16]
    shown = texts(page(reads, f"?{urlsplit(row['h']).query}"))

    assert "usage known of 1 of 1 call" in shown
    assert "user: 010101010101" in shown
    assert listed(reads, "?by=model&tag=a%5C%3Db%3Dc&window=90d")[GOOD][3] == "2"
    assert listed(reads, "?by=model&user=(none)&window=90d") == {}


def test_days_of_users_are_those_of_the_home_zone(book: Book, reads: Reads) -> None:
    told_by(book, [Detail(user_hash=b"\x01" * 16)])

    assert "days of Europe/Berlin" in texts(page(reads, "?by=user&window=7d&zone=Asia/Kathmandu"))
    assert "days of" not in texts(page(reads, "?by=user&window=7d"))


def test_apps_used_more_than_before_are_listed_as_filtered(book: Book, reads: Reads) -> None:
    red = Attribution(team="red", app="https://a.example")
    told(book, [Attribution(), red, Attribution(app=HOSTILE)])
    assert rows(page(reads, "?window=7d"), ids.USAGE_TRENDING) == []  # before the first call

    book.record([request(GOOD, book.now_ms - 40 * DAY_MS)])
    everyone = rows(page(reads, "?window=7d"), ids.USAGE_TRENDING)
    chosen = rows(page(reads, "?window=7d&team=red&by=app"), ids.USAGE_TRENDING)

    assert {each["k"] for each in everyone} == {"https://a.example", HOSTILE}
    assert [cell(each, 0) for each in chosen] == ["https://a.example"]
    assert parse_qs(urlsplit(chosen[0]["h"]).query) == {
        "window": ["7d"],
        "team": ["red"],
        "app": ["https://a.example"],
    }


def test_a_hostile_name_stays_a_name(book: Book, reads: Reads) -> None:
    told(book, [Attribution(app=HOSTILE)])

    assert [*listed(reads, "?by=app&window=7d")] == [HOSTILE]
    assert figure(reads, "?by=app&window=7d")["data"][0]["name"] == "&lt;b&gt;=cmd()&lt;/b&gt;"


def test_more_owners_than_colours_are_one_series(book: Book, reads: Reads) -> None:
    told(book, [Attribution(f"team {n}") for n in range(10)])
    names = [each["name"] for each in figure(reads, "?by=team&window=7d")["data"]]

    assert len(names) == 8
    assert names[-1] == "Other (3)"


def test_a_model_has_the_same_colour_whatever_else_is_shown(day_reads: Reads) -> None:
    colours = {
        each["marker"]["color"]
        for search in ("?window=7d", "?window=24h", "?window=7d&team=search")
        for each in figure(day_reads, search)["data"]
    }

    assert len(colours) == 1


def test_probes_are_a_series_where_they_are_asked_for(day_reads: Reads) -> None:
    def named(search: str) -> list[str]:
        return [each["name"] for each in figure(day_reads, search)["data"]]

    assert named("?window=7d") == [GOOD]
    assert named("?window=7d&probes=1") == [GOOD, "Probes"]


def test_kinds_of_tokens_sum_to_the_tokens(day_reads: Reads) -> None:
    def whole(search: str) -> int:
        return sum(sum(y or 0 for y in each["y"]) for each in figure(day_reads, search)["data"])

    assert whole("?window=7d&view=kinds") == whole("?window=7d") == 35 * 1_500
    assert whole("?window=7d&view=calls") == 36


def test_without_a_teams_call_the_page_says_how_one_comes(book: Book, reads: Reads) -> None:
    book.watch([GOOD], since_ms=book.now_ms - DAY_MS)
    said = texts(page(reads, ""))

    assert "No team usage yet" in said
    assert "from monitor.recorder import record" in said


@pytest.mark.parametrize("search", ["?view=moods", "?by=mood", "?origin=moon"])
def test_an_address_that_cannot_be_says_what_can(day_reads: Reads, search: str) -> None:
    assert "use one of" in texts(page(day_reads, search))


def test_the_page_has_few_enough_components(day_reads: Reads) -> None:
    assert sum(1 for _ in walk(page(day_reads, "?window=90d&by=app"))) < 400


@pytest.mark.parametrize(
    ("now", "before", "said"),
    [(3, 2, "+50\u00a0%"), (1, 4, "−75\u00a0%"), (1_001, 1_000, "±0\u00a0%")],
)
def test_a_change_is_said_in_whole_percents(now: int, before: int, said: str) -> None:
    assert percent_change(now, before) == said
