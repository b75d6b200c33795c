"""A whole installation, and its parts, over a real PostgreSQL."""

import asyncio
import json
import os
import re
import signal
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from urllib.request import Request, urlopen

import pytest
from alembic import command

from monitor.domain.calls import Attribution, Call
from monitor.domain.usage import Usage, UsageState
from monitor.runtime.clock import Clock
from monitor.runtime.lease import LeaseHeld, WriterLease
from monitor.runtime.ledger import Ledger
from monitor.runtime.spool import Spool
from monitor.services.doctor import sums_agree
from monitor.storage import migrate
from monitor.storage.engine import Database, DatabaseRefused, name_of
from monitor.storage.queries.calls import CallFilter, page
from tests.databases import kept_by
from tests.making import open_database, probe, request
from tests.reliability.installation import Installation, run_installation, wait_for
from tests.servers import Server, run_server

PASSWORD = "hunter22hunter22"
SETTINGS = """
zone: UTC
witnesses: []
database: ${{DATABASE_URL}}
providers:
  acme:
    base_url: http://127.0.0.1:9/v1
    models: [{{name: small, probe: false, price: {{input: 1, output: 2}}}}]
"""


@pytest.fixture(scope="module")
def own() -> Iterator[Server]:
    """A server that may be stopped."""
    with run_server() as server:
        yield server


@pytest.fixture
def database(own: Server, tmp_path: Path) -> Iterator[Database]:
    with kept_by(own), closing(open_database(tmp_path)) as database:
        yield database


def with_password(url: str) -> str:
    return url.replace("@", f":{PASSWORD}@", 1)


def create_token(installation: Installation) -> str:
    made = installation.run("keys", "create", "ci", "--scope", "ingest")
    found = re.search(r"iw_[A-Za-z0-9_\-]+", made.stdout)
    assert found, made.stdout + made.stderr
    return found[0]


def tell(installation: Installation, token: str, event_id: str) -> int:
    """The status of `POST /v1/usage` with one event of twelve tokens."""
    event = {
        "id": event_id,
        "started_ms": time.time_ns() // 1_000_000 - 60_000,
        "total_s": 1.5,
        "endpoint": "acme/small",
        "http_status": 200,
        "team": "search",
        "usage": {"input": 10, "output": 2},
    }
    asked = Request(
        f"http://127.0.0.1:{installation.monitor_port}/v1/usage",
        json.dumps(event).encode(),
        {"Authorization": f"Bearer {token}", "Content-Type": "application/json"},
    )
    with urlopen(asked, timeout=10) as answer:  # noqa: S310 -- our own, on loopback
        return int(answer.status)


def has_call(installation: Installation) -> bool:
    """Whether the page of calls, as the browser is given it at first, has a call of the team."""
    here = {"Referer": f"{installation.dashboard_url}/calls"}
    asked = Request(f"{installation.dashboard_url}/_dash-layout", headers=here)  # noqa: S310 -- ours
    with urlopen(asked, timeout=10) as answer:  # noqa: S310 -- our own, on loopback
        return "search" in answer.read().decode()


