"""A key goes through a whole installation, to providers that say it back in every way they can.

It may be in the environment and on the wire to its provider, and nowhere else.
"""

import json
import shutil
import sqlite3
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from http.client import HTTPConnection
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from typing import Any

import pytest

from monitor.domain.secrets import MASK
from monitor.runtime.monitor import SPOOL_NAME
from tests.reliability.installation import Installation, run_installation

pytestmark = [pytest.mark.slow, pytest.mark.timeout(300)]

#: No pattern of keys knows it: only the exact value does.
CANARY = "Zebra-quartz-Canary-77"
VARIABLE = "INFERWATCH_TEST_CANARY"
#: Half of it is too much.
TRACES = ("zebra-quartz", "quartz-canary")
PROVIDERS = ("refusing", "failing", "talking", "complaining", "serving-html", "babbling")
SETTINGS = "zone: UTC\nproviders:\n" + "".join(
    f"  {name}:\n    base_url: {{root}}/{name}/v1\n    key: ${{{{{VARIABLE}}}}}\n"
    "    models: [{{name: m, interval: 1h, price: 0}}]\n"
    for name in PROVIDERS
)


def say(key: str) -> list[dict[str, Any]]:
    """The chunks of an answer that is full of the key."""
    usage = {"prompt_tokens": 3, "completion_tokens": 2, key: 1, "note": "x" * 90 + key}
    return [
        {"id": key, "model": key, "choices": [{"index": 0, "delta": {"content": f"Your {key}"}}]},
        {"id": key, "choices": [{"index": 0, "delta": {}, "finish_reason": key}]},
        {"id": key, "choices": [], "usage": usage},
    ]


class Echo(BaseHTTPRequestHandler):
    """Providers by the first part of the path; each says the key back in its own way."""

    protocol_version = "HTTP/1.1"
    heard: list[str]

    def do_GET(self) -> None:
        key = self._read_key()
        self._send(200, json.dumps({"object": "list", "data": [{"id": key}]}), key)

    def do_POST(self) -> None:
        self.rfile.read(int(self.headers["content-length"]))
        key, provider = self._read_key(), self.path.split("/")[1]
        error = {"message": f"no, {key}", "type": key, "code": f"{'x' * 70}{key}"}
        events = "".join(f"data: {json.dumps(chunk)}\n\n" for chunk in say(key))
        match provider:
            case "refusing":
                self._send(401, json.dumps({"error": error}), key)
            case "failing":
                self._send(500, f"{'y' * 290}{key} Authorization: Bearer {key}", key)
            case "talking":
                self._send(200, f"{events}data: [DONE]\n\n", key, "text/event-stream")
            case "complaining":
                self._send(200, f"data: {json.dumps({'error': error})}\n\n", key)
            case "serving-html":
                self._send(200, f"<html>{key}</html>", key, "text/html")
            case _:
                self._send(200, key, key, encoding=key)

    def _read_key(self) -> str:
        authorization = self.headers["authorization"]
        self.heard.append(authorization)
        return authorization.removeprefix("Bearer ")

    def _send(
        self,
        status: int,
        body: str,
        key: str,
        content_type: str = "application/json",
        encoding: str | None = None,
    ) -> None:
        self.send_response(status, f"No {key}")
        self.send_header("content-type", content_type)
        self.send_header("content-length", str(len(body.encode())))
        self.send_header("x-request-id", f"req-{key}")
        self.send_header("retry-after", key)
        if encoding is not None:
            self.send_header("content-encoding", encoding)
        self.end_headers()
        self.wfile.write(body.encode())

    def log_message(self, *_: object) -> None:
        pass


@contextmanager
def run_echo() -> Iterator[tuple[str, list[str]]]:
    """Where it answers, and the authorizations that it heard."""
    heard: list[str] = []
    with ThreadingHTTPServer(("127.0.0.1", 0), type("Heard", (Echo,), {"heard": heard})) as server:
        thread = Thread(target=server.serve_forever)
        thread.start()
        yield f"http://127.0.0.1:{server.server_address[1]}", heard
        server.shutdown()
        thread.join()


