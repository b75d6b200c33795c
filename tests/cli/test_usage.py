import csv
import io
import json
import time
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from monitor.domain.calls import Attribution, Detail
from monitor.domain.usage import Usage, UsageState
from monitor.domain.windows import DAY_MS
from monitor.storage.engine import Database
from tests.cli.conftest import Command
from tests.making import MONDAY_MS, open_database, probe, record, request

NASTY = "=HYPERLINK(1)"
USED = Usage(input=1_000, cache_read=500, output=100, reasoning=60)


@pytest.fixture
def ledger(home: Path) -> Iterator[Database]:
    """Two teams' calls on each of the last twenty days, every other one without usage."""
    (home / "inferwatch.yaml").write_text("zone: Asia/Kathmandu\n")
    since_s = time.time() - MONDAY_MS / 1000 - 5
    calls = [
        request(
            since_s - DAY_MS / 1000 * day,
            usage=USED if team == "red" or day % 2 else None,
            usage_state=UsageState.MEASURED if team == "red" or day % 2 else UsageState.MISSING,
            attribution=Attribution(team),
        )
        for day in range(20)
        for team in ("red", NASTY)
    ]
    with closing(open_database(home, zone="Asia/Kathmandu")) as database:
        record(database, [*calls, probe(since_s, usage=USED, usage_state=UsageState.MEASURED)])
        yield database


def test_json_has_every_figure_with_how_much_is_known(
    ledger: Database, inferwatch: Command
) -> None:
    assert ledger
    told = json.loads(inferwatch("usage", "--by", "team", "--window", "7d", "--json").out)
    by_team = {each["owner"]: each for each in told["owners"]}

    assert (told["zone"], told["total"]["n"], told["total"]["n_missing"]) == (
        "Asia/Kathmandu",
        14,
        4,
    )
    assert (by_team["red"]["tokens"], by_team[NASTY]["tokens"]) == (7 * 1_660, 3 * 1_660)
    assert {each["owner"]: each["tokens_before"] for each in told["compared"]["owners"]} == {
        "red": 6 * 1_660,
        NASTY: 3 * 1_660,
    }
    assert told["probes"]["tokens"] == 1_660


@pytest.fixture
def tagged(home: Path) -> Iterator[Database]:
    """A call with two tags, one with one of them, one with none and no user."""
    (home / "inferwatch.yaml").write_text("zone: UTC\n")
    since_s = time.time() - MONDAY_MS / 1000 - 90
    details = [
        Detail(user_hash=b"\xab" * 32, tags=(("release", NASTY), ("ring", "[red]\x1b"))),
        Detail(user_hash=b"\xcd" * 32, tags=(("release", NASTY),)),
        None,
    ]
    calls = [
        request(since_s + n, usage=USED, usage_state=UsageState.MEASURED, detail=each)
        for n, each in enumerate(details)
    ]
    with closing(open_database(home)) as database:
        record(database, calls)
        yield database


def test_users_are_shown_as_hashes_and_tags_said_to_overlap(
    tagged: Database, inferwatch: Command
) -> None:
    assert tagged
    by_user = json.loads(inferwatch("usage", "--by", "user", "--json").out)
    by_tag = json.loads(inferwatch("usage", "--by", "tag", "--json").out)
    table = " ".join(inferwatch("usage", "--by", "tag").out.split())

    assert {each["label"]: each["n"] for each in by_user["owners"]} == {
        "ab" * 6: 1,
        "cd" * 6: 1,
        "not known": 1,
    }
    assert {each["owner"]: each["n"] for each in by_tag["owners"]} == {
        f"release={NASTY}": 2,
        "ring=[red]\x1b": 1,
        None: 1,
    }
    assert by_tag["total"]["n"] == 3
    assert "they overlap, and do not add up to all calls" in by_tag["said"]
    assert "they overlap" in table
    assert "\x1b" not in table


def test_a_spreadsheet_gets_no_formula(ledger: Database, inferwatch: Command) -> None:
    assert ledger
    told = inferwatch("usage", "--by", "team", "--window", "7d", "--csv").out
    rows = list(csv.DictReader(io.StringIO(told)))

    assert [(row["owner"], row["tokens"]) for row in rows] == [
        ("red", "11620"),
        (f"'{NASTY}", "4980"),
    ]


def test_a_table_says_what_is_known(ledger: Database, inferwatch: Command) -> None:
    assert ledger
    told = inferwatch("usage", "--by", "team", "--window", "7d", "--zone", "UTC").out

    assert "11,620" in told
    assert "42 %" in told  # of the calls' usage
    assert "Probes, apart: 1,660 tokens in 1 calls" in told


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (("--by", "colour"), "by='colour' is no grouping"),
        (("--by", "tag", "--user", "01234567", "--window", "90d"), "call by call, of at most 31"),
        (("--tag", "release"), "tag='release' is no tag; write name=value"),
        (("--window", "2w"), "window='2w' is no window"),
        (("--csv", "--json"), "choose one"),
    ],
)
def test_what_cannot_be_asked_is_told(
    ledger: Database, inferwatch: Command, words: tuple[str, ...], told: str
) -> None:
    assert ledger
    found = inferwatch("usage", *words)

    assert (found.code, told in found.err) == (2, True)
