"""Asking: the monitor of this installation, through its API on loopback."""

import http.client
import json
from collections.abc import Collection
from http import HTTPStatus
from typing import Any

from monitor.cli.refusal import Refusal

_ALIVE_TIMEOUT_S = 1.0
_OWN_WORK_S = 30.0


def is_running(port: int) -> bool:
    """Whether a monitor answers on a port."""
    try:
        return _ask(port, "GET", "/healthz", None, _ALIVE_TIMEOUT_S)[0] == HTTPStatus.OK
    except (OSError, http.client.HTTPException, ValueError):
        return False


def list_troubles(port: int) -> list[str]:
    """Why the monitor on a port cannot be trusted now."""
    try:
        answer = _ask(port, "GET", "/readyz", None, _ALIVE_TIMEOUT_S)[1]
    except (OSError, http.client.HTTPException, ValueError):
        return [f"the monitor on port {port} broke off; look at its log"]
    return [str(reason) for reason in answer.get("reasons", [])]


def check(port: int, endpoint: str, timeout_s: float) -> dict[str, Any] | None:
    """What the monitor found by a probe now; `None` where it does not watch that endpoint."""
    expected = {HTTPStatus.CREATED, HTTPStatus.NOT_FOUND}
    answer = command(port, "/v1/checks", {"endpoint": endpoint}, expected, timeout_s + _OWN_WORK_S)
    return None if "error" in answer else answer


def reload(port: int) -> dict[str, Any]:
    """What became of the settings file, read again by the monitor. Raises Refusal."""
    return command(port, "/v1/reload", None, {HTTPStatus.OK, HTTPStatus.UNPROCESSABLE_ENTITY})


def command(
    port: int,
    path: str,
    body: object,
    expected: Collection[int] = (HTTPStatus.OK,),
    timeout_s: float = _OWN_WORK_S,
) -> dict[str, Any]:
    """What the monitor answers to a POST. Raises Refusal where it says no, or cannot be asked."""
    try:
        status, answer = _ask(port, "POST", path, body, timeout_s)
    except (OSError, http.client.HTTPException, ValueError) as error:
        how = type(error).__name__
        text = f"the monitor on port {port} broke off ({how}); run `inferwatch doctor`"
        raise Refusal(text, exit_code=1) from None
    if status not in expected:
        reason = answer.get("error") or answer.get("detail")
        raise Refusal(f"the monitor on port {port} refused ({status}): {reason}", 1)
    return answer


def _ask(
    port: int, method: str, path: str, body: object, timeout_s: float
) -> tuple[int, dict[str, Any]]:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=timeout_s)
    try:
        headers = {"content-type": "application/json"}
        connection.request(method, path, None if body is None else json.dumps(body), headers)
        response = connection.getresponse()
        answer = json.loads(response.read())
        return response.status, answer if isinstance(answer, dict) else {}
    finally:
        connection.close()
