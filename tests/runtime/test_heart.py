"""The heart of a real monitor, and a real receiver of its beats."""

import asyncio
from collections.abc import Awaitable, Callable, Iterator
from pathlib import Path
from threading import Event

import pytest

from monitor.domain.heartbeat import Heartbeat
from monitor.domain.secrets import Secret
from monitor.runtime import courier, pulse
from monitor.runtime.heart import Heart
from monitor.runtime.monitor import Monitor
from monitor.runtime.troubles import list_troubles
from monitor.services import alerts
from tests.monitors import make_settings, with_monitor
from tests.receiver import Answer, Receiver, run_receiver


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    with run_receiver() as running:
        yield running


def live(
    folder: Path, receiver: Receiver, use: Callable[[Monitor], Awaitable[None]], *, fail: bool
) -> None:
    """Let a monitor, whose scheduler has just run a job, live with a beating heart."""
    heartbeat = Heartbeat(Secret(receiver.url), 0.05, tells_failure=fail)

    async def run(monitor: Monitor) -> None:
        monitor.pulse.beat()
        heart = Heart(monitor, look_s=0.01)
        heart.start()
        await use(monitor)
        await heart.stop()

    asyncio.run(with_monitor(make_settings(folder, "http://127.0.0.1:1", heartbeat=heartbeat), run))


async def hear(receiver: Receiver, n: int) -> None:
    await asyncio.to_thread(receiver.wait, lambda: len(receiver.got) >= n)


def test_it_beats_while_the_monitor_works(tmp_path: Path, receiver: Receiver) -> None:
    async def use(_: Monitor) -> None:
        await hear(receiver, 2)

    live(tmp_path, receiver, use, fail=True)

    assert {(each.method, each.path) for each in receiver.got} == {
        ("GET", "/hooks/T0KEN-in-the-path")
    }


def test_a_beat_that_is_not_taken_is_sent_again_and_its_address_not_told(
    tmp_path: Path, receiver: Receiver, caplog: pytest.LogCaptureFixture
) -> None:
    receiver.answer = lambda _: Answer(500)

    async def use(_: Monitor) -> None:
        await hear(receiver, 2)

    live(tmp_path, receiver, use, fail=False)

    assert "a heartbeat was not taken: it answered HTTP 500" in caplog.text
    assert "T0KEN" not in caplog.text


def test_a_worker_that_hangs_stops_it_and_is_told_where_that_is_asked_for(
    tmp_path: Path, receiver: Receiver, monkeypatch: pytest.MonkeyPatch
) -> None:
    release = Event()

    def hang(*_: object) -> bool:
        return not release.wait(30)

    monkeypatch.setattr(courier, "STUCK_S", 0.1)
    monkeypatch.setattr(alerts, "is_due", hang)

    async def use(monitor: Monitor) -> None:
        monitor.courier.start()
        await asyncio.to_thread(
            receiver.wait, lambda: any(each.path.endswith("/fail") for each in receiver.got)
        )
        beats = [each.method for each in receiver.got].count("GET")
        await hear(receiver, len(receiver.got) + 1)
        assert [each.method for each in receiver.got].count("GET") == beats
        release.set()
        await monitor.courier.stop(5)

    live(tmp_path, receiver, use, fail=True)

    assert b"their worker is stuck" in receiver.got[-1].body


@pytest.mark.parametrize(
    ("where", "limit", "reason"),
    [
        ("DEAD_AFTER_S", -1.0, "the scheduler runs no jobs; restart the monitor"),
        ("SILENT_AFTER_S", -1.0, "the ledger's writer does not answer; restart the monitor"),
    ],
)
def test_a_clockwork_that_stands_is_a_trouble(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, where: str, limit: float, reason: str
) -> None:
    monkeypatch.setattr(pulse, where, limit)

    async def use(monitor: Monitor) -> None:
        monitor.pulse.beat()
        assert list_troubles(monitor) == [reason]

    asyncio.run(with_monitor(make_settings(tmp_path, "http://127.0.0.1:1"), use))
