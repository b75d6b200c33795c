"""The monitor's API over a real monitor."""

import asyncio
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from monitor.api.app import create_app
from monitor.cli.monitoring import wind
from monitor.runtime.monitor import Monitor
from monitor.settings.model import Settings
from tests.monitors import SMALL, make_settings, run_provider, with_monitor


@pytest.fixture
def settings(tmp_path: Path) -> Iterator[Settings]:
    with run_provider() as provider:
        yield make_settings(tmp_path, provider.base_url)


def ask(
    settings: Settings,
    method: str,
    path: str,
    prepare: Callable[[Monitor], None] = lambda monitor: monitor.pulse.beat(),
    **request: Any,
) -> httpx.Response:
    async def use(monitor: Monitor) -> httpx.Response:
        prepare(monitor)
        clockwork, sources = wind(monitor)
        clockwork.start()
        transport = httpx.ASGITransport(create_app(sources))
        async with httpx.AsyncClient(transport=transport, base_url="http://localhost") as client:
            response = await client.request(method, path, **request)
        await clockwork.drain(1)
        return response

    return asyncio.run(with_monitor(settings, use))


def test_a_running_monitor_is_healthy(settings: Settings) -> None:
    assert ask(settings, "GET", "/healthz").json() == {"status": "ok"}


def test_a_monitor_that_beats_and_writes_is_ready(settings: Settings) -> None:
    response = ask(settings, "GET", "/readyz")

    assert (response.status_code, response.json()["reasons"]) == (200, [])


def test_a_monitor_whose_scheduler_is_dead_says_so(settings: Settings) -> None:
    response = ask(settings, "GET", "/readyz", prepare=lambda _: None)

    assert response.status_code == 503
    assert "scheduler" in response.json()["reasons"][0]


def test_a_monitor_whose_ledger_cannot_write_says_so(settings: Settings) -> None:
    def stop_ledger(monitor: Monitor) -> None:
        monitor.pulse.beat()
        monitor.ledger.close()

    response = ask(settings, "GET", "/readyz", prepare=stop_ledger)

    assert response.status_code == 503
    assert "ledger" in response.json()["reasons"][0]


def test_the_status_tells_of_ledger_scheduler_and_clock(settings: Settings) -> None:
    status = ask(settings, "GET", "/v1/status").json()

    assert status["ledger"]["queued"] == status["scheduler"]["missed_runs"] == 0
    assert set(status["clock"]) == {"behind_s", "steps"}


def test_a_check_is_probed_recorded_and_told(settings: Settings) -> None:
    response = ask(settings, "POST", "/v1/checks", json={"endpoint": SMALL})

    found = response.json()
    assert (response.status_code, found["outcome"], found["call_id"]) == (201, "ok", 1)
    assert (found["cost_state"], found["timings_s"]["ttft"] > 0) == ("computed", True)


def test_an_unknown_endpoint_is_told_with_those_that_are_known(settings: Settings) -> None:
    response = ask(settings, "POST", "/v1/checks", json={"endpoint": "nobody/nothing"})

    assert response.status_code == 404
    assert SMALL in response.json()["error"]


@pytest.mark.parametrize("body", [{}, {"endpoint": SMALL, "extra": 1}, []])
def test_a_body_that_is_not_understood_is_refused(settings: Settings, body: object) -> None:
    assert ask(settings, "POST", "/v1/checks", json=body).status_code == 422


@pytest.mark.parametrize(
    ("headers", "code"),
    [
        ({"host": "evil.example"}, 421),
        ({"host": "evil.example:8051"}, 421),
        ({"host": "[::1"}, 421),
        ({"host": "127.0.0.1:8051", "origin": "http://localhost:8050"}, 403),
        ({"host": "[::1]:8051"}, 200),
    ],
)
def test_only_programs_on_this_machine_are_answered(
    settings: Settings, headers: dict[str, str], code: int
) -> None:
    assert ask(settings, "GET", "/healthz", headers=headers).status_code == code


def test_settings_that_cannot_be_read_again_are_told_and_change_nothing(settings: Settings) -> None:
    response = ask(settings, "POST", "/v1/reload")

    assert response.status_code == 422
    assert "inferwatch.yaml:1: there is no such file" in response.json()["problems"][0]


def test_without_a_backup_that_lies_ready_nothing_is_restored(settings: Settings) -> None:
    response = ask(settings, "POST", "/v1/restore")

    assert response.status_code == 409
    assert "run `inferwatch db restore FILE`; the ledger is as it was" in response.json()["error"]
