from urllib.parse import parse_qs, unquote, urlsplit

import pytest

from dashboard.choices import BadChoice, Choice, choose
from dashboard.grouping import FILTERS, GROUPINGS, filters, grouping, link
from monitor.domain.dimensions import EVERYTHING, Dimension, Filters
from tests.dashboard.book import HOME

NOW_MS = 1_795_345_200_000  # Sunday, 22 Nov 2026 11:00 UTC


def view(search: str = "") -> Choice:
    return choose(search, HOME, NOW_MS)


def test_without_a_query_all_calls_count_by_their_model() -> None:
    assert (grouping(view()), filters(view())) == (Dimension.MODEL, EVERYTHING)


@pytest.mark.parametrize("by", GROUPINGS)
def test_a_grouping_is_what_the_address_says(by: Dimension) -> None:
    assert grouping(view(f"?by={by}")) is by


@pytest.mark.parametrize("name", [each for each in FILTERS if each != "origin"])
def test_every_filter_may_ask_for_what_is_not_known(name: str) -> None:
    asked = {"user": "0123abcdef", "tag": "a%5C%3D%5C%5C=/"}.get(name, "a%2Fb")
    assert filters(view(f"?{name}={asked}")) == Filters(**{name: unquote(asked)})
    assert filters(view(f"?{name}=(none)")) == Filters(**{name: ""})


@pytest.mark.parametrize(
    ("search", "said"), [("?by=mood", "use one of model, provider"), ("?by=all", "no grouping")]
)
def test_a_grouping_that_cannot_be_says_what_can(search: str, said: str) -> None:
    with pytest.raises(BadChoice, match=said):
        grouping(view(search))


def test_an_origin_that_cannot_be_says_what_can() -> None:
    with pytest.raises(BadChoice, match="origin='moon' is not known; use one of probe, recorder"):
        filters(view("?origin=moon"))


@pytest.mark.parametrize(
    ("search", "said"),
    [
        ("?user=ann", "user='ann' is no user; use the hexadecimal digits"),
        ("?user=01%25", "is no user"),
        ("?tag=release", "tag='release' is no tag; write name=value"),
    ],
)
def test_who_cannot_be_says_how_to_ask(search: str, said: str) -> None:
    with pytest.raises(BadChoice, match=said):
        filters(view(search))


def test_a_link_keeps_what_is_chosen_and_no_place_in_a_list() -> None:
    found = link(view("?window=7d&team=red&before=1-2"), "/usage", team=None, by="app")

    assert parse_qs(urlsplit(found).query) == {"window": ["7d"], "by": ["app"]}
