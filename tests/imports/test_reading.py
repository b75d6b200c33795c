"""Rows as events: what a mapped row says is what the API's own reader takes it for."""

import csv
import io
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitor.api.usage import read_event
from monitor.domain.events import Event
from monitor.domain.usage import Usage
from monitor.imports import maps
from monitor.imports.mapping import NotMapped
from monitor.imports.maps import ColumnMap
from monitor.imports.reading import Item, check, reading, survey

UTC = ZoneInfo("UTC")
ACME = maps.change(ColumnMap(), constants={"provider": "acme", "team": "search"})


def items(path: Path, content: str, made: ColumnMap = ACME) -> list[Item]:
    path.write_text(content, newline="")
    with reading(survey(path, made, UTC)) as opened:
        return list(opened.items())


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "calls.csv"


def event_of(item: Item) -> Event:
    assert item.event is not None, item.reason
    event = read_event(item.event)
    assert isinstance(event, Event), event
    return event


def test_parts_are_taken_away_from_the_whole_that_they_are_in(path: Path) -> None:
    head = "created_at,model,prompt_tokens,cached_tokens,completion_tokens,reasoning_tokens\n"
    [item] = items(path, head + "2026-03-02 12:00:00,m,100,30,50,20\n")

    assert event_of(item).usage == Usage(input=70, cache_read=30, output=30, reasoning=20)


def test_parts_that_are_more_than_their_whole_are_refused(path: Path) -> None:
    head = "created_at,model,prompt_tokens,cached_tokens\n"
    [item] = items(path, head + "2026-03-02 12:00:00,m,100,130\n")

    assert item.reason == "input_all is 100, and what is counted inside of it 130"


def test_empty_counts_are_none_beside_one_that_is_told_and_missing_where_none_is(
    path: Path,
) -> None:
    head = "created_at,model,prompt_tokens,cached_tokens\n"
    some, none = items(path, head + "2026-03-02 12:00:00,m,100,\n2026-03-02 12:00:00,m,,NaN\n")

    assert (event_of(some).usage, event_of(none).usage) == (Usage(input=100), None)


def test_counts_of_a_reported_object_are_planted_where_they_belong(path: Path) -> None:
    made = maps.change(ACME, ["usage_reported.prompt_tokens_details.cached_tokens=c"])
    [item] = items(path, "created_at,model,c\n2026-03-02 12:00:00,m,7\n", made)

    assert event_of(item).usage_reported == {"prompt_tokens_details": {"cached_tokens": 7}}


def test_rows_without_an_id_are_numbered_among_equals(path: Path) -> None:
    row = "2026-03-02 12:00:00,m,\n"
    found = items(path, "created_at,model,id\n" + row + "2026-03-02 12:00:00,m,7\n" + row + row)

    assert [event_of(item).ordinal for item in found] == [0, None, 1, 2]


@pytest.mark.parametrize(
    ("content", "made", "says"),
    [
        ("when,model\nx,y\n", ACME, "give --column started="),
        ("created_at,what\nx,y\n", ACME, "give --column model="),
        ("created_at,model\nx,y\n", ColumnMap(), "give --provider"),
        ("a,b\nx,y\n", maps.change(ACME, ["model=c"]), "no column 'c'; there are: a, b"),
    ],
)
def test_a_file_of_which_nothing_can_be_made_says_what_is_needed(
    path: Path, content: str, made: ColumnMap, says: str
) -> None:
    path.write_text(content)

    with pytest.raises(NotMapped, match=says):
        check(survey(path, made, UTC))


def test_paths_lead_through_objects_lists_and_names_with_points(tmp_path: Path) -> None:
    made = maps.change(
        ACME,
        ["started=at.t", "model=m.name", "finish_reason=choices.0.finish_reason", "user=a.b.c"],
    )
    line = '{"at": {"t": 1772449200}, "m.name": "x", "choices": [{"finish_reason": "stop"}]}\n'
    [item] = items(tmp_path / "calls.jsonl", line, made)

    event = event_of(item)
    assert (event.to.model, event.finish_reason, event.user) == ("x", "stop", None)


CELLS = st.text(st.characters(exclude_categories=["Cs"]), max_size=12)
ROWS = st.lists(st.tuples(CELLS, CELLS, CELLS, CELLS, CELLS, CELLS), max_size=8)
HEAD = ("created_at", "model", "prompt_tokens", "cost_usd", "team", "url")


@given(ROWS)
def test_whatever_cells_say_a_row_is_an_event_or_has_a_reason(
    tmp_path_factory: pytest.TempPathFactory, rows: list[tuple[str, ...]]
) -> None:
    path = tmp_path_factory.getbasetemp() / "any.csv"
    text = io.StringIO()
    csv.writer(text).writerows([HEAD, *rows])

    for item in items(path, text.getvalue()):
        told: Any = item.reason if item.event is None else read_event(item.event)
        assert isinstance(told, Event) or told
