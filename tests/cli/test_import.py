"""`inferwatch import` over a real database, by itself; docs/imports.md is run as it stands."""

import gzip
import json
import re
import shlex
from collections.abc import Callable
from pathlib import Path

import pytest
from sqlalchemy import func, select

from monitor.imports.targets import NAMES
from monitor.runtime.lease import WriterLease
from monitor.services import doctor
from monitor.storage.engine import Database
from monitor.storage.models.imports import ImportRow
from monitor.storage.models.ledger import CallRow
from tests.cli.conftest import Command

PAGE = (Path(__file__).parents[2] / "docs/imports.md").read_text()
NAMES_OF = {"csv": "calls.csv", "jsonl": "calls.jsonl", "yaml": "map.yaml"}
HEAD = "created_at,model,prompt_tokens,completion_tokens,status\n"


def row(number: int, tokens: object = 100) -> str:
    return f"2026-03-02 12:00:{number:02d},aurora-small,{tokens},10,200\n"


@pytest.fixture(autouse=True)
def settings(write_settings: Callable[..., None]) -> None:
    write_settings()


@pytest.fixture
def ledger(home: Path) -> Database:
    return Database(f"sqlite:///{home / 'inferwatch.db'}")


@pytest.fixture
def calls(home: Path) -> Callable[..., str]:
    """Writes a CSV file of rows; its name."""

    def write(*rows: str, name: str = "calls.csv") -> str:
        (home / name).write_text(HEAD + "".join(rows))
        return name

    return write


def sums(ledger: Database) -> tuple[int, int, int]:
    """Calls, input tokens and nano-dollars; the sums of sums agree, or it raises."""
    with ledger.reading() as session:
        assert not doctor.sums_agree(session)
        asked = select(func.count(), func.sum(CallRow.input), func.sum(CallRow.cost_nano_usd))
        calls, tokens, cost = session.execute(asked).one()
        return calls, tokens or 0, cost or 0


def test_the_page_does_what_it_shows(inferwatch: Command, home: Path) -> None:
    blocks = re.findall(r"```(\w+)\n(.*?)```", PAGE, re.DOTALL)
    for kind, content in blocks:
        if kind in NAMES_OF:
            (home / NAMES_OF[kind]).write_text(content)
    shown = [part for kind, text in blocks if kind == "console" for part in text.split("$ ")[1:]]

    assert len(shown) == 5
    for part in shown:
        command, _, output = part.partition("\n")
        told = inferwatch(*shlex.split(command)[1:])
        lines = [line.rstrip() for line in told.out.splitlines()]
        assert lines == output.splitlines(), command


def test_every_name_that_a_column_can_have_is_on_the_page() -> None:
    named = set(re.findall(r"`([a-z0-9_]+)`", PAGE))

    assert set(NAMES) <= named


def test_what_is_imported_is_priced_and_counted_once(
    inferwatch: Command, calls: Callable[..., str], ledger: Database
) -> None:
    name = calls(row(1), row(2), row(2))
    told = [
        inferwatch("import", name, "--provider", "aurora", *more) for more in ((), ("--again",))
    ]

    assert [each.code for each in told] == [0, 0]
    assert sums(ledger) == (3, 300, 3 * (100 * 150 + 10 * 600))


def test_a_rehearsal_writes_nothing_and_says_what_it_would_cost(
    inferwatch: Command, calls: Callable[..., str], ledger: Database
) -> None:
    inferwatch("import", calls(row(1)), "--provider", "aurora")  # endpoints are known from here on
    before = ledger.path.read_bytes() if ledger.path else b""
    told = inferwatch(
        "import", calls(row(2), row(3, "x")), "--provider", "aurora", "--dry-run", "--json"
    )

    [found] = json.loads(told.out)
    assert (told.code, found["rows"], found["bad"]) == (1, 2, 1)
    assert found["computed_nano_usd"] == 100 * 150 + 10 * 600
    assert (ledger.path.read_bytes() if ledger.path else None) == before


def test_a_rehearsal_of_a_strange_file_shows_its_columns_and_what_is_needed(
    inferwatch: Command, home: Path
) -> None:
    (home / "odd.csv").write_text("when,who,what\n1,2,3\n")
    told = inferwatch("import", "odd.csv", "--dry-run")

    assert (told.code, "not used: when, who, what" in told.out) == (1, True)
    assert "--column started=" in told.out


def test_rejects_can_be_mended_and_imported(
    inferwatch: Command, calls: Callable[..., str], home: Path, ledger: Database
) -> None:
    bad = inferwatch("import", calls(row(1), row(2, "ten"), "cut,off\n"), "--provider", "aurora")
    rejects = home / "calls.rejects.csv"
    rejects.write_text(rejects.read_text().replace("ten", "10"))
    mended = inferwatch("import", "calls.rejects.csv", "--provider", "aurora")

    assert (bad.code, "1 recorded, 2 refused" in bad.out) == (1, True)
    assert "1 recorded, 1 refused" in mended.out
    assert sums(ledger)[:2] == (2, 110)


