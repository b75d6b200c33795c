"""A repricing whose process is killed: what it did stands, sums agree, and both ways lead on."""

import subprocess
import sys
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from monitor.domain.prices import Rate
from monitor.domain.usage import Usage, UsageState
from monitor.domain.windows import Window
from monitor.services import prices, repricing
from monitor.services.doctor import sums_agree
from monitor.services.prices import OwnPrice
from monitor.services.repricing import STEP_CALLS, Repricing, Scope, Undoing
from monitor.storage import repricing as rows
from monitor.storage.engine import Database
from tests.making import ENDPOINT, MONDAY_MS, load_reference, open_database, record, request
from tests.services.test_replay import dump

ROOT = Path(__file__).parents[2]
CALLS = 5 * STEP_CALLS // 2
ALWAYS = Window(0, MONDAY_MS + 86_400_000)
TABLES = ("usage_15m", "usage_day", "call")
#: Prices anew, step by step, and stops for ever before or after the commit of the second one.
PROGRAM = """
import sys, time
from monitor.storage.engine import Database
from tests.reliability.test_repricing import make_repricing

def stop():
    print("here", flush=True)
    time.sleep(600)

database, where = Database(sys.argv[1]), sys.argv[2]
work = make_repricing(database)
for number in range(5):
    with database.writing() as session:
        work.step(session)
        if number == 1 and where == "within":
            stop()
    if number == 1 and where == "between":
        stop()
"""


def make_repricing(database: Database) -> Repricing:
    """One of all calls of the endpoint."""
    number = load_reference(database).tariff(ENDPOINT.id).endpoint_id
    return Repricing(Scope((number,), ALWAYS), "x", MONDAY_MS)


@pytest.fixture
def database(tmp_path: Path) -> Iterator[Database]:
    """Two and a half steps of calls, for which a better price is known by now."""
    opened = open_database(tmp_path, zone="America/St_Johns")
    used = {"usage": Usage(input=1_000, output=100), "usage_state": UsageState.MEASURED}
    calls = [replace(request(at_s * 7), **used) for at_s in range(CALLS)]  # type: ignore[arg-type]
    record(opened, calls)
    rates = Rate("input", 3_000_001), Rate("output", 9_000_001)
    with opened.writing() as session:
        prices.set_own(session, OwnPrice(ENDPOINT.id, rates, "x", MONDAY_MS), MONDAY_MS + 1)
    yield opened
    opened.close()


def run(database: Database, work: Repricing | Undoing) -> None:
    is_more = True
    while is_more:
        with database.writing() as session:
            is_more = work.step(session)


def kill_one(database: Database, where: str) -> None:
    """Begin a repricing in a process of its own, and kill it in its second step, or after it."""
    command = [sys.executable, "-c", PROGRAM, f"sqlite:///{database.path}", where]
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "here\n"
        process.kill()


@pytest.mark.slow
@pytest.mark.parametrize(("where", "done"), [("within", 1), ("between", 2)])
def test_a_repricing_that_is_killed_can_be_made_again_and_undone(
    database: Database, where: str, done: int
) -> None:
    before = dump(database, TABLES)
    kill_one(database, where)
    with database.reading() as session:
        left = repricing.preview(session, make_repricing(database).scope).values()
        assert sum(each.calls for each in left) == CALLS - done * STEP_CALLS
        assert sums_agree(session, ALWAYS) == []
        [cut_short] = [row.id for row in rows.every(session)]
    again = make_repricing(database)
    run(database, again)
    with database.reading() as session:
        assert repricing.preview(session, again.scope) == {}
        assert sums_agree(session, ALWAYS) == []
    for number in (again.id or 0, cut_short):
        run(database, Undoing(number, MONDAY_MS))

    assert dump(database, TABLES) == before
    with database.reading() as session:
        assert sums_agree(session, ALWAYS) == []