def test_an_installation_on_a_server_records_shows_and_outlives_a_kill(
    own: Server, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    url = with_password(own.create())
    monkeypatch.setenv("DATABASE_URL", url)
    with run_installation(tmp_path, SETTINGS.format(), url) as running:
        token = create_token(running)
        assert tell(running, token, "one") // 100 == 2
        assert wait_for("the call on its page", lambda: has_call(running), running)
        killed = running.find_writer()
        os.kill(killed, signal.SIGKILL)
        wait_for("another writer", lambda: running.find_writer() != killed, running)
        wait_for("its answer", lambda: _is_told(running, token, "one"), running)
        assert tell(running, token, "two") // 100 == 2

        assert len(running.read(lambda s: page(s, CallFilter()).lines)) == 2
        assert "sums      all sums agree" in running.run("doctor").stdout
        assert "pg_dump" in running.run("db", "backup", str(tmp_path / "copy")).stderr
        assert running.run("status").returncode == 0
        assert PASSWORD not in running.log + running.run("doctor").stdout


def _is_told(running: Installation, token: str, event_id: str) -> bool:
    try:
        return tell(running, token, event_id) // 100 == 2
    except OSError:
        return False


@contextmanager
def opened(url: str, folder: Path, name: str) -> Iterator[Ledger]:
    """A ledger of its own over a database, as a monitor has one."""
    with closing(Database(url)) as database:
        ledger = Ledger(database, Spool(folder / name, 1_000_000), Clock())
        yield ledger
        ledger.close()


def counted(n: int, writer: str) -> Call:
    return request(
        n,
        usage=Usage(input=1),
        usage_state=UsageState.MEASURED,
        attribution=Attribution(team=f"team {n % 3}", app=writer),
    )


def test_two_monitors_write_beside_each_other(database: Database, tmp_path: Path) -> None:
    with opened(database.url, tmp_path, "a") as a, opened(database.url, tmp_path, "b") as b:
        told = [
            (ledger, counted(n, name)) for n in range(60) for name, ledger in (("a", a), ("b", b))
        ]
        answers = [ledger.submit([call]) for ledger, call in told]
        numbers = {answer.result(30)[0].call_id for answer in answers}

    assert len(numbers) == 120
    with database.reading() as session:
        assert list(sums_agree(session)) == []


def test_what_a_lost_server_could_not_take_is_spooled_or_refused_and_then_drained(
    own: Server, database: Database, tmp_path: Path
) -> None:
    with opened(database.url, tmp_path, "spool") as ledger:
        ledger.submit([probe(0)]).result(10)
        own.stop()
        try:
            [spooled] = ledger.submit([probe(60)]).result(20)
            with pytest.raises(DatabaseRefused):
                ledger.submit([request(61)]).result(20)
        finally:
            own.start()
        told = asyncio.run(_record_when_back(ledger))

    assert (spooled.call_id, told) == (None, 3)
    with database.reading() as session:
        assert len(page(session, CallFilter()).lines) == 3
        assert list(sums_agree(session)) == []


async def _record_when_back(ledger: Ledger) -> int | None:
    while True:
        try:
            [receipt] = await ledger.record([request(120)])
        except DatabaseRefused:
            await asyncio.sleep(0.1)
        else:
            return receipt.call_id


def test_monitors_hold_the_lease_together_and_keep_out_who_must_be_alone(
    database: Database,
) -> None:
    first, second = (WriterLease(database, is_shared=True) for _ in range(2))
    alone = WriterLease(database)
    first.acquire(1)
    second.acquire(2)
    with pytest.raises(LeaseHeld, match=f"process {os.getpid()}"):
        alone.acquire(3)
    first.release()
    second.release()
    alone.acquire(4)

    with pytest.raises(LeaseHeld):
        first.acquire(5)
    alone.release()


def test_a_lease_is_taken_again_after_the_server_was_restarted(
    own: Server, database: Database
) -> None:
    lease, alone = WriterLease(database, is_shared=True), WriterLease(database)
    lease.acquire(1)
    own.stop()
    own.start()
    lease.keep()

    with pytest.raises(LeaseHeld):
        alone.acquire(2)
    lease.release()


@pytest.mark.parametrize(
    ("url", "advice"),
    [
        ("postgresql://u:{}@127.0.0.1:9/d", "start the server, or correct host and port"),
        ("postgresql://u:{}@/d?host=/nowhere", "start the server, or correct where its socket is"),
        ("{}", "make it first"),
    ],
)
def test_a_server_that_cannot_be_used_is_named_with_what_to_do(
    own: Server, url: str, advice: str
) -> None:
    missing = with_password(own.url("missing"))
    there = url.format(PASSWORD if "u:" in url else missing)

    with pytest.raises(DatabaseRefused, match=advice) as refused:
        migrate.upgrade(there)
    assert PASSWORD not in f"{refused.value} {name_of(there)}"


def test_migrations_and_models_agree_on_a_server_and_can_be_taken_back(own: Server) -> None:
    url = own.create()

    assert [migrate.upgrade(url), migrate.upgrade(url)] == [True, False]
    command.check(migrate._config(url))  # raises where the models ask for anything more
    command.downgrade(migrate._config(url), "base")
    assert migrate.current(url) is None
