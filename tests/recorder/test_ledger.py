"""From an official client, by the recorder and a real monitor, to a row of the ledger."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import uvicorn
from sqlalchemy import select

from monitor.api.app import create_app
from monitor.cli.monitoring import wind
from monitor.domain.calls import Origin
from monitor.domain.outcomes import Outcome
from monitor.domain.tokens import Scope
from monitor.domain.usage import LEAVES
from monitor.recorder import flush
from monitor.recorder.courier import Courier
from monitor.runtime.monitor import Monitor
from monitor.services import tokens
from monitor.storage.models.ledger import CallDetailRow, CallRow
from tests.monitors import make_settings, with_monitor
from tests.recorder.talks import TALKS, Told, hold

#: What each API calls all tokens of a call, or those that sum up to them.
_TOTALS = ("total_tokens", "totalTokenCount")
_PARTS = (
    "input_tokens",
    "output_tokens",
    "cache_read_input_tokens",
    "cache_creation_input_tokens",
)


def total_of(told: Told) -> int:
    """All tokens that a client was told of."""
    usage = told["usage_reported"]
    [total] = [usage[name] for name in _TOTALS if name in usage] or [
        sum(usage.get(name) or 0 for name in _PARTS)
    ]
    return int(total)


async def serve(monitor: Monitor, use: Callable[[str], Awaitable[Any]]) -> Any:  # noqa: ANN401
    """What `use` makes of the monitor's own API at a URL."""
    clockwork, sources = wind(monitor)
    clockwork.start()
    app = create_app(sources)
    server = uvicorn.Server(uvicorn.Config(app, port=0, log_config=None, lifespan="off"))
    serving = asyncio.create_task(server.serve())
    while not server.started:  # noqa: ASYNC110 - uvicorn tells it no other way
        await asyncio.sleep(0.01)
    used = await use(f"http://127.0.0.1:{server.servers[0].sockets[0].getsockname()[1]}")
    server.should_exit = True
    await serving
    await clockwork.drain(1)
    return used


@dataclass
class Program:
    """Programs that come one after the other on one machine, and share its spool."""

    root_url: str
    monkeypatch: pytest.MonkeyPatch
    courier: Courier
    spool: Path

    def end(self) -> None:
        """It ends, and the next one begins."""
        self.courier.close(5)
        self.courier = Courier()
        self.monkeypatch.setattr("monitor.recorder.courier._courier", self.courier)

    def talk(self, *talks: Callable[[str], Any]) -> list[Told]:
        """What its clients are told; afterwards it is with the monitor, or on disk."""
        told = [hold(talk, self.root_url) for talk in talks]
        assert flush(30)
        return told

    def talk_with_and_without(self, url: str, token: str) -> list[Told]:
        """A talk while the monitor is away, others when it is back, and the first told anew."""
        told = self.talk(TALKS[0])
        self.end()
        [path] = self.spool.iterdir()
        spooled = path.read_bytes()
        self.monkeypatch.setenv("INFERWATCH_URL", url)
        self.monkeypatch.setenv("INFERWATCH_TOKEN", token)
        told += self.talk(*TALKS[1:])
        self.end()
        path.write_bytes(spooled)
        told += self.talk(TALKS[0])
        self.end()
        assert not list(self.spool.iterdir())
        return told


def read_rows(monitor: Monitor) -> list[Any]:
    leaves = [getattr(CallRow, name) for name in LEAVES]
    wanted = select(CallRow.origin, CallRow.outcome, CallRow.ttft_us, CallDetailRow, *leaves)
    with monitor.database.reading() as session:
        joined = wanted.join(CallDetailRow, CallDetailRow.call_id == CallRow.id)
        rows = session.execute(joined.order_by(CallRow.started_ms, CallRow.id))
        return [tuple(row) for row in rows if row[0] is Origin.RECORDER]


def test_the_ledger_holds_once_what_the_official_clients_were_told(
    root_url: str, own_courier: Courier, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    program = Program(root_url, monkeypatch, own_courier, tmp_path / "spool")

    async def act(monitor: Monitor) -> tuple[list[Told], list[Any]]:
        with monitor.database.writing() as session:
            now_ms = monitor.clock.now_ms()
            token = tokens.create(session, "program", [Scope.INGEST], now_ms).reveal()

        async def use(url: str) -> list[Told]:
            return await asyncio.to_thread(program.talk_with_and_without, url, token)

        return await serve(monitor, use), read_rows(monitor)

    settings = make_settings(tmp_path, f"{root_url}/aurora/v1")
    told, rows = asyncio.run(with_monitor(settings, act))
    talks = [*TALKS, TALKS[0]]

    assert [sum(row[4:]) for row in rows] == [total_of(each) for each in told]
    assert [(row[1], row[2] is not None) for row in rows] == [
        (Outcome.OK, "streamed" in talk.__name__) for talk in talks
    ]
    assert [row[3].finish_reason for row in rows] == [each["finish_reason"] for each in told]
