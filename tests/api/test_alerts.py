"""The monitor's API of alerts, over a real monitor and a real receiver."""

import asyncio
from collections.abc import Iterator
from http import HTTPStatus
from pathlib import Path
from typing import Any

import httpx
import pytest

from monitor.api.app import create_app
from monitor.cli.monitoring import wind
from monitor.runtime.monitor import Monitor
from tests.alerting import to_hooks
from tests.monitors import make_settings, with_monitor
from tests.receiver import Answer, Receiver, run_receiver


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    with run_receiver() as running:
        yield running


def ask(folder: Path, url: str, path: str, body: object) -> tuple[int, Any]:
    """What the API answers to a POST."""

    async def post(monitor: Monitor) -> tuple[int, Any]:
        _, sources = wind(monitor)
        transport = httpx.ASGITransport(create_app(sources), client=("127.0.0.1", 1))
        async with httpx.AsyncClient(transport=transport, base_url="http://127.0.0.1") as client:
            answer = await client.post(path, json=body)
            await monitor.courier.stop(1.0)
            return answer.status_code, answer.json()

    settings = make_settings(folder, "http://127.0.0.1:1", alerts=to_hooks(url))
    return asyncio.run(with_monitor(settings, post))


def test_a_test_says_whether_the_channel_took_it(tmp_path: Path, receiver: Receiver) -> None:
    told = ask(tmp_path, receiver.url, "/v1/alerts/tests", {"channel": "hook"})

    assert told == (HTTPStatus.OK, {"is_delivered": True, "error": None})
    assert receiver.got[0].said["event"] == "alert.test"


def test_a_test_that_fails_says_why(tmp_path: Path, receiver: Receiver) -> None:
    receiver.answer = lambda _: Answer(404)
    told = ask(tmp_path, receiver.url, "/v1/alerts/tests", {"channel": "hook"})

    assert told == (HTTPStatus.OK, {"is_delivered": False, "error": "answered HTTP 404"})


def test_a_channel_is_switched_on(tmp_path: Path, receiver: Receiver) -> None:
    told = ask(tmp_path, receiver.url, "/v1/alerts/enablings", {"channel": "hook"})

    assert told == (HTTPStatus.OK, {"channel": "hook"})


@pytest.mark.parametrize(
    ("path", "body", "code"),
    [
        ("tests", {"channel": "pager"}, HTTPStatus.NOT_FOUND),
        ("tests", {"channel": ""}, HTTPStatus.UNPROCESSABLE_ENTITY),
        ("enablings", {"channel": "pager"}, HTTPStatus.NOT_FOUND),
        ("resends", {"id": 1}, HTTPStatus.NOT_FOUND),
        ("resends", {"id": 0}, HTTPStatus.UNPROCESSABLE_ENTITY),
        ("resends", {"id": 2**63}, HTTPStatus.UNPROCESSABLE_ENTITY),
    ],
)
def test_what_cannot_be_done_is_refused(
    tmp_path: Path, receiver: Receiver, path: str, body: object, code: int
) -> None:
    assert ask(tmp_path, receiver.url, f"/v1/alerts/{path}", body)[0] == code
