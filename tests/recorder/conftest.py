from collections.abc import Iterator
from pathlib import Path

import pytest

from monitor.recorder import courier
from monitor.simulator.app import Conditions
from monitor.simulator.server import run_in_thread
from tests.recorder.listener import Listener, listen

#: A port of this machine that nobody listens on.
AWAY = "http://127.0.0.1:9"


@pytest.fixture(scope="session")
def root_url() -> Iterator[str]:
    """A simulator that answers at once and fails only on demand."""
    with run_in_thread(Conditions(is_scripted=False, allows_control=True, time_scale=0.0)) as url:
        yield url


@pytest.fixture(scope="session")
def one_listener() -> Iterator[Listener]:
    with listen() as listener:
        yield listener


@pytest.fixture
def own_courier(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[courier.Courier]:
    """A program that has a token, and has made no call yet."""
    monkeypatch.setenv("INFERWATCH_TOKEN", "made-up")
    monkeypatch.setenv("INFERWATCH_URL", AWAY)
    monkeypatch.setenv("INFERWATCH_SPOOL", str(tmp_path / "spool"))
    mine = courier.Courier()
    monkeypatch.setattr(courier, "_courier", mine)
    yield mine
    mine.close(5)


@pytest.fixture
def listener(
    one_listener: Listener, own_courier: courier.Courier, monkeypatch: pytest.MonkeyPatch
) -> Listener:
    """The monitor that such a program tells, as far as it can see."""
    assert own_courier
    one_listener.forget()
    monkeypatch.setenv("INFERWATCH_URL", one_listener.url)
    return one_listener
