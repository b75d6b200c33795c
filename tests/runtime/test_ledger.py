import asyncio
import sqlite3
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import func, select

from monitor.domain.calls import Attribution, Origin
from monitor.domain.outcomes import Outcome
from monitor.runtime.clock import Clock
from monitor.runtime.desk import Quarantined
from monitor.runtime.ledger import Ledger
from monitor.runtime.spool import Spool
from monitor.storage.engine import Database, DatabaseRefused
from monitor.storage.models.health import IncidentRow
from monitor.storage.models.ledger import CallRow
from monitor.storage.models.operations import QuarantineRow
from monitor.storage.models.rollups import Usage15m
from tests.making import MONDAY_MS, open_database, probe, request


class Still(Clock):
    """A clock that stands where a test puts it."""

    at_ms = MONDAY_MS

    def now_ms(self) -> int:
        return self.at_ms


@pytest.fixture
def database(tmp_path: Path) -> Iterator[Database]:
    database = open_database(tmp_path)
    yield database
    database.close()


@pytest.fixture
def ledger(database: Database, tmp_path: Path) -> Iterator[Ledger]:
    ledger = Ledger(database, Spool(tmp_path / "some.spool", 1_000_000), Still())
    yield ledger
    ledger.close()


def count(database: Database) -> int:
    with database.reading() as session:
        return session.scalar(select(func.count(CallRow.id))) or 0


class Blocked:
    """Another process that holds the database's write lock."""

    def __init__(self, database: Database) -> None:
        self._connection = sqlite3.connect(database.path or "", isolation_level=None)

    def __enter__(self) -> None:
        self._connection.execute("BEGIN IMMEDIATE")

    def __exit__(self, *_: object) -> None:
        self._connection.execute("ROLLBACK")
        self._connection.close()


def test_what_is_answered_is_durable(ledger: Ledger, database: Database) -> None:
    receipt = asyncio.run(ledger.record([probe(0)]))[0]

    assert (receipt.call_id, count(database)) == (1, 1)


def test_many_callers_share_transactions_and_each_gets_its_own_row(
    ledger: Ledger, database: Database
) -> None:
    async def together() -> list[int | None]:
        answers = await asyncio.gather(*(ledger.record([request(i)]) for i in range(200)))
        return [answer[0].call_id for answer in answers]

    ids = asyncio.run(together())

    assert sorted(i for i in ids if i) == list(range(1, 201))
    assert count(database) == 200


def test_one_bad_call_goes_to_quarantine_and_the_others_stand(
    ledger: Ledger, database: Database
) -> None:
    futures = [ledger.submit([c]) for c in (request(0), request(1, endpoint="no/one"), request(2))]

    with pytest.raises(Quarantined, match="'no/one' is not known"):
        futures[1].result(10)
    assert [f.result(10)[0].call_id is not None for f in (futures[0], futures[2])] == [True, True]
    with database.reading() as session:
        assert "no/one" in (session.scalar(select(QuarantineRow.call)) or "")
    assert ledger.status().quarantined == 1


def test_bulk_work_gives_way_and_is_written_whole(ledger: Ledger, database: Database) -> None:
    bulk = ledger.submit([request(i / 100) for i in range(5_000)], is_bulk=True)
    urgent = ledger.submit([probe(0)])

    urgent.result(30)
    assert not bulk.done()
    assert len(bulk.result(60)) == 5_000
    assert count(database) == 5_001


@pytest.mark.usefixtures("impatient")
def test_probes_are_spooled_while_the_database_refuses_and_requests_are_told(
    ledger: Ledger, database: Database
) -> None:
    with Blocked(database):
        spooled, refused = ledger.submit([probe(0)]), ledger.submit([request(0)])
        assert spooled.result(30)[0].call_id is None
        with pytest.raises(DatabaseRefused):
            refused.result(30)
        assert ledger.status().spooled == 1
    ledger.submit([probe(300)]).result(30)

    assert (count(database), ledger.status().spooled) == (2, 0)


