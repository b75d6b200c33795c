"""A provider for load: streams 40 events an answer, and says in each when it sent the first token.

Raw asyncio, so that it costs little beside what is measured. The answer's model is `stamp-N`: the
microseconds, on this process's own clock, from the request's last byte to the first token's write.
"""

import asyncio
import json
import sys
from time import perf_counter

EVENTS = 40
FIRST_TOKEN_S = 0.05
STEP_S = 0.005
_HEAD = (
    b"HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\ntransfer-encoding: chunked\r\n"
    b"connection: keep-alive\r\n\r\n"
)
_MODELS = json.dumps({"object": "list", "data": [{"id": "m"}]}).encode()
_LIST = b"HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: %d\r\n\r\n%s"
_USAGE = {"prompt_tokens": 30, "completion_tokens": EVENTS}


class Connection(asyncio.Protocol):
    """One keep-alive connection, one request at a time."""

    def __init__(self) -> None:
        self._received = bytearray()
        self._answering: asyncio.Task[None] | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport

    def data_received(self, data: bytes) -> None:
        self._received += data
        head, separator, rest = self._received.partition(b"\r\n\r\n")
        if not separator or len(rest) < _length(head):
            return
        asked_s, self._received = perf_counter(), bytearray()
        if head.startswith(b"GET"):
            self._transport.write(_LIST % (len(_MODELS), _MODELS))
        else:
            self._answering = asyncio.ensure_future(self._answer(bytes(rest), asked_s))

    async def _answer(self, body: bytes, asked_s: float) -> None:
        word = json.loads(body)["messages"][0]["content"].split()[-1]
        self._transport.write(_HEAD)
        await asyncio.sleep(FIRST_TOKEN_S)
        stamp_us = round((perf_counter() - asked_s) * 1_000_000)
        self._send({"model": f"stamp-{stamp_us}", **_said(word)})
        for _ in range(EVENTS - 3):
            await asyncio.sleep(STEP_S)
            self._send(_said(" ."))
        self._send({"choices": [{"delta": {}, "finish_reason": "stop"}]})
        self._send({"choices": [], "usage": _USAGE})
        self._write(b"data: [DONE]\n\n")
        self._transport.write(b"0\r\n\r\n")

    def _send(self, chunk: object) -> None:
        self._write(b"data: " + json.dumps(chunk).encode() + b"\n\n")

    def _write(self, event: bytes) -> None:
        self._transport.write(b"%x\r\n%s\r\n" % (len(event), event))


def _said(text: str) -> dict[str, object]:
    return {"choices": [{"index": 0, "delta": {"content": text}}]}


def _length(head: bytearray) -> int:
    for line in head.split(b"\r\n"):
        name, _, value = line.partition(b":")
        if name.lower() == b"content-length":
            return int(value)
    return 0


async def main(port: int) -> None:
    """Serve until killed."""
    server = await asyncio.get_running_loop().create_server(Connection, "127.0.0.1", port)
    await server.serve_forever()


if __name__ == "__main__":
    asyncio.run(main(int(sys.argv[1])))
