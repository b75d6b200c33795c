"""`inferwatch incidents` over a real database, with no monitor running."""

import io
import json
from collections.abc import Callable
from pathlib import Path

import pytest

from monitor.services import alerts
from tests.alerting import outage, recovery, to_hooks
from tests.cli.conftest import Command
from tests.making import MONDAY_MS, OTHER, open_database, record

HOSTILE = "<b>\x1b]0;owned\x07"


@pytest.fixture(autouse=True)
def told(write_settings: Callable[..., None], home: Path) -> None:
    """Incident 1 is over, incident 2 is not; they are told as one."""
    write_settings()
    database = open_database(home)
    record(database, outage(100))
    record(database, outage(101, OTHER.id))
    record(database, recovery(200))
    with database.writing() as session:
        alerts.plan(session, to_hooks("https://example.com/a"), MONDAY_MS + 250_000)
    database.close()


def test_incidents_are_listed_with_their_stage(inferwatch: Command) -> None:
    lines = inferwatch("incidents", "--days", "3660").out.splitlines()

    assert lines[1].split()[3:7] == [OTHER.id, "overloaded", "critical", "open"]
    assert lines[2].split()[3:] == ["acme/small", "overloaded", "critical", "resolved", "1", "min"]
    assert len(inferwatch("incidents", "--days", "1").out.splitlines()) == 2


def test_one_is_acknowledged_once(inferwatch: Command) -> None:
    first = inferwatch("incidents", "ack", "2", HOSTILE, "--by", "ada")
    second = inferwatch("incidents", "ack", "1", "--by", "grace")

    assert (first.code, first.out) == (0, "Incident 2 is acknowledged by ada\n")
    assert "Incident 1 was acknowledged by ada at 20" in second.out
    assert "(command line): <b> ]0;owned\n" in inferwatch("incidents", "show", "2").out


def test_notes_and_the_post_mortem_are_shown_in_order(
    inferwatch: Command, monkeypatch: pytest.MonkeyPatch
) -> None:
    inferwatch("incidents", "note", "1", "first", "--by", "ada")
    monkeypatch.setattr("sys.stdin", io.StringIO("one\ntwo\n"))
    inferwatch("incidents", "post-mortem", "1", "-", "--by", "ada")
    shown = json.loads(inferwatch("incidents", "show", "1", "--json").out)

    written = [(each["kind"], each["text"]) for each in shown["written"]]
    assert written == [("note", "first"), ("post_mortem", "one\ntwo")]
    assert (shown["stage"], shown["together"]) == ("reviewed", [1, 2])
    assert (shown["cost"]["teams"], shown["cost"]["probes"]["calls"]) == ([], 4)
    assert "Failed calls of teams: none" in inferwatch("incidents", "show", "1").out


@pytest.mark.parametrize(
    ("words", "code", "said"),
    [
        (("post-mortem", "2", "why"), 1, "incident 2 is not over"),
        (("note", "1", " "), 2, "the text is empty"),
        (("ack", "9"), 1, "no incident 9"),
        (("show", "9"), 1, "no incident 9"),
    ],
)
def test_what_cannot_be_done_is_refused_with_the_reason(
    inferwatch: Command, words: tuple[str, ...], code: int, said: str
) -> None:
    refused = inferwatch("incidents", *words)

    assert (refused.code, said in refused.err) == (code, True)
