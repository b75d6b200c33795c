"""A receiver: a real HTTP server that takes alerts, and does to them what a test tells it."""

import json
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, NamedTuple


class Got(NamedTuple):
    """A request: its headers in lower case, its body as it came, and how and where it came."""

    headers: Mapping[str, str]
    body: bytes
    method: str = "POST"
    path: str = "/"

    @property
    def said(self) -> dict[str, Any]:
        """The JSON of it."""
        found: dict[str, Any] = json.loads(self.body)
        return found


class Answer(NamedTuple):
    """What is answered; status 0 breaks off without a word, after the request was taken."""

    status: int = 204
    headers: Mapping[str, str] = {}
    body: bytes = b""


@dataclass(slots=True)
class Receiver:
    """What came, and what is answered; like a good receiver it knows a key that it took again."""

    url: str = ""
    got: list[Got] = field(default_factory=list)
    answer: Callable[[Got], Answer] = lambda _: Answer()
    news: threading.Condition = field(default_factory=threading.Condition)

    def taken(self) -> list[dict[str, Any]]:
        """Each message once, as somebody sees it who honours idempotency keys."""
        return list({each.headers["idempotency-key"]: each.said for each in self.got}.values())

    def wait(self, is_enough: Callable[[], bool], patience_s: float = 30.0) -> None:
        """Return once it is so, or fail."""
        with self.news:
            assert self.news.wait_for(is_enough, patience_s), [each.body for each in self.got]


@contextmanager
def run_receiver() -> Iterator[Receiver]:
    """A receiver on a port of its own."""
    receiver = Receiver()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            length = int(self.headers.get("content-length", 0))
            body = self.rfile.read(length)
            if len(body) < length:  # the sender died in the middle of it
                self.close_connection = True
                return
            heads = {name.lower(): value for name, value in self.headers.items()}
            got = Got(heads, body, self.command, self.path)
            with receiver.news:
                receiver.got.append(got)
                receiver.news.notify_all()
            answer = receiver.answer(got)
            if not answer.status:
                self.close_connection = True
                return
            self.send_response(answer.status)
            for name, value in answer.headers.items():
                self.send_header(name, value)
            self.send_header("content-length", str(len(answer.body)))
            self.end_headers()
            self.wfile.write(answer.body)

        do_GET = do_POST  # noqa: N815 -- so the server asks for it

        def log_message(self, *_: object) -> None:
            """Not on the screen."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    receiver.url = f"http://127.0.0.1:{server.server_port}/hooks/T0KEN-in-the-path"
    thread = threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True)
    thread.start()
    try:
        yield receiver
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
