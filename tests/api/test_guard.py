"""Who may ask what: this machine, another one by an allowed name, strangers, and web pages."""

import asyncio
from dataclasses import replace
from pathlib import Path
from typing import Any

import httpx
import pytest

from monitor.api.app import create_app
from monitor.cli.monitoring import wind
from monitor.domain.tokens import Scope
from monitor.runtime.monitor import Monitor
from monitor.services import tokens
from monitor.settings.model import Settings
from tests.monitors import make_settings, with_monitor

HERE, THERE = "127.0.0.1", "10.0.0.9"
LAN = "watch.lan"


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    made = make_settings(tmp_path, "http://127.0.0.1:1/v1")
    return replace(made, allowed_hosts=frozenset({LAN, "fd00::5"}))


def ask(
    settings: Settings,
    path: str,
    host: str = LAN,
    *,
    client: str = THERE,
    method: str = "GET",
    scope: Scope | None = None,
    headers: dict[str, str] | None = None,
) -> tuple[int, Any]:
    """Status and body of what a monitor answers to a client, with a token of a scope if any."""

    async def use(monitor: Monitor) -> httpx.Response:
        told = {"host": host} | (headers or {})
        if scope is not None:
            with monitor.database.writing() as session:
                made = tokens.create(session, f"to {scope}", [scope], monitor.clock.now_ms())
            told["authorization"] = f"Bearer {made.reveal()}"
        transport = httpx.ASGITransport(create_app(wind(monitor)[1]), client=(client, 50_000))
        async with httpx.AsyncClient(transport=transport, base_url="http://x") as asking:
            return await asking.request(method, path, headers=told)

    answer = asyncio.run(with_monitor(settings, use))
    return answer.status_code, answer.json()


@pytest.mark.parametrize("path", ["/healthz", "/v1/status", "/v1/pauses", "/openapi.json"])
def test_this_machine_reads_without_a_token(settings: Settings, path: str) -> None:
    assert ask(settings, path, "localhost:8051", client=HERE)[0] == 200


@pytest.mark.parametrize(
    ("host", "client"),
    [
        ("evil.example", HERE),
        ("evil.example", THERE),
        (f"{LAN}.evil.example", THERE),
        ("localhost", THERE),
        ("127.0.0.1:8051", THERE),
        ("", THERE),
        ("[::1", HERE),
        ("127.0.0.1", "nobody"),
    ],
)
def test_a_name_that_is_not_allowed_is_not_answered(
    settings: Settings, host: str, client: str
) -> None:
    code, said = ask(settings, "/healthz", host, client=client)

    assert code == 421
    assert "localhost" in said["error"]


@pytest.mark.parametrize("host", [LAN, f"{LAN}:8051", "WATCH.LAN.", "[fd00::5]:8051"])
def test_an_allowed_name_is_answered_however_it_is_spelt(settings: Settings, host: str) -> None:
    assert ask(settings, "/healthz", host)[0] == 200


@pytest.mark.parametrize(
    ("scope", "code", "says"),
    [
        (None, 401, "a token is needed: send Authorization: Bearer TOKEN"),
        (Scope.INGEST, 403, "token 'to ingest' has the scope ingest, and read is needed"),
        (Scope.READ, 200, ""),
    ],
)
def test_another_machine_reads_with_the_scope_read(
    settings: Settings, scope: Scope | None, code: int, says: str
) -> None:
    answered, said = ask(settings, "/v1/status", scope=scope)

    assert (answered, says in said.get("error", "")) == (code, True)


@pytest.mark.parametrize("path", ["/v1/checks", "/v1/pauses", "/v1/restore", "/v1/reload", "/no"])
@pytest.mark.parametrize("scope", list(Scope))
def test_another_machine_changes_nothing_whatever_its_token(
    settings: Settings, path: str, scope: Scope
) -> None:
    code, said = ask(settings, path, method="POST", scope=scope)

    assert (code, "on the monitor's own machine" in said["error"]) == (403, True)


def test_a_name_from_outside_is_not_of_this_machine_though_a_proxy_on_it_asks(
    settings: Settings,
) -> None:
    assert ask(settings, "/v1/status", LAN, client=HERE)[0] == 401


def test_another_machine_tells_of_calls_with_the_scope_ingest(settings: Settings) -> None:
    refused, _ = ask(settings, "/v1/usage", method="POST", scope=Scope.READ)
    taken, said = ask(settings, "/v1/usage", method="POST", scope=Scope.INGEST)

    assert (refused, taken, said["error"]) == (403, 400, "the body is not JSON")


@pytest.mark.parametrize(
    "headers", [{"origin": f"http://{LAN}:8050"}, {"sec-fetch-site": "cross-site"}]
)
def test_no_page_in_a_browser_is_answered(settings: Settings, headers: dict[str, str]) -> None:
    remote = ask(settings, "/v1/status", scope=Scope.READ, headers=headers)
    local = ask(settings, "/v1/status", "localhost", client=HERE, headers=headers)

    assert (remote[0], local[0]) == (403, 403)


def test_a_peer_on_loopback_in_the_form_of_version_six_is_this_machine(settings: Settings) -> None:
    assert ask(settings, "/v1/status", "localhost", client="::ffff:127.0.0.1")[0] == 200
