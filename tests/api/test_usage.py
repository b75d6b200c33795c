"""Calls that are told over a real socket, to a real monitor with a real database."""

import asyncio
import gzip
import json
from collections.abc import Awaitable, Callable
from pathlib import Path
from threading import Event
from typing import Any

import httpx
import pytest
import uvicorn
from sqlalchemy import func, select, text

from monitor.api.app import create_app
from monitor.cli.monitoring import wind
from monitor.domain.calls import Attribution, Origin
from monitor.domain.outcomes import Outcome
from monitor.domain.prices import CostState
from monitor.domain.tokens import Scope
from monitor.domain.usage import UsageState
from monitor.runtime.monitor import Monitor
from monitor.services import doctor, tokens
from monitor.settings.model import Settings
from monitor.storage import apps, quarantine
from monitor.storage.models.ledger import AttributionRow, CallDetailRow, CallRow, EndpointRow
from tests.monitors import SMALL, make_settings, with_monitor

Act = Callable[[Monitor, httpx.AsyncClient], Awaitable[Any]]
RESPONSE_ID = "chatcmpl-BqXk2mFv0sT7uW9yZ1aB3cD5"
COUNTED = {"prompt_tokens": 1_000, "completion_tokens": 100}


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return make_settings(tmp_path, "http://127.0.0.1:1/v1")


def run(settings: Settings, act: Act, scope: Scope = Scope.INGEST) -> Any:  # noqa: ANN401 - what it returns
    """What `act` returns, which speaks to a monitor's socket with a token of a scope."""

    async def use(monitor: Monitor) -> Any:  # noqa: ANN401 - as above
        with monitor.database.writing() as session:
            whose = Attribution(team="search")
            now_ms = monitor.clock.now_ms()
            secret = tokens.create(session, "ci", [scope], now_ms, attribution=whose)
        clockwork, sources = wind(monitor)
        clockwork.start()
        server = uvicorn.Server(
            uvicorn.Config(create_app(sources), port=0, log_config=None, lifespan="off")
        )
        serving = asyncio.create_task(server.serve())
        while not server.started:  # noqa: ASYNC110 -- uvicorn tells it no other way
            await asyncio.sleep(0.01)
        port = server.servers[0].sockets[0].getsockname()[1]
        headers = {"authorization": f"Bearer {secret.reveal()}"}
        async with httpx.AsyncClient(
            base_url=f"http://127.0.0.1:{port}", headers=headers, trust_env=False
        ) as client:
            found = await act(monitor, client)
        server.should_exit = True
        await serving
        await clockwork.drain(1)
        return found

    return asyncio.run(with_monitor(settings, use))


def event(monitor: Monitor, ago_s: float = 60, **more: Any) -> dict[str, Any]:
    """A call of a minute ago."""
    started_ms = monitor.clock.now_ms() - round(ago_s * 1000)
    told = {"started_ms": started_ms, "total_s": 1.5, "endpoint": SMALL, "http_status": 200}
    return told | more


async def tell(client: httpx.AsyncClient, body: Any, **more: Any) -> httpx.Response:  # noqa: ANN401 - JSON
    return await client.post("/v1/usage", json=body, **more)


def read_all(monitor: Monitor, *columns: Any) -> list[Any]:
    with monitor.database.reading() as session:
        return [tuple(row) for row in session.execute(select(*columns))]


def test_a_call_is_recorded_priced_and_attributed(settings: Settings) -> None:
    async def act(monitor: Monitor, client: httpx.AsyncClient) -> None:
        told = event(monitor, usage_reported=COUNTED, ttft_s=0.2, response_id=RESPONSE_ID)
        response = await tell(client, told, params={"source": "recorder"})

        assert (response.status_code, response.json()["recorded"]) == (200, 1)
        row = CallRow
        [found] = read_all(monitor, row.origin, row.input, row.output, row.cost_nano_usd)
        assert found == (Origin.RECORDER, 1_000, 100, 210_000)
        assert ("search",) in read_all(monitor, AttributionRow.team)

    run(settings, act)


