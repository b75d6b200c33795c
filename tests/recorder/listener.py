"""A listener: takes what recorders tell, on a socket of its own, and answers as it is told to."""

import gzip
import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any


class Listener:
    """What was told so far. `statuses` are for the next requests, 200 for those after them."""

    def __init__(self) -> None:
        self.url = ""
        self.forget()

    def forget(self) -> None:
        self.batches: list[list[dict[str, Any]]] = []
        self.tokens: set[str | None] = set()
        self.paths: set[str] = set()
        self.statuses: list[int] = []
        self.headers: dict[str, str] = {}

    @property
    def events(self) -> list[dict[str, Any]]:
        return [event for batch in self.batches for event in batch]


@contextmanager
def listen(port: int = 0) -> Iterator[Listener]:
    """Listens while the block runs (port 0: any free one)."""
    listener = Listener()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            listener.paths.add(self.path)
            listener.tokens.add(self.headers["Authorization"])
            status = listener.statuses.pop(0) if listener.statuses else 200
            if status == 200:
                listener.batches.append(json.loads(gzip.decompress(body)))
            self.send_response(status)
            for name, value in listener.headers.items():
                self.send_header(name, value)
            self.send_header("Content-Length", "2")
            self.end_headers()
            self.wfile.write(b"{}")

        def log_message(self, *_: object) -> None:
            pass

    with ThreadingHTTPServer(("127.0.0.1", port), Handler) as server:
        listener.url = f"http://127.0.0.1:{server.server_port}"
        thread = threading.Thread(target=server.serve_forever, args=(0.01,))
        thread.start()
        try:
            yield listener
        finally:
            server.shutdown()
            thread.join()
