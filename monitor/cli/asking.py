"""Asking: the monitor of this installation, through its API on loopback."""

import http.client
import json
from collections.abc import Collection
from http import HTTPStatus
from typing import Any

from monitor.cli.refusal import Refusal
from monitor.domain.pauses import Scope

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
    return [str(reason) for reason in _field(answer, "reasons") or []]


def check(port: int, endpoint: str, timeout_s: float) -> dict[str, Any] | None:
    """What the monitor found by a probe now; `None` where it does not watch that endpoint."""
    expected = {HTTPStatus.CREATED, HTTPStatus.NOT_FOUND}
    answer = command(port, "/v1/checks", {"endpoint": endpoint}, expected, timeout_s + _OWN_WORK_S)
    return None if "error" in answer else answer


def list_paused(port: int) -> list[Scope]:
    """What is paused. Raises Refusal."""
    try:
        found: Any = _ask(port, "GET", "/v1/pauses", None, _ALIVE_TIMEOUT_S)[1]
    except (OSError, http.client.HTTPException, ValueError) as error:
        raise _broke_off(port, error) from None
    return [Scope(**each["scope"]) for each in found]


def reload(port: int) -> dict[str, Any]:
    """What became of the settings file, read again by the monitor. Raises Refusal."""
    expected = {HTTPStatus.OK, HTTPStatus.UNPROCESSABLE_ENTITY}
    found: dict[str, Any] = command(port, "/v1/reload", None, expected)
    return found


def command(
    port: int,
    path: str,
    body: object,
    expected: Collection[int] = (HTTPStatus.OK,),
    timeout_s: float = _OWN_WORK_S,
) -> Any:  # noqa: ANN401 -- JSON
    """What the monitor answers to a POST. Raises Refusal where it says no, or cannot be asked."""
    try:
        status, answer = _ask(port, "POST", path, body, timeout_s)
    except (OSError, http.client.HTTPException, ValueError) as error:
        raise _broke_off(port, error) from None
    if status not in expected:
        reason = _field(answer, "error") or _field(answer, "detail")
        raise Refusal(f"the monitor on port {port} refused ({status}): {reason}", 1)
    return answer


def _field(answer: Any, name: str) -> Any:  # noqa: ANN401 -- JSON of whoever has the port
    return answer.get(name) if isinstance(answer, dict) else None


def _broke_off(port: int, error: Exception) -> Refusal:
    how = type(error).__name__
    text = f"the monitor on port {port} broke off ({how}); run `inferwatch doctor`"
    return Refusal(text, exit_code=1)


def _ask(port: int, method: str, path: str, body: object, timeout_s: float) -> tuple[int, Any]:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=timeout_s)
    try:
        headers = {"content-type": "application/json"}
        connection.request(method, path, None if body is None else json.dumps(body), headers)
        response = connection.getresponse()
        return response.status, json.loads(response.read())
    finally:
        connection.close()
