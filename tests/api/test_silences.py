"""Silences by the monitor's API, over a real monitor."""

import asyncio
from http import HTTPStatus
from pathlib import Path
from typing import Any

import httpx
import pytest

from monitor.api.app import create_app
from monitor.cli.monitoring import wind
from monitor.runtime.monitor import Monitor
from tests.monitors import SMALL, make_settings, with_monitor

SOON = {"until": "2099-01-01T00:00:00Z"}


def ask(folder: Path, *asked: tuple[str, object]) -> list[tuple[int, Any]]:
    """What the API answers to each POST, one after the other."""

    async def post(monitor: Monitor) -> list[tuple[int, Any]]:
        _, sources = wind(monitor)
        transport = httpx.ASGITransport(create_app(sources), client=("127.0.0.1", 1))
        async with httpx.AsyncClient(transport=transport, base_url="http://127.0.0.1") as client:
            told = [await client.post(path, json=body) for path, body in asked]
            return [(each.status_code, each.json()) for each in told]

    return asyncio.run(with_monitor(make_settings(folder, "http://127.0.0.1:1"), post))


def test_silences_are_made_replaced_and_ended(tmp_path: Path) -> None:
    body = {"endpoint": SMALL, "by": "alice", "reason": "moving"} | SOON
    made, again, ended, ended_again = ask(
        tmp_path,
        ("/v1/silences", body),
        ("/v1/silences", body),
        ("/v1/unsilences", {"id": 2, "by": "bob"}),
        ("/v1/unsilences", {"id": 2, "by": "bob"}),
    )
    [told] = made[1]

    assert (made[0], told["id"], told["by"], told["reason"]) == (201, 1, "alice", "moving")
    assert told["scope"] == {"alert": None, "endpoint": SMALL, "provider": None, "kind": None}
    assert [each["id"] for each in again[1]] == [2], "of the same there is one at a time"
    assert (ended, ended_again) == ((HTTPStatus.OK, []), (HTTPStatus.OK, []))


@pytest.mark.parametrize(
    ("body", "code", "why"),
    [
        ({"by": "a"} | SOON, 422, "name one of alert, endpoint, provider, kind, all"),
        ({"by": "a", "all": True}, 422, "name one of until and until_recovered"),
        ({"by": "a", "all": True, "until": "2001-01-01T00:00:00Z"}, 422, "over already"),
        ({"by": "a", "endpoint": "acme/huge"} | SOON, 404, "endpoint acme/huge is not in the"),
        ({"by": "a", "all": True, "until_recovered": True}, 404, "no open alert is of everything"),
        ({"by": "a", "alert": 7} | SOON, 404, "no open alert is of alert 7"),
    ],
)
def test_what_cannot_be_silenced_is_refused_and_says_why(
    tmp_path: Path, body: object, code: int, why: str
) -> None:
    [(status, told)] = ask(tmp_path, ("/v1/silences", body))

    assert status == code
    assert why in str(told)


def test_a_silence_that_there_is_not_cannot_be_ended(tmp_path: Path) -> None:
    [(status, told)] = ask(tmp_path, ("/v1/unsilences", {"id": 7, "by": "a"}))

    assert (status, "no silence has the number 7" in told["error"]) == (HTTPStatus.NOT_FOUND, True)
