"""`inferwatch budgets` over a real database, with no monitor running."""

import json
import time
from collections.abc import Callable
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from monitor.domain.budgets import Budget, Scope, ScopeKind
from monitor.domain.calls import Attribution
from monitor.domain.periods import Cycle, Period
from monitor.domain.prices import CostState
from monitor.services import budgets
from monitor.storage.engine import Database
from tests.cli.conftest import Command
from tests.making import MONDAY_MS, open_database, record, request

#: A year of Apia's: the test may run in any second but that in which it ends.
YEAR = Cycle(Period.YEAR, ZoneInfo("Pacific/Apia"))
SEARCH = Budget("search", Scope(ScopeKind.TEAM, "search"), 10_000_000_000, YEAR)


@pytest.fixture(autouse=True)
def database(write_settings: Callable[..., None], home: Path) -> Database:
    write_settings()
    return open_database(home)


def install(database: Database, *made: Budget) -> None:
    now_ms = time.time_ns() // 1_000_000
    with database.writing() as session:
        budgets.install(session, made, now_ms)
    paid = request(
        (now_ms - MONDAY_MS) / 1000 - 60,
        attribution=Attribution(team="search"),
        cost_nano_usd=2_500_000_000,
        cost_state=CostState.REPORTED,
    )
    record(database, [paid])


def test_budgets_are_listed_with_burn_and_coverage(inferwatch: Command, database: Database) -> None:
    install(database, SEARCH)
    told = inferwatch("budgets")
    [line] = [line.split() for line in told.out.splitlines() if line.startswith(" search")]

    assert line[:8] == ["search", "team", "search,", "year", "$2.50", "$10.00", "25", "%"]
    assert line[-4:] == ["1", "of", "1", "calls"]


def test_for_scripts_they_are_json(inferwatch: Command, database: Database) -> None:
    install(database, SEARCH)
    [found] = json.loads(inferwatch("budgets", "--json").out)

    assert (found["name"], found["spent_nano_usd"]) == ("search", 2_500_000_000)
    assert found["coverage"] == {"calls": 1, "unpriced": 0, "no_usage": 0}


def test_without_any_it_says_where_they_go(inferwatch: Command) -> None:
    told = inferwatch("budgets")

    assert (told.code, told.out) == (
        0,
        "No budgets are in force; add some under budgets: in the settings\n",
    )


def test_another_amount_is_written_down_and_taken_back(
    inferwatch: Command, database: Database
) -> None:
    install(database, SEARCH)
    made = inferwatch("budgets", "override", "search", "$40", "--until", "2h", "--reason", "launch")
    listed = inferwatch("budgets")
    [held] = json.loads(inferwatch("budgets", "--json").out)
    ended = inferwatch("budgets", "end-override", "search")
    again = inferwatch("budgets", "end-override", "search")

    assert made.out.startswith("Budget search is $40.00 until ")
    assert "search: $10.00 again from" in listed.out
    assert "launch)" in listed.out
    assert (held["amount_nano_usd"], held["override"]["reason"]) == (40_000_000_000, "launch")
    assert (ended.code, again.code) == (0, 1)
    assert "has the amount of the settings" in again.err


@pytest.mark.parametrize(
    ("words", "reason"),
    [
        (("serach", "5", "--until", "2h"), "'serach' is not in the settings; these are: search"),
        (("search", "much", "--until", "2h"), "amount 'much'"),
        (("search", "0", "--until", "2h"), "not above 0"),
        (("search", "5", "--until", "soon"), "--until 'soon' is no time; write it like 2h"),
    ],
)
def test_what_cannot_be_is_refused_with_what_to_do(
    inferwatch: Command, database: Database, words: tuple[str, ...], reason: str
) -> None:
    install(database, SEARCH)
    told = inferwatch("budgets", "override", *words)

    assert told.code != 0
    assert reason in " ".join(told.err.split())
