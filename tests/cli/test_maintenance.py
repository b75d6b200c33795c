"""`inferwatch maintenance` over a real database, without a monitor."""

import json
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from monitor.storage.engine import Database
from tests.cli.conftest import Command
from tests.making import ENDPOINT, open_database


@pytest.fixture(autouse=True)
def database(home: Path, write_settings: Callable[..., None]) -> Iterator[Database]:
    write_settings()
    database = open_database(home, (ENDPOINT,))
    yield database
    database.close()


def test_a_window_is_added_listed_and_ended(inferwatch: Command) -> None:
    made = inferwatch("maintenance", "add", "--all", "--until", "2h", "--reason", "new disks")
    listed = inferwatch("maintenance", "list")
    [told] = json.loads(inferwatch("maintenance", "list", "--json").out)
    ended = inferwatch("maintenance", "end", str(told["id"]))

    assert (made.code, made.out.startswith("Maintenance of everything from ")) == (0, True)
    assert listed.out.startswith("1  everything, ")
    assert listed.out.strip().endswith(": new disks")
    assert (told["source"], ended.code) == ("people", 0)
    assert inferwatch("maintenance", "list").out == "No maintenance is planned.\n"


@pytest.mark.parametrize(
    ("words", "why"),
    [
        (("add", "--all"), "give --until"),
        (("add", "--until", "2h"), "give an ENDPOINT or PROVIDER, or --all"),
        (("add", "--all", "--until", "2h", "--from", "soon"), "--from 'soon' is no time"),
        (("end", "7"), "no window has the number 7"),
    ],
)
def test_what_cannot_be_meant_says_why(
    inferwatch: Command, words: tuple[str, ...], why: str
) -> None:
    told = inferwatch("maintenance", *words)

    assert told.code != 0
    assert why in " ".join(told.err.replace("│", " ").split())
