import json
import time
from pathlib import Path

import pytest

from monitor.domain.outcomes import Outcome
from monitor.storage.engine import Database
from tests.cli.conftest import Command
from tests.making import MONDAY_MS, open_database, record, request

FAR = ("--since", "2h")


@pytest.fixture
def ledger(home: Path) -> Database:
    """An eighth of 200 calls failed in five minutes, an hour ago."""
    (home / "inferwatch.yaml").write_text("zone: UTC\n")
    database = open_database(home)
    ago_s = time.time() - 3600 - MONDAY_MS / 1000
    record(
        database,
        [
            request(ago_s + n * 1.5, Outcome.OVERLOADED if n % 8 == 0 else Outcome.OK)
            for n in range(200)
        ],
    )
    database.close()
    return database


@pytest.mark.usefixtures("ledger")
def test_a_replay_lists_what_would_have_opened(inferwatch: Command) -> None:
    told = inferwatch("replay", "--rule", "errors", *FAR)

    assert told.code == 0
    assert "percent=10, close_percent=5, window=15m, least_calls=50" in told.out
    assert "It would have opened 1; opened were 0, 0 of them in both." in told.out
    assert "acme/small" in told.out
    assert "not opened" in told.out


@pytest.mark.usefixtures("ledger")
def test_other_parameters_are_tried_by_their_names(inferwatch: Command) -> None:
    told = inferwatch("replay", "--rule", "errors", "--set", "percent=20", *FAR, "--json")
    found = json.loads(told.out)

    assert (found["count"], found["parameters"]["percent"]) == (0, "20")


@pytest.mark.parametrize(
    ("options", "says"),
    [
        (["--rule", "x"], "--rule 'x' is no rule; use one of down, account"),
        (["--rule", "network"], "rule network cannot be replayed"),
        (["--rule", "errors", "--set", "percent"], "--set 'percent' has no value"),
        (["--rule", "errors", "--set", "percent=x"], "--set percent: is no whole number"),
        (["--rule", "errors", "--set", "percent=3"], "--set close_percent: is not below"),
        (["--rule", "errors", "--set", "x=1"], "x: is no parameter of errors; these are: percent"),
        (["--rule", "account", "--set", "x=1"], "these are: none, it has no parameters"),
        (["--rule", "down", "--set", "failures_to_open=0"], "is below 1; raise it"),
        (["--rule", "errors", "--since", "soon"], "--since 'soon' is no duration"),
    ],
)
@pytest.mark.usefixtures("ledger")
def test_what_is_wrong_is_told_with_what_to_do(
    inferwatch: Command, options: list[str], says: str
) -> None:
    told = inferwatch("replay", *options)

    assert told.code == 2
    assert says in told.err
