"""The monitor as a process: how it ends, and when it does not begin."""

import json
import os
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import pytest

from monitor.runtime.supervisor import REFUSED, answers
from monitor.storage.engine import Database
from monitor.storage.queries import calls
from monitor.storage.queries.call_lines import CallLine
from tests import making
from tests.reliability.test_supervisor import find_free_port, wait_for

pytestmark = pytest.mark.slow

#: What the model below is found to be.
YES_TO_ALL = "wrong_answer"
SETTINGS = """
zone: UTC
ports: {{monitor: {port}, dashboard: {dashboard}}}
providers:
  slow:
    base_url: {base_url}
    key: sk-canary-0123456789
    models: [{{name: one, price: 0}}]
"""


class SlowModel:
    """Answers after `wait_s`; `asked` is set while a chat waits for its answer."""

    def __init__(self, wait_s: float) -> None:
        self.asked = threading.Event()
        self._wait_s = wait_s
        self._listener = socket.create_server(("127.0.0.1", 0))
        threading.Thread(target=self._serve, daemon=True).start()

    @property
    def base_url(self) -> str:
        return f"http://127.0.0.1:{self._listener.getsockname()[1]}/v1"

    def close(self) -> None:
        self._listener.close()

    def _serve(self) -> None:
        while True:
            try:
                connection, _ = self._listener.accept()
            except OSError:
                return
            threading.Thread(target=self._answer, args=(connection,), daemon=True).start()

    def _answer(self, connection: socket.socket) -> None:
        with connection:
            is_chat = connection.recv(65536).startswith(b"POST")
            body: object = {"object": "list", "data": []}
            if is_chat:
                self.asked.set()
                time.sleep(self._wait_s)
                message = {"role": "assistant", "content": "yes"}
                choice = {"index": 0, "finish_reason": "stop", "message": message}
                body = {"object": "chat.completion", "choices": [choice]}
            data = json.dumps(body).encode()
            head = (
                f"HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: {len(data)}"
            )
            connection.sendall(f"{head}\r\nconnection: close\r\n\r\n".encode() + data)


@contextmanager
def run_slow_model(wait_s: float) -> Iterator[SlowModel]:
    with closing(SlowModel(wait_s)) as model:
        yield model


def write_settings(folder: Path, base_url: str, port: int) -> Path:
    making.open_database(folder, watched=(), priced={}).close()
    path = folder / "inferwatch.yaml"
    path.write_text(SETTINGS.format(base_url=base_url, port=port, dashboard=find_free_port()))
    return path


@contextmanager
def run(path: Path, *command: str) -> Iterator[subprocess.Popen[str]]:
    """A command of ours as a process, killed at the end if it is still there."""
    process = subprocess.Popen(
        [sys.executable, "-m", "monitor.cli", *command],
        env={**os.environ, "INFERWATCH_SETTINGS": str(path)},
        stderr=subprocess.PIPE,
        stdout=subprocess.DEVNULL,
        text=True,
    )
    try:
        yield process
    finally:
        process.kill()
        process.communicate()


def list_chats(folder: Path) -> list[CallLine]:
    with (
        closing(Database(f"sqlite:///{folder / 'inferwatch.db'}")) as database,
        database.reading() as session,
    ):
        lines = calls.page(session, calls.CallFilter()).lines
    return [line for line in lines if line.kind == "infer"]


def test_a_probe_under_way_at_sigterm_is_recorded(tmp_path: Path) -> None:
    port = find_free_port()
    with run_slow_model(wait_s=2) as model:
        path = write_settings(tmp_path, model.base_url, port)
        with run(path, "monitor") as monitor:
            assert model.asked.wait(40)
            monitor.terminate()
            code = monitor.wait(15)

    assert code == 0
    assert [line.outcome for line in list_chats(tmp_path)] == [YES_TO_ALL]


def test_a_probe_that_would_take_too_long_is_dropped_and_not_recorded(tmp_path: Path) -> None:
    port = find_free_port()
    with run_slow_model(wait_s=50) as model:
        path = write_settings(tmp_path, model.base_url, port)
        with run(path, "monitor") as monitor:
            assert model.asked.wait(40)
            began_s = time.monotonic()
            monitor.terminate()
            code = monitor.wait(15)
            took_s = time.monotonic() - began_s

    assert (code, took_s < 10, list_chats(tmp_path)) == (0, True, [])


def test_a_second_monitor_on_the_same_file_names_the_first(tmp_path: Path) -> None:
    port = find_free_port()
    with run_slow_model(wait_s=0) as model:
        path = write_settings(tmp_path, model.base_url, port)
        with run(path, "monitor") as first:
            wait_for(lambda: answers(port))
            with run(path, "monitor") as second:
                _, said = second.communicate(timeout=40)

    assert second.returncode == REFUSED
    assert f"process {first.pid}" in said.splitlines()[-1]
    assert "Traceback" not in said


def test_a_taken_port_is_told_with_its_number_and_the_remedy(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as other:
        port = other.getsockname()[1]
        path = write_settings(tmp_path, "http://127.0.0.1:1/v1", port)
        with run(path, "monitor") as monitor:
            _, said = monitor.communicate(timeout=40)

    assert monitor.returncode == REFUSED
    assert f"port {port}" in said.splitlines()[-1]
    assert "ports: {monitor:" in said.splitlines()[-1]


def test_up_says_that_a_port_is_taken_and_ends(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as other:
        port = other.getsockname()[1]
        path = write_settings(tmp_path, "http://127.0.0.1:1/v1", port)
        with run(path, "up") as up:
            _, said = up.communicate(timeout=60)

    assert up.returncode == REFUSED
    assert f"port {port} on 127.0.0.1 is taken" in said
    assert "see by `inferwatch doctor` whether one runs already" in said
    assert said.splitlines()[-1].startswith("inferwatch: the monitor cannot run")


def test_a_database_that_cannot_be_written_is_one_line(tmp_path: Path) -> None:
    path = write_settings(tmp_path, "http://127.0.0.1:1/v1", find_free_port())
    (tmp_path / "inferwatch.db").write_bytes(b"this is no database, but it is long enough" * 99)
    with run(path, "monitor") as monitor:
        _, said = monitor.communicate(timeout=40)

    assert monitor.returncode not in {0, None}
    assert "Traceback" not in said
    assert "inferwatch.db" in said.splitlines()[-1]


def test_a_monitor_that_was_killed_can_start_again(tmp_path: Path) -> None:
    port = find_free_port()
    with run_slow_model(wait_s=0) as model:
        path = write_settings(tmp_path, model.base_url, port)
        with run(path, "monitor") as first:
            wait_for(lambda: answers(port))
            first.send_signal(signal.SIGKILL)
            first.wait(5)
        with run(path, "monitor"):
            wait_for(lambda: answers(port))

            assert answers(port)
