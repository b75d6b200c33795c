import csv
import io
import json
import time
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from monitor.domain.calls import Attribution, Detail
from monitor.domain.usage import Usage, UsageState
from monitor.domain.windows import DAY_MS
from monitor.storage.engine import Database
from tests.cli.conftest import Command
from tests.making import ENDPOINT, MONDAY_MS, OTHER, open_database, record, request

NASTY = "=HYPERLINK(1)"
USED = Usage(input=1_000, output=100)
COST = 3_500_000
SETTINGS = "zone: Asia/Kathmandu\n"


@pytest.fixture
def ledger(home: Path) -> Iterator[Database]:
    """Calls of three teams on each of the last twenty days."""
    (home / "inferwatch.yaml").write_text(SETTINGS)
    with closing(open_database(home, zone="Asia/Kathmandu")) as database:
        yield database


def spend_some(database: Database) -> None:
    since_s = time.time() - MONDAY_MS / 1000 - 5
    calls = [
        request(
            since_s - DAY_MS / 1000 * day,
            usage=USED,
            usage_state=UsageState.MEASURED,
            attribution=Attribution(team),
            endpoint=endpoint,
        )
        for day in range(20)
        for team, endpoint in (("red", ENDPOINT.id), (NASTY, ENDPOINT.id), ("blue", OTHER.id))
    ]
    record(database, calls)


def test_json_has_the_figures_of_the_page(ledger: Database, inferwatch: Command) -> None:
    spend_some(ledger)
    told = json.loads(inferwatch("spend", "--by", "team", "--window", "7d", "--json").out)

    assert told["zone"] == "Asia/Kathmandu"
    assert told["total"]["spend_nano_usd"] == 14 * COST
    assert {each["owner"]: each["spend_nano_usd"] for each in told["owners"]} == {
        NASTY: 7 * COST,
        "red": 7 * COST,
        "blue": None,
    }
    assert told["unpriced"][OTHER.id]["n_unpriced"] == 7
    assert sum(each["change_nano_usd"] for each in told["changed"]["movers"]) == 0
    assert told["changed"]["after"]["to"].endswith("T00:00:00+05:45")


def test_a_spreadsheet_gets_no_formula_and_every_nano_dollar(
    ledger: Database, inferwatch: Command
) -> None:
    spend_some(ledger)
    told = inferwatch("spend", "--by", "team", "--window", "7d", "--csv").out
    rows = list(csv.DictReader(io.StringIO(told)))

    assert [row["owner"] for row in rows] == [f"'{NASTY}", "red", "blue"]
    assert [row["spend_usd"] for row in rows] == ["0.024500000", "0.024500000", ""]


def test_a_table_says_what_is_known_and_what_it_may_come_to(
    ledger: Database, inferwatch: Command
) -> None:
    spend_some(ledger)
    told = inferwatch("spend", "--by", "team", "--window", "30d").out

    assert "unpriced" in told
    assert "Unpriced: acme/large: 20 calls; see `inferwatch prices set`" in told
    assert "(projected, 7 days)" in told


def test_filters_and_days_are_those_of_the_page(ledger: Database, inferwatch: Command) -> None:
    spend_some(ledger)
    words = ("--team", "red", "--by", "model", "--from", "2020-01-01", "--zone", "UTC", "--json")
    told = json.loads(inferwatch("spend", *words).out)

    assert (told["zone"], told["total"]["n"]) == ("UTC", 20)


def test_without_a_team_the_command_says_so(ledger: Database, inferwatch: Command) -> None:
    assert ledger
    assert inferwatch("spend").out.startswith("No team usage yet")


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (("--by", "colour"), "by='colour' is no grouping"),
        (("--user", "ann"), "user='ann' is no user; use the hexadecimal digits"),
        (("--window", "2w"), "window='2w' is no window; use one of 1h, 24h"),
        (("--zone", "Mars/Olympus"), "is no time zone known here"),
        (("--csv", "--json"), "choose one"),
    ],
)
def test_what_cannot_be_asked_is_told(
    ledger: Database, inferwatch: Command, words: tuple[str, ...], told: str
) -> None:
    assert ledger
    found = inferwatch("spend", *words)

    assert (found.code, told in found.err) == (2, True)


def test_money_is_told_by_user_and_under_tags_that_overlap(
    ledger: Database, inferwatch: Command
) -> None:
    since_s = time.time() - MONDAY_MS / 1000 - 90
    used: dict[str, Any] = {"usage": Usage(input=1_000), "usage_state": UsageState.MEASURED}
    tags = (("ring", "a"), ("release", "9"))
    details = [Detail(user_hash=b"\x01" * 16, tags=tags), Detail(tags=tags[:1]), None]
    record(ledger, [request(since_s + n, detail=each, **used) for n, each in enumerate(details)])

    def spent(*words: str) -> tuple[dict[str, int], int]:
        told = json.loads(inferwatch("spend", "--window", "24h", *words, "--json").out)
        owners = {each["owner"]: each["spend_nano_usd"] for each in told["owners"]}
        return owners, told["total"]["spend_nano_usd"]

    each = 2_500_000
    assert spent("--by", "user") == ({"01" * 16: each, None: 2 * each}, 3 * each)
    tagged = {"ring=a": 2 * each, "release=9": each, None: each}
    assert spent("--by", "tag") == (tagged, 3 * each)
    assert spent("--by", "model", "--user", "0101010101") == ({"acme/small": each}, each)
    assert spent("--by", "model", "--tag", "ring=a") == ({"acme/small": 2 * each}, 2 * each)
    assert "overlap, and do not add up" in " ".join(inferwatch("spend", "--by", "tag").out.split())


def test_names_move_no_cursor(ledger: Database, inferwatch: Command) -> None:
    call = request(time.time() - MONDAY_MS / 1000 - 5, attribution=Attribution("\x1b[31m[red]x"))
    record(ledger, [call])

    assert "·[31m[red]x" in inferwatch("spend", "--by", "team", "--window", "24h").out


def test_all_together_is_one_owner(ledger: Database, inferwatch: Command) -> None:
    spend_some(ledger)
    told = json.loads(inferwatch("spend", "--by", "all", "--window", "7d", "--json").out)

    assert [each["owner"] for each in told["owners"]] == ["all"]


def test_what_if_prices_the_same_calls_elsewhere(ledger: Database, inferwatch: Command) -> None:
    spend_some(ledger)
    told = json.loads(inferwatch("what-if", "--team", "red", "--window", "7d", "--json").out)

    [own] = told["others"]
    assert (own["endpoint"], own["compared_calls"]) == (ENDPOINT.id, 7)
    assert own["did_cost_nano_usd"] == own["would_cost_nano_usd"] == 7 * COST
    assert "would cost" in inferwatch("what-if", "--window", "7d").out


def test_what_if_names_an_endpoint_without_a_price(ledger: Database, inferwatch: Command) -> None:
    spend_some(ledger)
    refused = inferwatch("what-if", OTHER.id)

    assert refused.code == 2
    assert f"{OTHER.id} has no price in force" in refused.err