def test_a_bad_event_is_told_with_its_place_and_the_good_ones_are_kept(settings: Settings) -> None:
    async def act(monitor: Monitor, client: httpx.AsyncClient) -> None:
        bad = event(monitor, id="job-17", started_ms=None)
        body = [event(monitor), bad, 3, event(monitor, endpoint="no/such"), event(monitor, 30)]
        response = await tell(client, body)

        answer = response.json()
        assert (response.status_code, answer["recorded"], answer["refused"]) == (207, 2, 3)
        assert [each["index"] for each in answer["problems"]] == [1, 2, 3]
        first, _, third = answer["problems"]
        assert (first["id"], first["error"]) == (
            "job-17",
            "started_ms: Input should be a valid integer",
        )
        assert "'no/such' is not known" in third["error"]
        assert read_all(monitor, func.count(CallRow.id)) == [(2,)]

    run(settings, act)


def test_who_tells_is_one_of_three(settings: Settings) -> None:
    async def act(monitor: Monitor, client: httpx.AsyncClient) -> None:
        response = await tell(client, event(monitor), params={"source": "rumour"})

        assert response.status_code == 400
        assert "these are: api, recorder, import" in response.json()["error"]
        assert read_all(monitor, func.count(CallRow.id)) == [(0,)]

    run(settings, act)


def test_usage_that_contradicts_itself_is_put_aside_and_its_call_is_recorded(
    settings: Settings,
) -> None:
    async def act(monitor: Monitor, client: httpx.AsyncClient) -> None:
        cached = COUNTED | {"prompt_tokens_details": {"cached_tokens": 2_000}}
        told = event(monitor, usage_reported=cached, response_id=RESPONSE_ID)
        responses = [await tell(client, told) for _ in range(2)]

        assert [each.status_code for each in responses] == [422, 422]
        assert "less than its parts" in responses[0].json()["problems"][0]["error"]
        assert read_all(monitor, CallRow.usage_state) == [(UsageState.MISSING,)]
        with monitor.database.reading() as session:
            assert quarantine.count(session) == monitor.ledger.status().quarantined == 1

    run(settings, act)


def test_the_same_call_by_two_carriers_is_one(settings: Settings) -> None:
    async def act(monitor: Monitor, client: httpx.AsyncClient) -> None:
        here = event(monitor, response_id=RESPONSE_ID, usage_reported=COUNTED, id="a")
        there = event(monitor, 60.1, response_id=RESPONSE_ID, app="https://app.example", id="b")
        verdicts = [(await tell(client, told)).json() for told in (here, there, here, there)]

        assert [each["recorded"] for each in verdicts] == [1, 0, 0, 0]
        assert [each["filled"] for each in verdicts] == [0, 1, 0, 0]
        assert read_all(monitor, func.count(CallRow.id)) == [(1,)]
        with monitor.database.reading() as session:
            assert doctor.sums_agree(session) == []

    run(settings, act)


def test_overlapping_batches_told_at_once_and_again_count_each_call_once(
    settings: Settings,
) -> None:
    async def act(monitor: Monitor, client: httpx.AsyncClient) -> None:
        events = [event(monitor, 60 + n, id=f"job-{n}", usage_reported=COUNTED) for n in range(90)]
        parts = [events[:70], events[20:], events[10:80], events]
        for _ in range(2):
            responses = await asyncio.gather(*(tell(client, part) for part in parts))
            assert {each.status_code for each in responses} == {200}

        assert read_all(monitor, func.count(CallRow.id), func.sum(CallRow.input)) == [(90, 90_000)]
        with monitor.database.reading() as session:
            assert doctor.sums_agree(session) == []

    run(settings, act)


def test_equal_events_without_an_id_are_counted_apart_in_one_request(settings: Settings) -> None:
    async def act(monitor: Monitor, client: httpx.AsyncClient) -> None:
        told = event(monitor)
        answers = [(await tell(client, [told, told])).json() for _ in range(2)]

        assert [each["recorded"] for each in answers] == [2, 0]

    run(settings, act)