def test_after_a_drain_states_are_as_if_the_database_had_never_gone(
    database: Database, tmp_path: Path
) -> None:
    calls = [probe(0), *(probe(t, Outcome.OVERLOADED) for t in (300, 303, 325))]
    clock = Still()
    spool = Spool(tmp_path / "other.spool", 1_000_000)
    for call in calls:
        spool.append([call], call.ended_ms)
    clock.at_ms = MONDAY_MS + 86_400_000
    late = Ledger(database, spool, clock)
    late.submit([request(86_400)]).result(30)
    late.close()

    with database.reading() as session:
        incident = session.scalars(select(IncidentRow)).one()
    assert incident.started_ms == MONDAY_MS + 300_000


def test_a_drain_cut_short_can_be_repeated(database: Database, tmp_path: Path) -> None:
    path = tmp_path / "other.spool"
    with Spool(path, 1_000_000) as spool:
        spool.append([probe(0), probe(300)], MONDAY_MS)
    copy = path.read_bytes()
    for _ in range(2):
        path.write_bytes(copy)
        ledger = Ledger(database, Spool(path, 1_000_000), Still())
        ledger.submit([]).result(30)
        ledger.close()

    assert count(database) == 2


def test_another_task_runs_in_turn_and_gets_its_own_answer(ledger: Ledger) -> None:
    assert (
        ledger.write(lambda session: session.scalar(select(func.count(CallRow.id)))).result(9) == 0
    )
    with pytest.raises(ZeroDivisionError):
        ledger.write(lambda _: 1 // 0).result(9)


def test_closing_writes_what_waits(database: Database, tmp_path: Path) -> None:
    ledger = Ledger(database, Spool(tmp_path / "b.spool", 1_000_000), Still())
    futures = [ledger.submit([request(i)]) for i in range(50)]

    ledger.close()

    assert all(f.done() for f in futures)
    assert count(database) == 50


def test_threads_may_record_side_by_side(ledger: Ledger, database: Database) -> None:
    def work(n: int) -> None:
        for i in range(20):
            ledger.submit([request(i, attribution=Attribution(team=f"t{n}"))]).result(30)

    threads = [threading.Thread(target=work, args=(n,)) for n in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    with database.reading() as session:
        rows = session.scalars(select(Usage15m.n).where(Usage15m.origin == Origin.API))
        assert list(rows) == [20, 20, 20, 20]


def test_while_the_database_is_lent_probes_are_kept_and_requests_are_refused(
    ledger: Ledger, database: Database
) -> None:
    is_over = threading.Event()
    loan = ledger.lend(is_over.wait)
    while ledger.submit([request(0)]).exception() is None:
        pass  # until it is lent
    kept = ledger.submit([probe(60)]).result(5)[0]
    refused = ledger.submit([request(90)]).exception(5)
    before, spooled = count(database), ledger.status().spooled
    is_over.set()
    loan.result(5)
    ledger.submit([probe(120)]).result(5)

    assert (kept.call_id, spooled, isinstance(refused, DatabaseRefused)) == (None, 1, True)
    assert count(database) == before + 2


def test_after_a_loan_that_failed_the_ledger_writes_on(ledger: Ledger, database: Database) -> None:
    def fail() -> None:
        raise RuntimeError("no backup")

    loan = ledger.lend(fail)

    assert isinstance(loan.exception(5), RuntimeError)
    assert ledger.submit([probe(0)]).result(5)[0].call_id == 1
    assert count(database) == 1


def test_who_gives_up_waiting_takes_nobody_along(ledger: Ledger, database: Database) -> None:
    async def act() -> int:
        with Blocked(database):
            impatient = asyncio.create_task(ledger.record([request(1)]))
            await asyncio.sleep(0)
            impatient.cancel()
            await asyncio.wait([impatient])
        return len(await ledger.record([request(2)]))

    assert (asyncio.run(act()), count(database)) == (1, 2)


def test_who_gives_up_a_task_takes_nobody_along(ledger: Ledger, database: Database) -> None:
    async def act() -> int:
        with Blocked(database):
            impatient = asyncio.wrap_future(ledger.write(lambda _: None))
            impatient.cancel()
        return len(await ledger.record([request(1)]))

    assert (asyncio.run(act()), count(database)) == (1, 1)


def test_whose_loop_is_gone_does_not_stop_the_writer(ledger: Ledger, database: Database) -> None:
    async def ask() -> None:
        task = asyncio.create_task(ledger.record([request(1)]))
        await asyncio.sleep(0)
        task.cancel()

    with Blocked(database):
        asyncio.run(ask())

    assert (len(ledger.submit([request(2)]).result(5)), count(database)) == (1, 2)
