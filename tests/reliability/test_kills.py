"""A monitor that is killed at every step between a failing call and a delivered message."""

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass
from http.client import HTTPConnection, HTTPException
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Row, Select, select

from monitor.domain.deliveries import DeliveryState
from monitor.domain.outcomes import Outcome
from monitor.runtime.arrangement import arrange, fit
from monitor.runtime.supervisor import answers
from monitor.settings.load import load
from monitor.simulator.catalogue import KEY
from monitor.storage.engine import Database
from monitor.storage.models.alerts import AlertIncidentRow, AlertRow, DeliveryRow
from monitor.storage.models.health import IncidentRow
from tests import making
from tests.alerting import SECRET
from tests.making import MONDAY_MS
from tests.monitors import Provider, run_provider
from tests.receiver import Answer, Got, Receiver, run_receiver
from tests.reliability.dying_monitor import Step
from tests.reliability.lone_monitor import Home, wait_for
from tests.reliability.model_server import find_free_port

pytestmark = pytest.mark.slow

#: Of a recovery these are different from an outage.
ENDINGS = (Step.TOLD, Step.COMMITTED, Step.WAITING, Step.SENT, Step.ANSWERED, Step.NOTED)
SETTINGS = """
zone: UTC
ports: {{monitor: {port}, dashboard: {dashboard}}}
heartbeat: {{url: "{beat}", every: 1s}}
alerts:
  channels:
    hook: {{webhook: "{hook}", secret: {secret}}}
providers:
  aurora:
    base_url: {base_url}
    key: {key}
    reach_interval: 1h
    models:
"""
MODEL = """
    - {{name: aurora-small, id: {id}, interval: 1h, price: {{input: 0.15, output: 0.60}}}}
"""


def name_of(number: int) -> str:
    return f"aurora/number-{number}"


@dataclass
class Nursery:
    """Where monitors are forked, one after the other, over one home."""

    home: Home
    receiver: Receiver
    process: "subprocess.Popen[str]"
    pid: int = 0
    is_deadly: bool = False

    def bear(self, step: Step | None) -> None:
        """A monitor that dies at a step."""
        assert self.process.stdin is not None
        self.is_deadly = step is Step.SENT
        self.process.stdin.write(f"{step or 'never'}\n")
        self.process.stdin.flush()
        self.pid = int(self._read())

    def bury(self) -> int:
        """How it ended."""
        return int(self._read())

    def recover(self, number: int) -> None:
        """Have an endpoint probed twice, so that its outage is over; death may come before."""
        body = json.dumps({"endpoint": name_of(number)})
        with suppress(OSError, HTTPException):
            wait_for(lambda: answers(self.home.port) or not self._is_alive())
            for _ in range(2):
                with closing(HTTPConnection("127.0.0.1", self.home.port, timeout=30)) as asked:
                    asked.request("POST", "/v1/checks", body, {"content-type": "application/json"})
                    asked.getresponse().read()

    def _is_alive(self) -> bool:
        return Path(f"/proc/{self.pid}").exists()

    def answer(self, _: Got) -> Answer:
        """Take it; or kill the monitor that waits for the answer."""
        if self.is_deadly:
            os.kill(self.pid, signal.SIGKILL)
        return Answer()

    def _read(self) -> str:
        assert self.process.stdout is not None
        return self.process.stdout.readline()


@contextmanager
def open_nursery(home: Home, receiver: Receiver) -> Iterator[Nursery]:
    argv = [sys.executable, "-m", "tests.reliability.dying_monitor"]
    pipe = subprocess.PIPE
    with (home.folder / "monitor.log").open("ab") as log:
        process = subprocess.Popen(
            argv, env=home.environment, stdin=pipe, stdout=pipe, stderr=log, text=True
        )
    nursery = Nursery(home, receiver, process)
    receiver.answer = nursery.answer
    try:
        yield nursery
    finally:
        process.communicate()


@pytest.fixture
def provider() -> Iterator[Provider]:
    with run_provider() as running:
        yield running


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    with run_receiver() as running:
        yield running


@pytest.fixture
def outside() -> Iterator[Receiver]:
    """Who expects signs of life."""
    with run_receiver() as running:
        yield running


