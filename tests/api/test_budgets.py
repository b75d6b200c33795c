"""Budgets over a real socket: told once however many send, and other amounts for a while."""

import asyncio
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import httpx
import pytest

from monitor.domain.budgets import Budget, Scope, ScopeKind, Threshold
from monitor.domain.periods import Cycle, Period
from monitor.runtime.monitor import Monitor
from monitor.settings.model import Settings
from monitor.storage.models.health import OutboxRow
from monitor.storage.queries import budgets as sums
from tests.api.test_usage import event, read_all, run, tell
from tests.monitors import make_settings

#: A year of Apia's: the test may run in any second but that in which it ends.
YEAR = Cycle(Period.YEAR, ZoneInfo("Pacific/Apia"))
CLIENTS, REQUESTS = 8, 12
SHARES = tuple(range(1, 301, 7))
SEARCH = Budget(
    "search", Scope(ScopeKind.TEAM, "search"), 20_000, YEAR, tuple(map(Threshold, SHARES))
)


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    made = make_settings(tmp_path, "http://127.0.0.1:1/v1")
    return replace(made, budgets=(SEARCH,), endpoints=made.endpoints[:1])


def paid(monitor: Monitor, name: str) -> dict[str, Any]:
    """A call at a price that its provider told: 500 nano-dollars."""
    usage = {"prompt_tokens": 10, "completion_tokens": 1, "cost": 0.0000005}
    return event(monitor, 1, id=name, usage_reported=usage)


def list_told(monitor: Monitor) -> list[int]:
    told = [payload["percent"] for (payload,) in read_all(monitor, OutboxRow.payload)]
    with monitor.database.reading() as session:
        fired = [each.threshold.percent for each in sums.fired(session, 1_000)]
    assert sorted(fired) == sorted(told)
    return told


def test_eight_clients_at_once_make_each_threshold_told_once(settings: Settings) -> None:
    async def act(monitor: Monitor, client: httpx.AsyncClient) -> None:
        async def send(sender: int) -> None:
            headers = client.headers
            async with httpx.AsyncClient(
                base_url=client.base_url, headers=headers, trust_env=False
            ) as own:
                for n in range(REQUESTS):
                    names = [f"{sender}-{n}", f"{sender}-{n}-b", f"{(sender + 1) % CLIENTS}-{n}"]
                    sent = await tell(own, [paid(monitor, name) for name in names])
                    assert sent.status_code == 200, sent.text

        await asyncio.gather(*map(send, range(CLIENTS)))
        with monitor.database.reading() as session:
            spent = sums.spent(session, SEARCH, YEAR.window(monitor.clock.now_ms()))

        # Each first name is told twice, by two senders, and is one call.
        assert (spent.nano_usd, spent.calls) == (
            CLIENTS * REQUESTS * 2 * 500,
            CLIENTS * REQUESTS * 2,
        )
        met = [share for share in SHARES if 100 * spent.nano_usd >= share * SEARCH.amount_nano_usd]
        assert sorted(list_told(monitor)) == met

    run(settings, act)


def test_budgets_are_listed_as_they_stand(settings: Settings) -> None:
    async def act(monitor: Monitor, client: httpx.AsyncClient) -> None:
        await tell(client, [paid(monitor, "a"), event(monitor, 2, id="b")])
        [found] = (await client.get("/v1/budgets")).json()

        assert found["scope"] == {"kind": "team", "name": "search"}
        assert (found["amount_nano_usd"], found["spent_nano_usd"]) == (20_000, 500)
        assert found["coverage"] == {"calls": 2, "unpriced": 0, "no_usage": 1}
        assert (found["projected_nano_usd"], found["breach_ms"], found["override"]) == (None,) * 3

    run(settings, act)


def test_another_amount_is_made_and_taken_back(settings: Settings) -> None:
    async def act(monitor: Monitor, client: httpx.AsyncClient) -> None:
        until = datetime.fromtimestamp(monitor.clock.now_ms() / 1000 + 3_600, UTC).isoformat()
        body = {"budget": "search", "by": "alice"}
        other = body | {"amount_nano_usd": 500, "until": until, "reason": "a test"}
        await tell(client, paid(monitor, "a"))
        before = list_told(monitor)
        made = await client.post("/v1/budgets/override", json=other)
        after = list_told(monitor)
        ended = [await client.post("/v1/budgets/end-override", json=body) for _ in range(2)]

        assert (made.status_code, made.json()[0]["override"]["by"]) == (201, "alice")
        assert (before, after) == ([1], [share for share in SHARES if share <= 100])
        assert [each.status_code for each in ended] == [200, 409]
        assert ended[0].json()[0]["amount_nano_usd"] == 20_000

    run(settings, act)


@pytest.mark.parametrize(
    ("change", "code", "reason"),
    [
        ({"budget": "serach"}, 404, "'serach' is not in the settings; these are: search"),
        ({"until": "2020-01-01T00:00:00Z"}, 422, "until is over already"),
        ({"until": "2100-01-01T00:00:00"}, 422, "timezone"),
        ({"amount_nano_usd": 0}, 422, "greater than or equal to 1"),
        ({"amount_nano_usd": 1.5}, 422, "valid integer"),
        ({"by": "a\nb"}, 422, "pattern"),
    ],
)
def test_what_cannot_be_is_refused_with_what_to_do(
    settings: Settings, change: dict[str, object], code: int, reason: str
) -> None:
    async def act(_: Monitor, client: httpx.AsyncClient) -> None:
        until = "2100-01-01T00:00:00Z"
        body = {"budget": "search", "by": "alice", "amount_nano_usd": 5, "until": until}
        refused = await client.post("/v1/budgets/override", json=body | change)

        assert refused.status_code == code
        assert reason in refused.text

    run(settings, act)
