"""The supervisor, over real child processes that serve /healthz."""

import asyncio
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Awaitable, Callable
from pathlib import Path

import pytest

from monitor.runtime.supervisor import REFUSED, Child, Supervisor, answers, next_pause_s, tell

SERVER = """
import http.server, os, signal, sys
from monitor.runtime.lifeline import follow_parent
follow_parent()
port, journal = int(sys.argv[1]), sys.argv[2]
def end(*_):
    print("end", sys.argv[3], file=open(journal, "a"), flush=True)
    os._exit(0)
signal.signal(signal.SIGTERM, end if sys.argv[4] == "meek" else signal.SIG_IGN)
class Handler(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        self.send_response(200); self.end_headers()
    def log_message(self, *_): pass
print("start", sys.argv[3], os.getpid(), file=open(journal, "a"), flush=True)
http.server.ThreadingHTTPServer(("127.0.0.1", port), Handler).serve_forever()
"""


def find_free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port: int = listener.getsockname()[1]
        return port


def make_child(journal: Path, name: str, manner: str = "meek", **options: bool) -> Child:
    port = find_free_port()
    argv = (sys.executable, "-c", SERVER, str(port), str(journal), name, manner)
    return Child(name, argv, port, **options)


def run_supervised(
    children: list[Child], steps: Callable[[Supervisor], Awaitable[None]]
) -> Supervisor:
    """Run the children, take the steps once all answer, then drain."""

    async def run() -> Supervisor:
        supervisor = Supervisor(children)
        running = asyncio.create_task(supervisor.run())
        if await supervisor.wait_ready():
            await steps(supervisor)
        supervisor.stop()
        await running
        return supervisor

    return asyncio.run(run())


async def do_nothing(_: Supervisor) -> None:
    pass


def wait_for(is_so: Callable[[], bool]) -> None:
    deadline_s = time.monotonic() + 20
    while not is_so():
        assert time.monotonic() < deadline_s
        time.sleep(0.02)


def read_starts(journal: Path, name: str) -> list[int]:
    lines = [line.split() for line in journal.read_text().splitlines()]
    return [int(line[2]) for line in lines if line[:2] == ["start", name]]


def test_a_child_that_is_killed_is_started_again(tmp_path: Path) -> None:
    journal = tmp_path / "journal"
    child = make_child(journal, "monitor")

    async def kill_once(_: Supervisor) -> None:
        os.kill(read_starts(journal, "monitor")[0], signal.SIGKILL)
        await asyncio.to_thread(
            wait_for,
            lambda: len(read_starts(journal, "monitor")) == 2 and answers(child.port),
        )

    run_supervised([child], kill_once)

    assert len(read_starts(journal, "monitor")) == 2


def test_no_child_is_left_after_a_stop(tmp_path: Path) -> None:
    children = [make_child(tmp_path / "journal", name) for name in ("monitor", "dashboard")]

    run_supervised(children, do_nothing)

    assert [answers(child.port) for child in children] == [False, False]


def test_who_serves_others_is_stopped_last(tmp_path: Path) -> None:
    journal = tmp_path / "journal"
    children = [
        make_child(journal, "simulator", serves_others=True),
        make_child(journal, "monitor"),
    ]

    run_supervised(children, do_nothing)

    ends = [line for line in journal.read_text().splitlines() if line.startswith("end")]
    assert ends == ["end monitor", "end simulator"]


def test_a_child_that_does_not_end_in_time_is_killed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("monitor.runtime.supervisor.DRAIN_S", 0.3)
    child = make_child(tmp_path / "journal", "monitor", "stubborn")

    run_supervised([child], do_nothing)

    assert not answers(child.port)


def test_a_child_that_refuses_to_run_is_not_restarted_and_ends_the_others(tmp_path: Path) -> None:
    other = make_child(tmp_path / "journal", "dashboard")
    refusing = Child("monitor", (sys.executable, "-c", f"raise SystemExit({REFUSED})"), 1)

    supervisor = run_supervised([other, refusing], do_nothing)

    assert (supervisor.refused, answers(other.port)) == (refusing, False)


def test_children_end_when_their_supervisor_is_killed(tmp_path: Path) -> None:
    child = make_child(tmp_path / "journal", "monitor")
    program = (
        "import asyncio\n"
        "from monitor.runtime.supervisor import Child, Supervisor\n"
        f"asyncio.run(Supervisor([{child!r}]).run())\n"
    )
    with subprocess.Popen([sys.executable, "-c", program]) as supervisor:
        wait_for(lambda: answers(child.port))
        supervisor.kill()

    wait_for(lambda: not answers(child.port))
    assert (tmp_path / "journal").read_text().splitlines()[-1] == "end monitor"


def test_pauses_double_up_to_half_a_minute() -> None:
    pauses_s = [0.0]
    for _ in range(8):
        pauses_s.append(next_pause_s(pauses_s[-1], uptime_s=1))

    assert pauses_s[1:] == [0.5, 1, 2, 4, 8, 16, 30, 30]


def test_a_minute_of_health_makes_the_next_pause_short_again() -> None:
    assert next_pause_s(30, uptime_s=60) == 0.5


@pytest.mark.parametrize(
    ("code", "words"), [(3, "ended with exit code 3"), (-9, "was ended by SIGKILL")]
)
def test_the_end_of_a_process_is_told_in_words(code: int, words: str) -> None:
    assert tell(code) == words