@pytest.fixture
def home(tmp_path: Path, provider: Provider, receiver: Receiver, outside: Receiver) -> Home:
    making.open_database(tmp_path, watched=(), priced={}).close()
    home = Home(tmp_path, find_free_port())
    ports = {"port": home.port, "dashboard": find_free_port(), "beat": outside.url}
    whom = {"hook": receiver.url, "secret": SECRET, "base_url": provider.base_url, "key": KEY}
    text = SETTINGS.format(**ports, **whom)
    text += "".join(MODEL.format(id=name_of(number)) for number in range(len(Step)))
    (tmp_path / "inferwatch.yaml").write_text(text)
    settings, then_ms = load(tmp_path / "inferwatch.yaml"), time.time_ns() // 1_000_000 - 600_000
    with closing(Database(settings.database_url)) as database:
        fitted = fit(database, settings, then_ms)
        with database.writing() as session:
            arrange(session, settings, fitted, then_ms)
    return home


def begin_to_fail(home: Home, number: int) -> None:
    """Two failures of an endpoint, so that the next one confirms its outage."""
    now_s = (time.time_ns() // 1_000_000 - MONDAY_MS) / 1000
    failing = [
        making.probe(now_s - ago_s, Outcome.SERVER_ERROR, endpoint=name_of(number), gap_s=3600.0)
        for ago_s in (45, 25)
    ]
    with closing(Database(f"sqlite:///{home.database}")) as database:
        making.record(database, failing)


def read(home: Home, chosen: Select[*tuple[Any, ...]]) -> list[Row[*tuple[Any, ...]]]:
    with (
        closing(Database(f"sqlite:///{home.database}")) as database,
        database.reading() as session,
    ):
        return list(session.execute(chosen).all())


def is_settled(home: Home) -> bool:
    """Whether all is over, and all of it told."""
    open_incidents = select(IncidentRow.id).where(IncidentRow.closed_ms.is_(None))
    open_alerts = select(AlertRow.id).where(AlertRow.closed_ms.is_(None))
    waiting = select(DeliveryRow.id).where(DeliveryRow.state == DeliveryState.WAITING.value)
    return not any(read(home, chosen) for chosen in (open_incidents, open_alerts, waiting))


def test_nothing_is_lost_doubled_or_out_of_order(
    home: Home, provider: Provider, receiver: Receiver
) -> None:
    ends = []
    with open_nursery(home, receiver) as nursery:
        provider.fail("500")
        for number, step in enumerate(Step):
            begin_to_fail(home, number)
            nursery.bear(step)
            ends.append(nursery.bury())
        provider.fail(None)
        for number, step in enumerate(ENDINGS):
            nursery.bear(step)
            nursery.recover(number)
            ends.append(nursery.bury())
        nursery.bear(None)
        for number in range(len(Step)):
            nursery.recover(number)
        wait_for(lambda: is_settled(home))
        os.kill(nursery.pid, signal.SIGTERM)
        assert nursery.bury() == 0

    told: dict[int, list[str]] = {}
    for each in receiver.taken():
        told.setdefault(each["alert"]["number"], []).append(each["event"])
    incidents = read(
        home,
        select(IncidentRow.id, AlertIncidentRow.alert_id).outerjoin(
            AlertIncidentRow, AlertIncidentRow.incident_id == IncidentRow.id
        ),
    )
    assert ends == [-signal.SIGKILL] * (len(Step) + len(ENDINGS))
    assert {alert for _, alert in incidents} == told.keys()
    assert len(incidents) == len(Step)
    assert set(map(tuple, told.values())) == {("alert.opened", "alert.closed")}


def test_a_monitor_that_stands_or_is_gone_sends_no_heartbeat(
    home: Home, receiver: Receiver, outside: Receiver
) -> None:
    def hear_more() -> None:
        n = len(outside.got)
        outside.wait(lambda: len(outside.got) > n)

    def hear_nothing() -> bool:
        time.sleep(0.2)  # what was sent before has come
        n = len(outside.got)
        time.sleep(2.0)
        return len(outside.got) == n

    with open_nursery(home, receiver) as nursery:
        nursery.bear(None)
        hear_more()
        os.kill(nursery.pid, signal.SIGSTOP)
        was_silent = hear_nothing()
        os.kill(nursery.pid, signal.SIGCONT)
        hear_more()
        os.kill(nursery.pid, signal.SIGKILL)
        assert nursery.bury() == -signal.SIGKILL

    assert was_silent
    assert hear_nothing()