def test_a_model_that_nobody_watches_becomes_an_endpoint_that_is_not_probed(
    settings: Settings,
) -> None:
    async def act(monitor: Monitor, client: httpx.AsyncClient) -> None:
        where: dict[str, Any] = {
            "endpoint": None,
            "url": "https://api.anthropic.com/v1/messages",
            "model": "claude-x",
        }
        used = {"input_tokens": 7, "output_tokens": 3, "cache_read_input_tokens": 5}
        for url in (where["url"], "https://api.anthropic.com"):
            response = await tell(
                client, event(monitor, **where | {"url": url}, usage_reported=used)
            )
            assert response.status_code == 200

        row = EndpointRow
        met = read_all(monitor, row.slug, row.flavour, row.is_probed, row.retired_ms, row.is_met)
        assert ("anthropic/claude-x", "anthropic", False, None, True) in met
        called = read_all(monitor, CallRow.input, CallRow.cache_read, CallRow.cost_state)
        assert called == [(7, 5, CostState.UNPRICED)] * 2

    run(settings, act)


def test_what_was_met_stays_when_the_monitor_starts_again(settings: Settings) -> None:
    async def act(monitor: Monitor, client: httpx.AsyncClient) -> None:
        where: dict[str, Any] = {"endpoint": None, "url": "https://llm.example/v1", "model": "ours"}
        await tell(client, event(monitor, **where))

    async def look(monitor: Monitor) -> list[Any]:
        return read_all(monitor, EndpointRow.slug, EndpointRow.retired_ms)

    run(settings, act)

    assert ("llm.example/ours", None) in asyncio.run(with_monitor(settings, look))


def test_an_error_is_read_for_its_outcome_and_kept_without_keys(settings: Settings) -> None:
    async def act(monitor: Monitor, client: httpx.AsyncClient) -> None:
        said = {"error": {"code": "insufficient_quota", "message": "quota of sk-abcdefghijkl"}}
        told = event(monitor, http_status=429, error=json.dumps(said))
        assert (await tell(client, told)).status_code == 200

        assert read_all(monitor, CallRow.outcome) == [(Outcome.QUOTA_EXHAUSTED,)]
        [(excerpt,)] = read_all(monitor, CallDetailRow.excerpt)
        assert excerpt == "quota of •••"

    run(settings, act)


def test_users_are_hashed_and_apps_have_their_newest_title(settings: Settings) -> None:
    async def act(monitor: Monitor, client: httpx.AsyncClient) -> None:
        app: dict[str, Any] = {
            "app": "https://app.example",
            "user": "alice@example.org",
            "tags": {"env": "ci"},
        }
        for title in ("Old", "New"):
            await tell(client, event(monitor, **app, app_title=title, id=title))

        with monitor.database.reading() as session:
            assert apps.titles(session) == {"https://app.example": "New"}
        (first, tags), (second, _) = read_all(monitor, CallDetailRow.user_hash, CallDetailRow.tags)
        assert (first, len(first), tags) == (second, 16, {"env": "ci"})

    run(settings, act)


def test_a_gzip_is_understood_and_a_bomb_is_not_inflated(settings: Settings) -> None:
    async def act(monitor: Monitor, client: httpx.AsyncClient) -> None:
        packed = gzip.compress(json.dumps([event(monitor)]).encode())
        bomb = gzip.compress(b" " * 100_000_000)
        cases = [(packed, "gzip", 200), (bomb, "gzip", 413), (packed[:-9], "gzip", 400)]
        cases += [(b"no gzip", "gzip", 400), (packed, "br", 415), (packed, "", 400)]
        for body, encoding, code in cases:
            headers = {"content-encoding": encoding} if encoding else {}
            response = await client.post("/v1/usage", content=body, headers=headers)
            assert response.status_code == code, response.text

    run(settings, act)


