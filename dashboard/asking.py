"""Asking: the monitor of this installation, over its API on loopback, for what only it can do.

Whoever sees a page may ask: `server.Guard` lets no other site's page in. What a browser sends is
taken apart here, so that nothing else can be asked for.
"""

import asyncio
import json
from collections.abc import Callable
from http import HTTPStatus
from typing import Any, NamedTuple

#: As long as the slowest channel takes to refuse a test, and some more.
TIMEOUT_S = 75.0
_MAX_ANSWER = 65_536


class Wish(NamedTuple):
    """What is asked for, by a path of the API and the body for whom it is; what is said of it."""

    path: str
    body: Callable[[str], dict[str, Any]]
    said: Callable[[str, Any], str]


def _say_test(whom: str, answer: dict[str, Any]) -> str:
    if answer.get("is_delivered"):
        return f"Channel {whom} took the test."
    return f"Channel {whom} did not take the test: {answer.get('error')}."


WISHES = {
    "test": Wish("/v1/alerts/tests", lambda whom: {"channel": whom}, _say_test),
    "enable": Wish(
        "/v1/alerts/enablings",
        lambda whom: {"channel": whom},
        lambda whom, _: f"Channel {whom} is on: what waits for it goes out now.",
    ),
    "unsilence": Wish(
        "/v1/unsilences",
        lambda whom: {"id": int(whom), "by": "page"},
        lambda whom, _: f"Silence {whom} is over: what lasts is told.",
    ),
    "upkept": Wish(
        "/v1/maintenance/endings",
        lambda whom: {"id": int(whom), "by": "page"},
        lambda whom, _: f"Window {whom} is over: what still fails is told.",
    ),
    "resend": Wish(
        "/v1/alerts/resends",
        lambda whom: {"id": int(whom)},
        lambda whom, _: f"Message {whom} goes out again.",
    ),
}


async def ask(port: int, asked: object) -> str:
    """What came of a wish, `{"do": …, "whom": …}`, in words; it never raises."""
    match asked:
        case {"do": str(do), "whom": str(whom)} if do in WISHES:
            wish = WISHES[do]
        case _:
            return "That cannot be asked for; load the page again."
    try:
        status, answer = await _post(port, wish.path, wish.body(whom))
    except (OSError, TimeoutError, ValueError, IndexError):
        return f"No monitor answers on port {port}, and only it sends: start it, then try again."
    if status in {HTTPStatus.OK, HTTPStatus.ACCEPTED}:
        return wish.said(whom, answer)
    return f"The monitor refused: {answer.get('error') or status}."


async def _post(port: int, path: str, body: dict[str, Any]) -> tuple[int, dict[str, Any]]:
    content = json.dumps(body).encode()
    head = (
        f"POST {path} HTTP/1.1\r\nhost: 127.0.0.1:{port}\r\nconnection: close\r\n"
        f"content-type: application/json\r\ncontent-length: {len(content)}\r\n\r\n"
    )
    async with asyncio.timeout(TIMEOUT_S):
        reader, writer = await asyncio.open_connection("127.0.0.1", port, limit=_MAX_ANSWER)
        try:
            writer.write(head.encode() + content)
            answered = await reader.readuntil(b"\r\n\r\n")
            told = json.loads(await reader.read(_MAX_ANSWER))
        finally:
            writer.close()
    return int(answered.split()[1]), told if isinstance(told, dict) else {}
