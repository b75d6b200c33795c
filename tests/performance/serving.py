"""Serving: processes that answer over HTTP on loopback, started as a user would start them."""

import http.client
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

_TIMEOUT_S = 120.0
_ROOT = Path(__file__).parents[2]


@contextmanager
def run(settings: Path | None, *words: str) -> Iterator[subprocess.Popen[bytes]]:
    """`python WORDS…` as a process; told to end, and waited for, at the end."""
    known = {} if settings is None else {"INFERWATCH_SETTINGS": str(settings)}
    process = subprocess.Popen(
        [sys.executable, *words],
        env={**os.environ, **known},
        cwd=_ROOT,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        yield process
    finally:
        process.send_signal(signal.SIGTERM)
        process.wait(_TIMEOUT_S)


def wait_for_page(port: int, process: subprocess.Popen[bytes]) -> None:
    """Return once Dash's first page is answered: the document, and what is drawn into it.

    Raises RuntimeError where the process ended, or nothing came in two minutes.
    """
    until_s = time.monotonic() + _TIMEOUT_S
    while not (_is_answered(port, "/") and _is_answered(port, "/_dash-layout")):
        if process.poll() is not None or time.monotonic() > until_s:
            raise RuntimeError(f"no page came on port {port}; try by hand: {process.args!r}")
        time.sleep(0.02)


def _is_answered(port: int, path: str) -> bool:
    asked = http.client.HTTPConnection("127.0.0.1", port, timeout=_TIMEOUT_S)
    try:
        # Dash's layout is of the page that asks for it.
        asked.request("GET", path, headers={"Referer": f"http://127.0.0.1:{port}/"})
        answer = asked.getresponse()
        return answer.status == http.HTTPStatus.OK and bool(answer.read())
    except (OSError, http.client.HTTPException):
        return False
    finally:
        asked.close()
