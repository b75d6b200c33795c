"""The simulator as a server: its control, its clock, its script and its pace."""

import socket
import subprocess
import sys

import httpx
import pytest

from monitor.simulator import faults
from monitor.simulator.app import Conditions
from monitor.simulator.catalogue import KEY
from monitor.simulator.pace import DAY_MS
from monitor.simulator.server import run_in_thread

HEADERS = {"authorization": f"Bearer {KEY}"}
NOON_MS = 1_795_003_200_000


def list_models(url: str, provider: str = "aurora", **headers: str) -> int:
    return httpx.get(f"{url}/{provider}/v1/models", headers=HEADERS | headers).status_code


def test_a_provider_is_switched_to_a_fault_and_back() -> None:
    with run_in_thread(Conditions(is_scripted=False, allows_control=True, time_scale=0.0)) as url:
        httpx.post(f"{url}/_control", json={"provider": "aurora", "fault": "503"})
        switched = list_models(url), list_models(url, "borealis")
        httpx.post(f"{url}/_control", json={"provider": "aurora", "fault": None})

        assert switched == (503, 200)
        assert list_models(url) == 200


@pytest.mark.parametrize("wish", [{"provider": "zenith"}, {"provider": "aurora", "fault": "?"}])
def test_a_switch_that_does_not_exist_is_refused(root_url: str, wish: dict[str, str]) -> None:
    assert httpx.post(f"{root_url}/_control", json=wish).status_code == 400


def test_without_control_nobody_can_spoil_a_call() -> None:
    with run_in_thread(Conditions(is_scripted=False, time_scale=0.0)) as url:
        assert list_models(url, **{"x-simulate": "503"}) == 200
        assert httpx.post(f"{url}/_control", json={"provider": "aurora"}).status_code == 404


def test_the_script_is_followed_at_the_injected_time() -> None:
    start_ms, end_ms = next(faults.list_edge_windows("aurora", NOON_MS, NOON_MS + 30 * DAY_MS))
    instants = iter([start_ms - 1, start_ms, end_ms - 1, end_ms])
    with run_in_thread(Conditions(time_scale=0.0, now_ms=instants.__next__)) as url:
        statuses = [list_models(url) for _ in range(4)]

    assert statuses == [200, 503, 503, 200]


def test_a_taken_port_is_said_so() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]

        with pytest.raises(OSError, match=f"port {port}"), run_in_thread(Conditions(), port):
            pass


def test_it_runs_as_a_program_and_ends_on_sigterm() -> None:
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    command = [sys.executable, "-m", "monitor.simulator", "--port", f"{port}", "--no-script"]
    with subprocess.Popen(command) as process:
        client = httpx.Client(transport=httpx.HTTPTransport(retries=8))
        with client:
            status = client.get(f"http://127.0.0.1:{port}/aurora/v1/models", headers=HEADERS)
        process.terminate()

        assert status.status_code == 200
        assert process.wait(10) is not None