@dataclass(slots=True)
class Seen:
    """All that an installation let out, by where it was."""

    heard: list[str]
    texts: dict[str, bytes] = field(default_factory=dict)

    def keep_files(self, when: str, folder: Path) -> None:
        for path in folder.iterdir():
            self.texts[f"{path.name} {when}"] = path.read_bytes()


def fetch(port: int, method: str, path: str, body: object = None, **headers: str) -> bytes:
    with closing(HTTPConnection("127.0.0.1", port, timeout=60)) as connection:
        text = None if body is None else json.dumps(body)
        connection.request(method, path, text, {"content-type": "application/json", **headers})
        response = connection.getresponse()
        return str(response.getheaders()).encode() + response.read()


def ask_everything(installation: Installation, seen: Seen) -> None:
    """Every answer of the monitor, every page, every command."""
    port = installation.monitor_port
    for name in PROVIDERS:
        check = fetch(port, "POST", "/v1/checks", {"endpoint": f"{name}/m"})
        seen.texts[f"check of {name}"] = check
    for path in ("/v1/status", "/readyz", "/healthz"):
        seen.texts[path] = fetch(port, "GET", path)
    ids = [call.line.id for call in installation.list_calls()]
    pages = ["/", "/models", "/calls", *(f"/calls/{number}" for number in ids)]
    for page in pages:
        referer = f"{installation.dashboard_url}{page}"
        drawn = fetch(installation.dashboard_port, "GET", "/_dash-layout", Referer=referer)
        seen.texts[f"page {page}"] = drawn
    commands = "status", "status --json", "check", "check --json", "doctor"

    def run(words: str) -> None:
        told = installation.run(*words.split())
        seen.texts[words] = (told.stdout + told.stderr).encode()

    with ThreadPoolExecutor(2) as threads:
        list(threads.map(run, commands))


def spool_a_call(installation: Installation, seen: Seen) -> None:
    """Another program holds the database, so that a call goes to the spool."""
    database = installation.folder / "inferwatch.db"
    with closing(sqlite3.connect(database, isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        fetch(installation.monitor_port, "POST", "/v1/checks", {"endpoint": "failing/m"})
        shutil.copy(installation.folder / SPOOL_NAME, installation.folder / "kept.spool")
    seen.keep_files("while it runs", installation.folder)


@pytest.fixture(scope="module")
def seen(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Seen]:
    with pytest.MonkeyPatch.context() as patch, run_echo() as (root, heard):
        patch.setenv(VARIABLE, CANARY)
        seen = Seen(heard)
        settings = SETTINGS.format(root=root)
        with run_installation(tmp_path_factory.mktemp("home"), settings) as installation:
            ask_everything(installation, seen)
            spool_a_call(installation, seen)
        seen.keep_files("afterwards", installation.folder)
        yield seen


def test_the_key_is_nowhere_but_on_the_wire(seen: Seen) -> None:
    found = [
        (where, trace)
        for where, text in seen.texts.items()
        for trace in TRACES
        if trace in text.decode("utf-8", "replace").lower()
    ]

    assert set(seen.heard) == {f"Bearer {CANARY}"}
    assert found == []


@pytest.mark.parametrize(
    "where",
    [
        *(f"check of {name}" for name in PROVIDERS),
        "inferwatch.db afterwards",
        "kept.spool while it runs",
        "check --json",
        "check",
    ],
)
def test_what_was_said_with_the_key_is_there_without_it(seen: Seen, where: str) -> None:
    mask_in_json = json.dumps(MASK).strip('"')
    text = seen.texts[where].decode("utf-8", "replace")

    assert MASK in text or mask_in_json in text.replace("\\\\", "\\")


def test_pages_were_drawn_from_those_calls(seen: Seen) -> None:
    drawn = [text for where, text in seen.texts.items() if where.startswith("page /calls/")]

    assert len(drawn) >= len(PROVIDERS)
    assert [text for text in drawn if b"req-" not in text] == []
