"""Crashes: a writer that is killed at any moment loses nothing that it acknowledged."""

import os
import signal
import subprocess
import sys
from collections import Counter
from contextlib import closing
from pathlib import Path
from random import Random
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import func, select

from monitor.domain.budgets import Budget, Scope, ScopeKind, Threshold
from monitor.domain.outcomes import Outcome
from monitor.domain.periods import Cycle, Period
from monitor.runtime.supervisor import REFUSED
from monitor.services import budgets
from monitor.services.doctor import sums_agree
from monitor.storage import history
from monitor.storage.engine import Database
from monitor.storage.models.health import OutboxRow
from monitor.storage.models.ledger import CallRow
from monitor.storage.queries import budgets as sums
from tests import making
from tests.monitors import run_provider
from tests.reliability.installation import run_installation
from tests.reliability.lone_monitor import make_home, read_ledger, run_monitor
from tests.services.test_replay import MADE, STATES, dump

pytestmark = [pytest.mark.slow, pytest.mark.timeout(300)]

CRASHES = 15
#: For each line that it is told, a writer that is forked, says its process id and records without
#: end; of each call, once it was acknowledged, it says when it began and its row. Six threads of
#: requests, and probes that fail for a while and then do not.
WRITERS = """
import itertools, os, sys, threading
from pathlib import Path
from monitor.domain.outcomes import Outcome
from monitor.domain.prices import CostState
from monitor.runtime.clock import Clock
from monitor.runtime.lease import WriterLease
from monitor.runtime.ledger import Ledger
from monitor.runtime.spool import Spool
from monitor.storage.engine import Database
from tests import making

folder = Path(sys.argv[1])
PAID = {"cost_nano_usd": 3, "cost_state": CostState.REPORTED}

class Story(Clock):
    at_ms = 0
    def now_ms(self):
        return self.at_ms

def say(*words):
    os.write(1, " ".join(map(str, words)).encode() + b"\\n")

def live(life):
    say(os.getpid(), 0)
    begin_s, clock = life * 100_000, Story()
    clock.at_ms = making.MONDAY_MS + begin_s * 1000
    database = Database(f"sqlite:///{folder / 'inferwatch.db'}")
    WriterLease(database).acquire(1)
    ledger = Ledger(database, Spool(folder / "some.spool", 100_000), clock)

    def acknowledge(call):
        receipt = ledger.submit([call]).result()[0]
        say(call.started_ms, receipt.call_id)

    def request(thread):
        for n in itertools.count():
            acknowledge(making.request(begin_s + (thread + 10 * n) / 1000, **PAID))

    for thread in range(6):
        threading.Thread(target=request, args=(thread + 1,), daemon=True).start()
    for n in itertools.count():
        outcome = Outcome.OVERLOADED if n % 9 > 5 else Outcome.OK
        call = making.probe(begin_s + 60 * n, outcome, gap_s=60.0)
        clock.at_ms = max(clock.at_ms, call.ended_ms)
        acknowledge(call)

for line in sys.stdin:
    writer = os.fork()
    if not writer:
        live(int(line))
    os.waitpid(writer, 0)
    say("ended")
"""