def test_rejects_of_jsonl_can_be_imported_too(inferwatch: Command, home: Path) -> None:
    good = {"created_at": "2026-03-02T12:00:00Z", "model": "m", "prompt_tokens": -1}
    (home / "calls.jsonl").write_text(json.dumps(good) + "\n{broken\n")
    inferwatch("import", "calls.jsonl", "--provider", "aurora")
    rejects = home / "calls.rejects.jsonl"
    rejects.write_text(rejects.read_text().replace("-1", "1"))

    told = inferwatch("import", rejects.name, "--provider", "aurora")
    assert "1 recorded, 1 refused" in told.out


def test_strictness_stops_at_the_first_bad_row_and_goes_on_there_once_it_is_mended(
    inferwatch: Command, calls: Callable[..., str], ledger: Database
) -> None:
    strict = ("--provider", "aurora", "--strict")
    stopped = inferwatch("import", calls(row(1), row(2, "x"), row(3)), *strict)
    mended = inferwatch("import", calls(row(1), row(2), row(3)), *strict)

    assert (stopped.code, mended.code, sums(ledger)[0]) == (1, 0, 3)
    assert "line 3 was not taken: column 'prompt_tokens': 'x'" in stopped.err


def test_an_import_that_was_cut_goes_on_behind_the_rows_that_are_done(
    inferwatch: Command, calls: Callable[..., str], ledger: Database
) -> None:
    name = calls(*(row(n) for n in range(10)))
    inferwatch("import", name, "--provider", "aurora")
    with ledger.writing() as session:
        noted = session.scalars(select(ImportRow)).one()
        noted.rows, noted.is_whole = 7, False

    told = inferwatch("import", name, "--provider", "aurora", "--json")
    [found] = json.loads(told.out)
    assert (found["skipped"], found["rows"], found["repeated"]) == (7, 10, 3)


def test_another_map_reads_the_same_file_from_its_beginning(
    inferwatch: Command, calls: Callable[..., str]
) -> None:
    inferwatch("import", calls(row(1)), "--provider", "aurora")
    told = inferwatch("import", "calls.csv", "--provider", "aurora", "--team", "search")

    assert "imported before" not in told.out


def test_while_somebody_else_writes_nothing_is_imported(
    inferwatch: Command, calls: Callable[..., str], ledger: Database
) -> None:
    lease = WriterLease(ledger)
    lease.acquire(0)
    told = inferwatch("import", calls(row(1)), "--provider", "aurora")
    lease.release()

    assert (told.code, "is being written by process" in told.err) == (1, True)


def test_texts_of_a_file_cannot_draw_on_the_terminal(inferwatch: Command, home: Path) -> None:
    text = "created_at,model,\x1b[31mred[bold]\n2026-03-02 12:00:00,\x1b[2Jm[red],\x1b]0;t\x07\n"
    (home / "odd.csv").write_text(text)
    told = inferwatch("import", "odd.csv", "--provider", "aurora", "--dry-run")

    assert "\x1b" not in told.out + told.err
    assert "red[bold]" in told.out


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (("missing.csv",), "missing.csv: cannot be read"),
        (("calls.csv",), "give --provider"),
        (("calls.csv", "--column", "latency=x"), "'latency' is nothing"),
        (("calls.csv", "--zone", "Nowhere"), "zone 'Nowhere'"),
        (("calls.csv", "--map", "none.yaml"), "none.yaml cannot be read"),
        (("calls.csv", "calls.csv", "--rejects", "x"), "--rejects is for one file"),
    ],
)
def test_what_cannot_be_done_says_why(
    inferwatch: Command, calls: Callable[..., str], words: tuple[str, ...], says: str
) -> None:
    calls(row(1))
    told = inferwatch("import", *words)

    assert (told.code, says in told.err) == (2, True), told.err


def test_a_file_that_breaks_off_is_imported_as_far_as_it_goes(
    inferwatch: Command, home: Path, ledger: Database
) -> None:
    content = gzip.compress((HEAD + "".join(row(n % 60, n) for n in range(5_000))).encode())
    (home / "calls.csv.gz").write_bytes(content[: len(content) // 2])
    told = inferwatch("import", "calls.csv.gz", "--provider", "aurora", "--json")

    [found] = json.loads(told.out)
    assert (told.code, "breaks off after line" in found["stopped"]) == (1, True)
    assert sums(ledger)[0] == found["recorded"] > 0
