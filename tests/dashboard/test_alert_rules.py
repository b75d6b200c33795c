"""The rules on the page of alerts: what is in force, and what other values would have told."""

import asyncio
import json
from dataclasses import replace
from typing import Any

import pytest
from dash import dcc

from dashboard import ids
from dashboard.pages import alert_trials
from dashboard.pages.alert_trials import Replays
from dashboard.reads import Reads
from monitor.domain.outcomes import Outcome
from monitor.domain.rules import DEFAULTS, Finding, Notice, Reach, RuleName
from monitor.domain.windows import HOUR_MS
from monitor.services import rules as reporting
from monitor.storage import endpoints
from monitor.storage import rules as stored
from tests.dashboard.book import GOOD, Book, request
from tests.dashboard.components import cell, rows, texts, walk
from tests.dashboard.test_incidents import write_outage
from tests.dashboard.test_pages import draw


@pytest.fixture
def failing(book: Book) -> Reads:
    """An eighth of 400 calls failed, half an hour ago."""
    begun_ms = book.now_ms - HOUR_MS
    book.watch([GOOD], since_ms=begun_ms)
    outcomes = [Outcome.OVERLOADED if n % 8 == 0 else Outcome.OK for n in range(400)]
    calls = (request(GOOD, begun_ms + 1000 * n) for n in range(400))
    book.record(replace(call, outcome=each) for call, each in zip(calls, outcomes, strict=True))
    return Reads(book.database, book.home)


def ask(reads: Reads, **asked: str) -> tuple[str, list[dict[str, Any]]]:
    said, listed = asyncio.run(Replays(reads).tell(asked))
    return said.replace("\u00a0", " "), json.loads(listed)


def list_rules(book: Book) -> dict[str, dict[str, Any]]:
    drawn = draw(Reads(book.database, book.home), "/alerts")
    return {row["k"]: row for row in rows(drawn, ids.ALERT_RULES)}


def test_every_rule_is_listed_with_what_it_opened(book: Book) -> None:
    write_outage(book, ends=False)
    listed = list_rules(book)

    assert set(listed) == {name.value for name in RuleName}
    assert [cell(listed["down"], n) for n in (2, 4)] == ["critical", "1"]
    assert cell(listed["errors"], 1) == "percent 10, close_percent 5, window 15m, least_calls 50"
    assert listed["errors"]["h"] == "/alerts?rule=errors"
    assert "h" not in listed["network"]


def test_a_rule_of_notices_says_how_often_it_told(book: Book) -> None:
    rule, end = DEFAULTS[RuleName.RETIREMENT], Notice(RuleName.RETIREMENT, GOOD, "a", book.now_ms)
    with book.database.writing() as session:
        for notice in (end, end, end._replace(key="b")):
            reporting.notice(session, rule, notice)
    listed = list_rules(book)

    assert cell(listed["retirement"], 1) == "first_days 30, again_days 7, last_days 1"
    assert [cell(listed[name], 4) for name in ("retirement", "disk")] == ["2", "0"]


def test_a_rule_says_whether_it_is_off_and_whom_it_is_for(book: Book) -> None:
    errors = DEFAULTS[RuleName.ERRORS]
    with book.database.writing() as session:
        reach = Reach(frozenset({"acme"}), frozenset({"b/c"}))
        stored.install(session, [replace(errors, is_on=False, reach=reach)], 0)
    listed = list_rules(book)

    assert [cell(listed["errors"], n) for n in (1, 3)] == ["off", "acme, b/c"]


def test_nothing_is_replayed_before_a_rule_is_chosen(failing: Reads) -> None:
    assert ask(failing) == ("", [])
    assert "Try" not in texts(draw(failing, "/alerts"))
    assert ask(failing, rule="network") == ("", [])


def test_the_form_has_the_values_of_the_address_and_else_those_in_force(failing: Reads) -> None:
    drawn = draw(failing, "/alerts", "?rule=errors&set.percent=20")
    fields = {
        getattr(each, "name"): getattr(each, "value")  # noqa: B009 -- Dash declares neither
        for each in walk(drawn)
        if isinstance(each, dcc.Input)
    }

    assert fields == {
        "rule": "errors",
        "set.percent": "20",
        "set.close_percent": "5",
        "set.window": "15m",
        "set.least_calls": "50",
    }


def test_a_replay_says_what_would_have_opened_and_what_did(failing: Reads) -> None:
    said, [row] = ask(failing, rule="errors")

    assert said == (
        "It would have opened 1 incident in the last 30 days; 0 really opened, 0 of them in both."
    )
    assert cell(row, 1) == GOOD
    assert "% errors" in cell(row, 2)
    assert cell(row, 4) == "not opened"
    assert ask(failing, rule="errors", **{"set.percent": "20"})[1] == []


def test_an_outage_that_was_told_is_found_again(book: Book) -> None:
    write_outage(book, ends=False)
    said, [row] = ask(Reads(book.database, book.home), rule="down")

    assert "1 really opened, 1 of them in both" in said
    assert cell(row, 4) == "opened"


def test_what_opened_and_would_not_have_is_listed_too(book: Book) -> None:
    write_outage(book, ends=False)
    said, [row] = ask(
        Reads(book.database, book.home),
        rule="down",
        **{"set.failures_to_open": "99", "set.window_failures": "0", "set.share_points": "0"},
    )

    assert "It would have opened 0 incidents" in said
    assert cell(row, 4) == "opened, would not"


def test_a_value_that_cannot_be_is_told_in_the_form(failing: Reads) -> None:
    wrong = {"rule": "errors", "set.percent": "x", "set.y": "1"}
    drawn = draw(failing, "/alerts", "?rule=errors&set.percent=x")

    assert "That cannot be tried percent: is no whole number" in texts(drawn)
    assert ask(failing, **wrong) == ("", [])


def test_a_replay_that_takes_too_long_is_left_to_the_command_line(
    failing: Reads, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(alert_trials, "_PATIENCE_S", -1.0)
    said, listed = ask(failing, rule="errors")

    assert said == "It takes longer than a minute; ask inferwatch replay --rule errors instead."
    assert listed == []


def test_what_a_rule_found_has_a_page_with_its_figures(failing: Reads, book: Book) -> None:
    facts = {"failed": 8, "calls": 58, "window_min": 15, "classes": {"overloaded": 8}}
    began_ms = book.now_ms - HOUR_MS
    found = Finding(RuleName.ERRORS, "2", True, began_ms, began_ms + 60_000, facts)  # noqa: FBT003 -- it fires
    over = Finding(RuleName.ERRORS, "2", False, book.now_ms, book.now_ms)  # noqa: FBT003 -- over
    with book.database.writing() as session:
        number = endpoints.number_of(session, GOOD)
        for each in (found, over):
            reporting.report(session, DEFAULTS[RuleName.ERRORS], each, number)
    said = texts(draw(failing, "/incidents/1"))
    [row] = rows(draw(failing, "/incidents"), ids.INCIDENTS_TABLE)

    assert f"{GOOD}: 13.8 % errors, for" in said
    assert "8 of 58 calls in 15 min: 8 overloaded." in said
    assert "many errors" in cell(row, 2)