class Writers:
    """Writers of one database, one after the other."""

    def __init__(self, folder: Path) -> None:
        self._process = subprocess.Popen(
            [sys.executable, "-c", WRITERS, str(folder)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            bufsize=1,
        )

    def crash(self, life: int, after_acknowledged: int) -> list[tuple[int, int]]:
        """Start and row of each call that a writer acknowledged before it was killed."""
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.write(f"{life}\n")
        said = iter(self._process.stdout.readline, "ended\n")
        pairs = (tuple(map(int, line.split())) for line in said)
        pid, _ = next(pairs)
        acknowledged = [next(pairs) for _ in range(after_acknowledged)]
        os.kill(pid, signal.SIGKILL)
        return [(started_ms, row) for started_ms, row in (*acknowledged, *pairs)]

    def close(self) -> None:
        """There are no more to come."""
        self._process.communicate()


def test_what_was_acknowledged_before_a_kill_is_there_exactly_once(tmp_path: Path) -> None:
    making.open_database(tmp_path).close()
    chance, acknowledged = Random(7), []
    with closing(Writers(tmp_path)) as writers:
        for life in range(CRASHES):
            acknowledged += writers.crash(life, chance.randint(1, 400))
    database = Database(f"sqlite:///{tmp_path / 'inferwatch.db'}")
    with closing(database), database.reading() as session:
        rows = {row[0]: row[1] for row in session.execute(select(CallRow.id, CallRow.started_ms))}
        disagreements = sums_agree(session)
        damage = session.connection().exec_driver_sql("PRAGMA integrity_check").scalar_one()

    assert len(acknowledged) > CRASHES
    assert [call for call in acknowledged if rows.get(call[1]) != call[0]] == []
    assert (disagreements, damage) == ([], "ok")


def test_what_a_killed_writer_recorded_is_told_of_exactly_once(tmp_path: Path) -> None:
    """A threshold that is met, its row and its message are of one transaction."""
    thresholds = tuple(Threshold(share) for share in range(1, 1_001, 3))
    scope, month = Scope(ScopeKind.TOTAL), Cycle(Period.MONTH, ZoneInfo("UTC"))
    budget = Budget("all", scope, 1_000, month, thresholds)
    chance = Random(13)
    with closing(making.open_database(tmp_path)) as database, database.writing() as session:
        budgets.install(session, (budget,), making.MONDAY_MS)
    with closing(Writers(tmp_path)) as writers:
        for life in range(CRASHES // 3):
            writers.crash(life, chance.randint(1, 60))
    database = Database(f"sqlite:///{tmp_path / 'inferwatch.db'}")
    with closing(database), database.reading() as session:
        total = session.scalar(select(func.sum(CallRow.cost_nano_usd))) or 0
        fired = sums.fired(session, 1_000)
        told = session.scalars(select(OutboxRow.payload).where(OutboxRow.kind == "budget")).all()

    met = [each.percent for each in thresholds if total >= each.reach(1_000)]
    assert met
    assert sorted(each.threshold.percent for each in fired) == met
    assert sorted(payload["percent"] for payload in told) == met


def test_states_after_kills_are_those_that_the_ledger_tells(tmp_path: Path) -> None:
    """The same calls, recorded in one go by a process that nobody killed."""
    crashed, calm = tmp_path / "crashed", tmp_path / "calm"
    crashed.mkdir()
    calm.mkdir()
    making.open_database(crashed).close()
    with closing(Writers(crashed)) as writers:
        for life in range(3):
            writers.crash(life, after_acknowledged=150)
    found = Database(f"sqlite:///{crashed / 'inferwatch.db'}")
    again = making.open_database(calm)
    with found.reading() as session:
        calls = [entry.call for part in history.calls(session) for _, entry in part]
    making.record(again, calls)

    assert dump(found, [*STATES, *MADE]) == dump(again, [*STATES, *MADE])
    found.close()
    again.close()


def test_a_monitor_killed_under_load_has_every_check_that_it_answered(tmp_path: Path) -> None:
    chance, answered = Random(11), []
    with run_provider() as provider:
        home = make_home(tmp_path, provider.base_url)
        for _ in range(3):
            with run_monitor(home) as monitor:
                provider.fail(chance.choice([None, "503"]))
                answered += [monitor.check() for _ in range(chance.randint(1, 6))]
                monitor.process.kill()
                monitor.process.wait()
        ledger = read_ledger(home.database)

    assert Counter(ledger.probes).most_common(1)[0][1] == 1
    told = [(check["started_ms"], Outcome(check["outcome"])) for check in answered]
    assert set(told) <= set(ledger.probes)
    assert (ledger.disagreements, ledger.damage) == ([], [])


def test_a_process_that_finds_broken_settings_is_not_restarted_for_ever(tmp_path: Path) -> None:
    with run_installation(tmp_path, "zone: UTC\n") as installation:
        (tmp_path / "inferwatch.yaml").write_text("zone: Nowhere/Land\ncolour: blue\n")
        os.kill(installation.find_writer(), signal.SIGKILL)
        code = installation.process.wait(60)
    *_, first, second, last = installation.log.splitlines()

    assert (code, last) == (REFUSED, "inferwatch: the monitor cannot run; see the line above")
    assert "inferwatch.yaml:1: zone: " in first
    assert "inferwatch.yaml:2: colour: " in second
