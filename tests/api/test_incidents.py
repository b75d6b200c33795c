"""Incidents by the monitor's API: who is at one, and what is noted of it."""

import asyncio
from pathlib import Path

import httpx
import pytest

from monitor.domain.alerts import Severity
from monitor.domain.outcomes import LocalFailure
from monitor.domain.rules import RuleName
from monitor.runtime.monitor import Monitor
from monitor.settings.model import Settings
from monitor.storage import acknowledgements, incidents
from monitor.storage.incidents import Opening
from tests.api.test_usage import run
from tests.monitors import make_settings

HOSTILE = "<img src=x onerror=alert(1)>"


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return make_settings(tmp_path, "http://127.0.0.1:1/v1")


def fail(monitor: Monitor) -> None:
    """Incident 1: our own network is away."""
    now_ms = monitor.clock.now_ms()
    lost = LocalFailure.NETWORK_LOCAL
    opening = Opening(
        None, RuleName.NETWORK, "", Severity.WARNING, now_ms, now_ms, 3, lost, call_id=1
    )
    with monitor.database.writing() as session:
        incidents.open_incident(session, opening)


def test_it_is_acknowledged_once_and_noted_in_order(settings: Settings) -> None:
    async def act(monitor: Monitor, client: httpx.AsyncClient) -> None:
        fail(monitor)
        path = "/v1/incidents/1/acknowledgements"
        body = {"by": "ada", "words": HOSTILE}
        first, second = await asyncio.gather(*(client.post(path, json=body) for _ in range(2)))
        codes = sorted((first.status_code, second.status_code))
        assert codes == [200, 201]
        assert (first.json()["by"], first.json()["words"]) == ("ada", HOSTILE)
        note = {"by": "ada", "text": "a\nb", "key": "key-of-it"}
        told = [await client.post("/v1/incidents/1/notes", json=note) for _ in range(2)]
        assert [(each.status_code, each.json()["is_new"]) for each in told] == [
            (201, True),
            (200, False),
        ]
        other = await client.post("/v1/incidents/1/notes", json=note | {"text": "c"})
        assert (other.status_code, "take another" in other.json()["error"]) == (409, True)
        with monitor.database.reading() as session:
            assert acknowledgements.of_incidents(session, [1])[1].via == "api"

    run(settings, act)


@pytest.mark.parametrize(
    ("path", "body", "code", "said"),
    [
        ("7/acknowledgements", {"by": "ada"}, 404, "no incident 7"),
        ("1/acknowledgements", {"by": " "}, 422, "a name is missing"),
        ("1/notes", {"by": "ada", "text": " "}, 422, "the text is empty"),
        ("1/post-mortems", {"by": "ada", "text": "so"}, 409, "is not over"),
    ],
)
def test_what_cannot_be_said_is_refused_with_the_reason(
    settings: Settings, path: str, body: dict[str, str], code: int, said: str
) -> None:
    async def act(monitor: Monitor, client: httpx.AsyncClient) -> None:
        fail(monitor)
        refused = await client.post(f"/v1/incidents/{path}", json=body)

        assert (refused.status_code, said in refused.json()["error"]) == (code, True)

    run(settings, act)


def test_no_web_page_and_no_other_machine_says_anything(settings: Settings) -> None:
    async def act(_: Monitor, client: httpx.AsyncClient) -> None:
        path, body = "/v1/incidents/1/acknowledgements", {"by": "ada"}
        page = await client.post(path, json=body, headers={"origin": "https://evil.example"})
        form = await client.post(path, data=body)
        name = await client.post(path, json=body, headers={"host": "watch.lan"})

        assert (page.status_code, form.status_code, name.status_code) == (403, 422, 421)

    run(settings, act)