def test_what_is_too_big_or_no_json_is_refused_whole(settings: Settings) -> None:
    async def act(monitor: Monitor, client: httpx.AsyncClient) -> None:
        told = event(monitor)
        bodies = [(json.dumps([told] * 1_001), 413), (" " * (8 * 2**20 + 1), 413)]
        bodies += [
            ("[" * 100_000, 400),
            ("{", 400),
            ("", 400),
            ('{"a": 1' + "0" * 5_000 + "}", 400),
        ]
        for body, code in bodies:
            response = await client.post("/v1/usage", content=body.encode())
            assert (response.status_code, "error" in response.json()) == (code, True)
        assert read_all(monitor, func.count(CallRow.id)) == [(0,)]

    run(settings, act)


@pytest.mark.parametrize(("ago_s", "says"), [(-400, "set the sender's clock"), (1.6e9, "older")])
def test_a_call_of_the_future_or_of_before_the_ledger_is_refused(
    settings: Settings, ago_s: float, says: str
) -> None:
    async def act(monitor: Monitor, client: httpx.AsyncClient) -> None:
        with monitor.database.writing() as session:
            session.execute(text("INSERT INTO fact VALUES ('ledger_from_day', '738000')"))
        response = await tell(client, event(monitor, ago_s))

        assert (response.status_code, says in response.text) == (422, True), response.text

    run(settings, act)


def test_a_late_call_and_one_that_is_a_little_ahead_move_no_state(settings: Settings) -> None:
    async def act(monitor: Monitor, client: httpx.AsyncClient) -> None:
        for ago_s in (86_400, -30, 5):
            assert (await tell(client, event(monitor, ago_s))).status_code == 200

        assert read_all(monitor, CallRow.is_live) == [(False,), (False,), (True,)]

    run(settings, act)


def test_without_the_scope_nothing_is_written(settings: Settings) -> None:
    async def act(monitor: Monitor, client: httpx.AsyncClient) -> None:
        response = await tell(client, event(monitor))
        client.headers.pop("authorization")
        stranger = await tell(client, event(monitor))

        assert (response.status_code, stranger.status_code) == (403, 401)
        assert "'ci' has the scope read" in response.json()["error"]

    run(settings, act, Scope.READ)


@pytest.mark.parametrize(
    ("headers", "code"), [({"host": "evil.example"}, 421), ({"origin": "http://localhost"}, 403)]
)
def test_no_web_page_tells_of_calls(settings: Settings, headers: dict[str, str], code: int) -> None:
    async def act(monitor: Monitor, client: httpx.AsyncClient) -> None:
        assert (await tell(client, event(monitor), headers=headers)).status_code == code

    run(settings, act)


def test_while_the_database_refuses_the_teller_is_asked_to_come_again(settings: Settings) -> None:
    async def act(monitor: Monitor, client: httpx.AsyncClient) -> None:
        told = event(monitor, id="one")
        await tell(client, event(monitor, id="before"))
        is_over = Event()
        lent = monitor.ledger.lend(is_over.wait)
        response = await tell(client, told)
        is_over.set()
        await asyncio.wrap_future(lent)

        assert response.status_code == 503
        assert int(response.headers["retry-after"]) > 0
        assert (await tell(client, told)).json()["recorded"] == 1

    run(settings, act)


def test_the_shape_of_an_event_stands_in_the_openapi_document(settings: Settings) -> None:
    async def act(_: Monitor, client: httpx.AsyncClient) -> Any:  # noqa: ANN401 - JSON
        return (await client.get("/openapi.json")).json()

    described = run(settings, act)["paths"]["/v1/usage"]["post"]
    [event_schema, batch] = described["requestBody"]["content"]["application/json"]["schema"][
        "oneOf"
    ]
    assert "started_ms" in event_schema["properties"]
    assert batch["maxItems"] == 1_000
    assert {"200", "207", "413", "503"} <= described["responses"].keys()
