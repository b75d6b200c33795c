"""Pauses by the monitor's API, over a real monitor."""

import asyncio
from collections.abc import Awaitable, Callable, Iterator
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import httpx
import pytest

from monitor.api.app import create_app
from monitor.cli.monitoring import wind
from monitor.domain.windows import moment
from monitor.runtime.monitor import Monitor
from monitor.settings.model import Settings
from tests.monitors import LARGE, SMALL, make_settings, run_provider, with_monitor

ALICE = {"by": "alice"}
Act = Callable[[Monitor, httpx.AsyncClient], Awaitable[Any]]


@pytest.fixture
def settings(tmp_path: Path) -> Iterator[Settings]:
    with run_provider() as provider:
        yield make_settings(tmp_path, provider.base_url)


def run(settings: Settings, act: Act) -> Any:  # noqa: ANN401 - what it returns
    async def use(monitor: Monitor) -> Any:  # noqa: ANN401 - as above
        clockwork, sources = wind(monitor)
        clockwork.start()
        transport = httpx.ASGITransport(create_app(sources))
        async with httpx.AsyncClient(transport=transport, base_url="http://localhost") as client:
            found = await act(monitor, client)
        await clockwork.drain(1)
        return found

    return asyncio.run(with_monitor(settings, use))


async def pause(client: httpx.AsyncClient, **body: object) -> httpx.Response:
    return await client.post("/v1/pauses", json=ALICE | body)


def test_a_paused_endpoint_is_no_longer_probed_and_its_neighbour_is(settings: Settings) -> None:
    async def act(monitor: Monitor, client: httpx.AsyncClient) -> None:
        response = await pause(client, endpoint=SMALL, reason="too dear")
        [told] = response.json()
        check = await client.post("/v1/checks", json={"endpoint": SMALL})

        assert (response.status_code, told["by"], told["reason"]) == (201, "alice", "too dear")
        assert told["scope"] == {"endpoint": SMALL, "provider": None}
        assert set(monitor.prober.endpoints) == {LARGE}
        assert (check.status_code, "is paused by alice" in check.json()["error"]) == (409, True)

    run(settings, act)


def test_a_paused_provider_is_not_even_reached(settings: Settings) -> None:
    async def act(monitor: Monitor, client: httpx.AsyncClient) -> None:
        await pause(client, provider="aurora")

        assert (monitor.prober.endpoints, monitor.prober.targets) == ({}, ())

    run(settings, act)


def test_a_resumed_endpoint_is_probed_again(settings: Settings) -> None:
    async def act(monitor: Monitor, client: httpx.AsyncClient) -> None:
        await pause(client, all=True)
        response = await client.post("/v1/resumes", json=ALICE | {"all": True})

        assert (response.status_code, response.json()) == (200, [])
        assert set(monitor.prober.endpoints) == {SMALL, LARGE}

    run(settings, act)


def test_a_pause_outlives_its_monitor_and_not_its_time(settings: Settings) -> None:
    async def act(monitor: Monitor, client: httpx.AsyncClient) -> None:
        soon = moment(monitor.clock.now_ms() + 1_500, ZoneInfo("Asia/Kathmandu"))
        await pause(client, endpoint=SMALL, until=soon.isoformat())

    async def look(monitor: Monitor, _: httpx.AsyncClient) -> list[set[str]]:
        asked = [set(monitor.prober.endpoints)]
        while monitor.arranged.pauses:  # it has a second and a half to live
            await asyncio.sleep(0.1)
            await monitor.end_pauses()
        return [*asked, set(monitor.prober.endpoints)]

    run(settings, act)

    assert run(settings, look) == [{LARGE}, {SMALL, LARGE}]


@pytest.mark.parametrize(
    ("body", "code", "says"),
    [
        ({"endpoint": "no/such"}, 404, "'no/such' is not in the settings"),
        ({"provider": "nobody"}, 404, "these are: aurora"),
        ({"all": True, "until": "2020-01-01T00:00:00Z"}, 422, "until is over already"),
        ({"all": True, "until": "2099-01-01T00:00:00"}, 422, "timezone"),
        ({"all": True, "endpoint": SMALL}, 422, "name one of endpoint, provider and all"),
        ({}, 422, "name one of endpoint, provider and all"),
        ({"all": True, "reason": "a\nb"}, 422, "reason"),
        ({"all": True, "by": ""}, 422, "by"),
    ],
)
def test_what_cannot_be_paused_says_why(
    settings: Settings, body: dict[str, object], code: int, says: str
) -> None:
    async def act(monitor: Monitor, client: httpx.AsyncClient) -> None:
        response = await pause(client, **body)

        assert (response.status_code, says in response.text) == (code, True), response.text
        assert monitor.arranged.pauses == ()

    run(settings, act)


def test_what_is_not_paused_cannot_be_resumed(settings: Settings) -> None:
    async def act(_: Monitor, client: httpx.AsyncClient) -> httpx.Response:
        return await client.post("/v1/resumes", json=ALICE | {"endpoint": SMALL})

    response = run(settings, act)

    assert (response.status_code, "is not paused" in response.json()["error"]) == (409, True)
