"""Prices by the monitor's API, over a real monitor."""

import asyncio
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import httpx
import pytest

from monitor.api.app import create_app
from monitor.cli.monitoring import wind
from monitor.domain.plan import Pace
from monitor.domain.prices import CostState
from monitor.domain.purposes import INFER
from monitor.domain.usage import Usage, UsageState
from monitor.runtime.monitor import Monitor
from monitor.settings.model import Settings
from monitor.storage.queries.call_lines import lines
from tests.making import request
from tests.monitors import LARGE, PRICES, SMALL, make_settings, with_monitor

#: Nobody bills for a private host; this one is asked for nothing here.
FAR = "https://gateway.example/v1"
RATES = [{"leaf": "input", "pico_usd": 1_000_000}, {"leaf": "output", "pico_usd": 2_000_000}]


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return make_settings(tmp_path, FAR, prices={SMALL: PRICES, LARGE: None})


def run(settings: Settings, act: Callable[[Monitor, httpx.AsyncClient], Awaitable[Any]]) -> None:
    async def use(monitor: Monitor) -> None:
        _, sources = wind(monitor)
        transport = httpx.ASGITransport(create_app(sources))
        async with httpx.AsyncClient(transport=transport, base_url="http://localhost") as client:
            await act(monitor, client)

    asyncio.run(with_monitor(settings, use))


async def set_price(client: httpx.AsyncClient, name: str, **more: object) -> httpx.Response:
    return await client.post(
        "/v1/prices", json={"name": name, "by": "alice", "rates": RATES} | more
    )


async def cost_now(monitor: Monitor) -> tuple[CostState, int | None]:
    now_ms = monitor.clock.now_ms()
    used = Usage(input=3, output=1)
    call = request(
        0,
        endpoint=LARGE,
        started_ms=now_ms,
        ended_ms=now_ms,
        usage=used,
        usage_state=UsageState.MEASURED,
    )
    [receipt] = await monitor.ledger.record([call])
    with monitor.database.reading() as session:
        assert receipt.call_id is not None
        [line] = lines(session, [receipt.call_id])
        return line.cost_state, line.cost_nano_usd


def test_an_unpriced_endpoint_is_priced_and_probed_without_a_restart(settings: Settings) -> None:
    async def act(monitor: Monitor, client: httpx.AsyncClient) -> None:
        before = await cost_now(monitor), monitor.arranged.plan.of(LARGE, INFER).pace
        response = await set_price(client, LARGE)
        after = await cost_now(monitor), monitor.arranged.plan.of(LARGE, INFER).pace

        assert (response.status_code, response.json()) == (201, {"endpoints": [LARGE]})
        assert before == ((CostState.UNPRICED, None), Pace.UNPRICED)
        assert after == ((CostState.COMPUTED, 5_000), Pace.AS_ASKED)

    run(settings, act)


def test_what_cannot_be_set_is_refused_with_its_reason(settings: Settings) -> None:
    async def act(_: Monitor, client: httpx.AsyncClient) -> None:
        unknown = await set_price(client, "nobody")
        wrong = [
            await set_price(client, SMALL, rates=rates)
            for rates in ([], [{"leaf": "tea", "pico_usd": 1}], [{"leaf": "input", "pico_usd": -1}])
        ]

        assert unknown.status_code == 404
        assert "'nobody' is no endpoint and no model" in unknown.json()["error"]
        assert {each.status_code for each in wrong} == {422}

    run(settings, act)


def test_calls_are_priced_anew_and_back_while_the_monitor_runs(settings: Settings) -> None:
    async def act(monitor: Monitor, client: httpx.AsyncClient) -> None:
        await cost_now(monitor)
        span = {"start": "2000-01-01T00:00Z", "end": "2100-01-01T00:00Z", "by": "alice"}
        await set_price(client, LARGE, valid_from="2000-01-01T00:00Z")
        done = await client.post("/v1/repricings", json=span | {"name": LARGE})
        undone = await client.post("/v1/repricings/undo", json={"id": done.json()["id"]})
        again = await client.post("/v1/repricings/undo", json={"id": done.json()["id"]})

        assert (done.status_code, done.json()["after_nano_usd"]) == (201, 5_000)
        assert (undone.status_code, undone.json()["before_nano_usd"]) == (200, 5_000)
        assert (again.status_code, "undone already" in again.text) == (409, True)

    run(settings, act)


def test_a_proposal_is_decided_on_while_the_monitor_runs(settings: Settings) -> None:
    async def act(monitor: Monitor, client: httpx.AsyncClient) -> None:
        offer = {"endpoint": LARGE, "name": "large", "rates": RATES}
        said = {"source": "feed", "as_of": "2100-01-01T00:00Z", "offers": [offer]}
        proposed = await client.post("/v1/proposals", json=said)
        decision = {"ids": [1], "is_accepted": True, "by": "alice"}
        told = [await client.post("/v1/proposals/decisions", json=decision) for _ in range(2)]

        assert proposed.json() == {"new": 1, "same": 0, "older": 0}
        assert [each.status_code for each in told] == [200, 409]
        assert await cost_now(monitor) == (CostState.COMPUTED, 5_000)

    run(settings, act)
